"""The way of one scan, from accepted bytes to papers in the kho and a dossier's checks (DESIGN "How a scan travels").

Everything slow happens before the transaction; the transaction writes all or nothing. Running it twice changes
nothing: objects are kept by their hash, papers are filed by intake and pages, and only the worker that still holds
the lease may finish.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.classify import Model, understand
from services.classify.model import OwnerName, Piece
from services.coverage import recheck_paper
from services.errors import InputError, LimitError, SohoaError
from services.limits import Limits
from services.ocr import read_file, write_archive_copy
from services.ocr.errors import BlankScan
from services.ocr.model import Reading
from services.ocr.wire import keep_reading
from services.storage import Kho
from services.storage.model import Actor, Intake, IntakeState
from workers.mapping import paper_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work on one intake ended. ``filed`` and ``asked`` count its papers."""

    intake_id: str
    state: IntakeState
    filed: int = 0
    asked: int = 0
    error: SohoaError | None = None


def process(kho: Kho, intake: Intake, *, model: Model | None, limits: Limits, jobs: int = 1) -> Outcome:
    """Take one leased intake through the whole way. A file that cannot be used ends refused, with its reason.

    ``model`` names papers (None: rules alone); ``jobs`` pages are read at a time.

    Raises ``ServiceError`` when a store is down and ``ConflictError`` when the lease was lost: the row then goes back
    in line by itself.
    """
    try:
        with kho.fetch(intake.sha256) as original:
            reading = read_file(original, limits=limits, jobs=jobs)
            pieces = understand(reading, model=model, dossier_owner=_hint(kho, intake))
            if not pieces:
                raise BlankScan(intake.file_name)
            archive = _archive_copy(kho, original, reading, limits)
        kept = kho.keep(keep_reading(reading))
    except (InputError, LimitError) as refusal:
        return _refuse(kho, intake, refusal)
    return _file(kho, intake, reading, pieces, kept, archive)


def _file(
    kho: Kho, intake: Intake, reading: Reading, pieces: tuple[Piece, ...], kept: str, archive: str | None
) -> Outcome:
    """Sure papers into the kho, the others to a person, the dossier's checks and the row's end: one transaction."""
    actor = Actor(name=intake.lease_owner or "worker", unit=intake.unit, role="system")
    filed = asked = 0
    with kho.begin() as tx:
        for piece in pieces:
            paper = paper_of(piece, reading, archive)
            if piece.needs_review:
                kho.ask_person(tx, intake, paper, piece.reason or "unsure")
                asked += 1
            else:
                done = kho.file_paper(tx, intake, paper, actor=actor)
                for touched in (done.paper_id, *done.superseded):
                    recheck_paper(tx, touched)
                filed += 1
        state = IntakeState.REVIEW if asked else IntakeState.FILED
        kho.finish(tx, intake, state, reading_sha256=kept)
    return Outcome(intake.id, state, filed, asked)


def _refuse(kho: Kho, intake: Intake, refusal: SohoaError) -> Outcome:
    log.info("intake %s refused: %s", intake.id, refusal.code)
    with kho.begin() as tx:
        kho.finish(tx, intake, IntakeState.REFUSED, error=refusal)
    return Outcome(intake.id, IntakeState.REFUSED, error=refusal)


def _hint(kho: Kho, intake: Intake) -> OwnerName | None:
    """Whose dossier it is: helps to tell the owner's name on a paper from the other names there."""
    owner = kho.dossier_owner(intake.dossier_code) if intake.dossier_code else None
    if owner is None:
        return None
    birth = owner.birth_date.isoformat() if owner.birth_date else None
    return OwnerName(name=owner.name, identifier=owner.identifier, birth_date=birth, confidence=1.0)


def _archive_copy(kho: Kho, original: Path, reading: Reading, limits: Limits) -> str | None:
    """The searchable copy's hash. A scan that cannot be copied is still filed: the original is what counts."""
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        copy = Path(folder) / "copy.pdf"
        try:
            write_archive_copy(original, reading, copy, limits=limits)
        except (InputError, LimitError) as error:
            log.warning("no archive copy: %s", error)
            return None
        return kho.keep(copy.read_bytes())
