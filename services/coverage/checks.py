"""What is wrong with one dossier, what to do about it, and what it costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.coverage import counting, figures, metrics
from services.coverage.config import CheckSpec, Rules, load
from services.coverage.metrics import CHECK_CODES, Figures
from services.coverage.tables import BIT, DossierCheckRow
from services.errors import InputError
from services.storage.records.tables import ComponentRow, DossierRow, PaperOwnerRow, PaperRow


class UnknownDossier(InputError):
    code = "unknown-dossier"
    http_status = 404
    vi = "Không có hồ sơ này; hãy kiểm tra mã hồ sơ."
    en = "No such dossier; check its code."


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one dossier. ``vi``/``en`` say what to do; ``points`` is what mending it would add to the unit's
    score over the month of reception (0 when passed, ``None`` when the dossier is not counted).
    """

    code: str
    id: str
    title: str
    passed: bool
    vi: str
    en: str
    loses: tuple[str, ...]
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of a dossier. ``nothing_to_reuse``: nothing was reused, and the kho held nothing to reuse."""

    dossier_code: str
    unit: str
    received_on: dt.date | None
    digitized: bool
    nothing_to_reuse: bool
    checks: tuple[Check, ...]

    @property
    def failing(self) -> tuple[Check, ...]:
        return tuple(c for c in self.checks if not c.passed)


def failing_in(flags: int) -> tuple[str, ...]:
    """Codes of the checks that fail, in order."""
    return tuple(code for code in CHECK_CODES if flags & BIT[code.lower()])


def recheck(tx: Session, dossier: str | Sequence[int], rules: Rules | None = None) -> Checks | None:
    """Judges dossiers again and moves the counts, in the caller's transaction. Give a code to get its checks back, or
    ids for many at once. Raises ``UnknownDossier`` for a code that is not there.
    """
    if not isinstance(dossier, str):
        counting.recount_ids(tx, dossier, rules)
        return None
    tx.flush()
    id_ = tx.scalar(select(DossierRow.id).where(DossierRow.code == dossier))
    if id_ is None:
        raise UnknownDossier(dossier)
    counting.recount_ids(tx, [id_], rules)
    return explain(tx, dossier, rules)


def recheck_paper(tx: Session, paper_id: int, rules: Rules | None = None) -> int:
    """Judges again every dossier that a paper bears on: those it stands in, and those of its owners (C5). Call it
    after a paper is filed, replaced or revoked. Returns how many.
    """
    tx.flush()
    paper = tx.get(PaperRow, paper_id)
    if paper is None:
        return 0
    ids = set(tx.scalars(select(ComponentRow.dossier_id).where(ComponentRow.paper_id == paper_id)))
    owners = tx.scalars(select(PaperOwnerRow.owner_id).where(PaperOwnerRow.paper_id == paper_id)).all()
    theirs = select(DossierRow.id).where(DossierRow.owner_id.in_(owners))
    if paper.validity != "BI_THU_HOI" and paper.signature != "invalid":
        # The kho cannot have held it before it was filed; an owner's older dossiers, which can be thousands, stand.
        theirs = theirs.where(DossierRow.received_on >= paper.filed_at.date())
    ids.update(tx.scalars(theirs))
    counting.recount_ids(tx, list(ids), rules)
    return len(ids)


def explain(tx: Session, dossier_code: str, rules: Rules | None = None, *, profile: str = "default") -> Checks:
    """The checks of a dossier as they were last judged. Raises ``UnknownDossier``."""
    rules = rules or load()
    found = tx.execute(
        select(DossierRow.code, DossierRow.status, DossierCheckRow)
        .join(DossierCheckRow, DossierCheckRow.dossier_id == DossierRow.id)
        .where(DossierRow.code == dossier_code)
    ).one_or_none()
    if found is None:
        raise UnknownDossier(dossier_code)
    code, status, row = found
    month = _month_of(tx, row)
    return Checks(
        dossier_code=code,
        unit=row.unit,
        received_on=row.day,
        digitized=bool(row.flags & BIT["i42"]),
        nothing_to_reuse=bool(row.flags & BIT["c5_nothing"]),
        checks=tuple(_check(c, code, status, row, rules, profile, month) for c in CHECK_CODES),
    )


def sentences(spec: CheckSpec, dossier_code: str, status: int) -> tuple[str, str]:
    """What to do, in Vietnamese and English."""
    paper = next((p.name for p in spec.papers if p.status == status), "văn bản")
    return spec.vi.format(code=dossier_code, paper=paper), spec.en.format(code=dossier_code, paper=paper)


def _check(
    code: str, dossier: str, status: int, row: DossierCheckRow, rules: Rules, profile: str, month: Figures | None
) -> Check:
    spec = rules.checks.checks[code]  # type: ignore[index]  # the codes come from CHECK_CODES
    passed = not row.flags & BIT[code.lower()]
    points: Decimal | None = None
    if month is not None:
        own = dict.fromkeys(counting.names_in(row.flags), 1)
        reading = rules.profiles.profiles[profile]
        gained = metrics.gain(month, code, rules.profiles, reading, only=own)
        points = Decimal(0) if passed else round(Decimal(gained.numerator) / gained.denominator, 4)
    vi, en = sentences(spec, dossier, status)
    return Check(code, spec.id, spec.title, passed, vi, en, spec.loses, points)


def _month_of(tx: Session, row: DossierCheckRow) -> Figures | None:
    """The unit's figures over the month in which the dossier was received."""
    if row.day is None:
        return None
    return figures.of_month(tx, row.unit, row.day.replace(day=1))
