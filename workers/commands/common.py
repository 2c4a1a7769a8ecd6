"""What every sub-command needs: where to print, how to refuse, whose settings, who acts.

Results go to standard output; logs, progress bars and refusals to standard error.
"""

from __future__ import annotations

import functools
import getpass
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer

from services.errors import SohoaError, UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from services.settings import Settings
    from services.storage import Kho
    from services.storage.model import Actor

P = ParamSpec("P")
R = TypeVar("R")

INTERRUPTED = 130
_PIPED_WIDTH = 140  # columns of a table that goes to a file or a pipe
SOME_REFUSED = 1  # exit status: the command ran to its end, some inputs were refused

JsonLines = Annotated[bool, typer.Option("--jsonl", help="One JSON object a file on standard output.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
UnitOption = Annotated[str, typer.Option("--unit", "-u", help="Code of the unit that acts.", show_default=False)]

log = logging.getLogger("sohoa")


def refusals(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose ``SohoaError`` becomes its sentence on standard error and its own exit status."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SohoaError as error:
            log.debug("refused", exc_info=error)
            say(f"{error.code}: {error.message}" + (f" ({error.detail})" if error.detail else ""))
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt:
            say("Đã dừng; chạy lại lệnh này để làm tiếp. / Stopped; run the same command again to go on.")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader of our output went away (``sohoa … | head``)
            sys.stderr.close()
            raise typer.Exit(0) from None
        except OSError as error:  # a folder that is none, a disk that is full
            log.debug("refused", exc_info=error)
            say(str(error))
            raise typer.Exit(UsageError.exit_code) from error

    return guarded


def say(text: str) -> None:
    """One line for the person, on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """One line of result, on standard output."""
    sys.stdout.write(text + "\n")


def put_json(form: Mapping[str, Any] | list[Any], *, indent: int | None = None) -> None:
    """One JSON value on standard output, flushed, so that a reader down the pipe sees each line at once."""
    put(json.dumps(form, ensure_ascii=False, indent=indent, default=str))
    sys.stdout.flush()


def error_json(error: SohoaError | None) -> dict[str, str] | None:
    """``null`` or ``{code, message}``, as every JSON form of ours says it."""
    return None if error is None else {"code": error.code, "message": error.message}


def read_settings(**changes: Any) -> Settings:
    """Settings from the environment and ``.env``, with ``changes`` above them. Raises ``UsageError``."""
    from pydantic import ValidationError

    from services.settings import Settings

    try:
        return Settings(**changes)
    except ValidationError as error:
        wrong = "; ".join(f"SOHOA_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise UsageError(wrong) from error


@contextmanager
def opened_kho(settings: Settings) -> Iterator[Kho]:
    """The kho of these settings with the units and procedures of the rule files, closed at the end."""
    from services.coverage import seed
    from services.storage import Kho

    kho = Kho.open(settings)
    with kho.begin() as tx:
        seed(tx)
    try:
        yield kho
    finally:
        kho.close()


def acting(unit: str, role: str) -> Actor:
    """The person at this machine, as the audit log will name them."""
    from services.storage.model import Actor

    return Actor(name=f"cli:{getpass.getuser()}", unit=unit, role=role)


def console() -> Console:
    """Rich output for people: tables on standard output, plain when it is not a terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def progress() -> Progress:
    """A progress bar on standard error that shows itself only when a person watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    watcher = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}"),
        console=watcher,
        disable=not watcher.is_terminal,
        transient=True,
    )


def set_up_logging(verbose: int) -> None:
    """Logs on standard error: warnings, with ``-v`` what is done, with ``-vv`` everything."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(max(level, logging.WARNING))  # tells of every plugin at every start
