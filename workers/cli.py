"""``sohoa``: the command line. Results on standard output, everything else on standard error.

Exit status: 0 done, 1 done but some inputs were refused, 2 wrong use or a part of the service is missing.
"""

from __future__ import annotations

from typing import Annotated

import typer

from workers.commands import accounts, counting, ingest, keeping, machine, reading, running
from workers.commands.common import set_up_logging

app = typer.Typer(
    name="sohoa",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def sohoa(
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Log what is done; -vv everything.")] = 0,
) -> None:
    """Số hoá: digitizes administrative dossiers: reads, names, files and reuses papers, counts coverage."""
    set_up_logging(verbose)


for room in (reading, ingest, counting, keeping, accounts, running, machine):
    room.register(app)


def main() -> None:
    """The ``sohoa`` command."""
    app()


if __name__ == "__main__":
    main()
