"""A paper into the kho and onto its dossier, or before a person; by the rules in ``filing.toml``."""
