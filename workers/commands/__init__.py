"""The sub-commands of ``sohoa``. Each module imports what is heavy inside its functions, so that help stays quick."""
