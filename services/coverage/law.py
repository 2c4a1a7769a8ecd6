"""The law of the checks, said once: each flag of a dossier as one SQL expression over its facts.

``facts`` gathers what is known of dossiers (register columns, our component rows, the procedure, what the kho held);
``flags_of`` is the law over them; ``checked`` packs its answers into the bit set of ``tables.FLAGS``. One dossier, an
import of 200 000 and a rebuild of ten million all evaluate these same expressions. DOMAIN §1.4 (checks), §6.2
(indicators). Choices of ours, where the sources are silent:

- A check passes when either the register or our own component rows show the paper.
- A dossier's procedure or owner kind may be unknown: then the result is a paper, and the owner is a person if the
  procedure is for citizens.
- A refusal, stop or withdrawal paper is the outcome of its dossier, so it stands for the result file in 4.1 and 4.2
  (§13.8).
- A register that does not say whether an online dossier is complete is believed when it shows at least as many files as
  there are required components; fewer files cannot be complete.
- The kho "held" a paper at reception when it was filed before that day, in force on it, and not replaced before it. A
  paper revoked since counts as not held: the day of revoking is not ours to know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    cast,
    distinct,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from services.coverage.config import StatusPaper
from services.coverage.tables import BIT, FLAGS, ProcedureAcceptsRow
from services.storage.filing.paper import ORIGINALS
from services.storage.filing.rules import load_rules
from services.storage.records.tables import (
    ComponentRow,
    DossierRow,
    OwnerRow,
    PaperOwnerRow,
    PaperRow,
    ProcedureComponentRow,
    ProcedureRow,
)

Bool = ColumnElement[bool]
Scope = Callable[[Any], Bool]
"""Which dossiers: given a column of dossier ids, the condition that picks them."""
StopPapers = tuple[StatusPaper, ...]
"""By status 3, 7, 8: the catalogue codes of papers that satisfy C4."""

RESOLVED = (9, 10)
VALID_SIGNATURE = "valid"


def everything(_: Any) -> Bool:
    return true()


def _sum(condition: Bool) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _papers_by_dossier(scope: Scope, stop_papers: StopPapers) -> Subquery:
    """Our own component rows, one line a dossier."""
    role = ComponentRow.role

    def paper_for(status: int) -> Bool:
        accepted = [code for p in stop_papers if p.status == status for code in p.accepts]
        return ComponentRow.type_code.in_(accepted) if accepted else false()

    return (
        select(
            ComponentRow.dossier_id,
            _sum(role == "THANH_PHAN").label("components"),
            _sum(role == "KET_QUA").label("results"),
            _sum(and_(role == "KET_QUA", PaperRow.signature == VALID_SIGNATURE)).label("signed"),
            _sum(ComponentRow.reused.in_((1, 2))).label("reused"),
            _sum(ComponentRow.from_store.is_(True)).label("from_store"),
            _sum(paper_for(3)).label("stop3"),
            _sum(paper_for(7)).label("stop7"),
            _sum(paper_for(8)).label("stop8"),
        )
        .join(PaperRow, PaperRow.id == ComponentRow.paper_id)
        .where(ComponentRow.deleted.is_(False), scope(ComponentRow.dossier_id))
        .group_by(ComponentRow.dossier_id)
        .subquery("ours")
    )


def _required_by_procedure() -> Subquery:
    return (
        select(ProcedureComponentRow.procedure, func.count().label("required"))
        .where(ProcedureComponentRow.required.is_(True))
        .group_by(ProcedureComponentRow.procedure)
        .subquery("need")
    )


def _required_shown(scope: Scope) -> Subquery:
    """How many of the required components our own rows show, one line a dossier."""
    accepts = ProcedureAcceptsRow
    return (
        select(ComponentRow.dossier_id, func.count(distinct(accepts.component)).label("shown"))
        .join(DossierRow, DossierRow.id == ComponentRow.dossier_id)
        .join(
            accepts,
            and_(
                accepts.procedure == DossierRow.procedure,
                accepts.required.is_(True),
                or_(
                    accepts.component == ComponentRow.component_code,
                    and_(ComponentRow.component_code.is_(None), accepts.type_code == ComponentRow.type_code),
                ),
            ),
        )
        .where(ComponentRow.deleted.is_(False), ComponentRow.role == "THANH_PHAN", scope(ComponentRow.dossier_id))
        .group_by(ComponentRow.dossier_id)
        .subquery("have")
    )


def _held_at_reception(scope: Scope, dialect: str) -> Subquery:
    """Dossiers for whose owner the kho held a paper that the procedure asks for, filed before the day of reception and
    reusable on it: ``services.storage.reuse.predicate.judge`` as a condition on rows (a test holds the two together). A
    procedure that wants a type fresher than usual is left out: no fault without certainty.
    """
    accepts, newer, filing = ProcedureAcceptsRow, aliased(PaperRow), load_rules()
    owned = select(DossierRow.id, DossierRow.owner_id, DossierRow.procedure, DossierRow.received_on).where(
        scope(DossierRow.id), DossierRow.owner_id.is_not(None)
    )
    # PostgreSQL would rather start from every owner's dossiers than from the few asked for
    d = (owned if scope is everything else _fenced(owned, dialect)).subquery("owned").c
    received, morning = d.received_on, _vietnam_morning(dialect)(d.received_on)
    never = sorted(code for code, rule in filing.type.items() if rule.validity == "dossier" or rule.shown or rule.bound)
    fresher = [
        and_(accepts.procedure == procedure, accepts.type_code.in_(sorted(types)))
        for procedure, types in sorted(filing.procedure.items())
    ]
    signed = PaperRow.signature == "valid" if filing.signature.policy == "required" else PaperRow.signature != "invalid"
    return (
        select(d.id.label("dossier_id"))
        .distinct()
        .join(OwnerRow, OwnerRow.id == d.owner_id)
        .join(PaperOwnerRow, PaperOwnerRow.owner_id == OwnerRow.id)
        .join(accepts, and_(accepts.procedure == d.procedure, accepts.type_code == PaperOwnerRow.type_code))
        .join(PaperRow, PaperRow.id == PaperOwnerRow.paper_id)
        .outerjoin(newer, newer.id == PaperRow.superseded_by)
        .where(
            accepts.own.is_(True),
            accepts.type_code.not_in(never),
            not_(or_(false(), *fresher)),
            or_(OwnerRow.identifier_index.is_not(None), OwnerRow.birth_date.is_not(None), OwnerRow.kind != "CA_NHAN"),
            PaperRow.copy_kind.in_(sorted(ORIGINALS)),
            signed,
            PaperRow.same_as.is_(None),
            PaperRow.filed_at < morning,
            or_(PaperRow.valid_from.is_(None), PaperRow.valid_from <= received),
            or_(PaperRow.valid_to.is_(None), PaperRow.valid_to >= received),
            or_(
                PaperRow.validity == "CON",
                and_(PaperRow.validity == "BI_THAY_THE", newer.id.is_not(None), newer.filed_at >= morning),
            ),
        )
        .subquery("held")
    )


def facts(scope: Scope, stop_papers: StopPapers, dialect: str) -> Select[*tuple[Any, ...]]:
    """One line a dossier in ``scope``: id, unit, day, procedure, and the booleans that the flags are made of."""
    ours, need = _papers_by_dossier(scope, stop_papers), _required_by_procedure()
    have, held = _required_shown(scope), _held_at_reception(scope, dialect)
    d, p = DossierRow, ProcedureRow

    def own(column: str) -> ColumnElement[int]:
        return func.coalesce(ours.c[column], 0)

    def said(column: Any) -> Bool:
        return func.coalesce(column, false())

    required = func.coalesce(need.c.required, 0)
    stop_paper = or_(
        said(d.declared_refusal),
        and_(d.status == 3, own("stop3") > 0),
        and_(d.status == 7, own("stop7") > 0),
        and_(d.status == 8, own("stop8") > 0),
    )
    for_citizens = func.coalesce(p.for_citizens, true())
    result_stored = or_(said(d.declared_result_signed), own("signed") > 0)
    return (
        select(
            d.id,
            d.unit,
            d.received_on.label("day"),
            d.procedure,
            d.status,
            func.coalesce(d.channel, 1).label("channel"),
            func.coalesce(p.needs_result_paper, true()).label("needs_result"),
            (p.result_type.is_not(None)).label("result_reusable"),
            func.coalesce(p.has_fee, false()).label("has_fee"),
            func.coalesce(p.online, false()).label("can_online"),
            case((d.owner_kind.is_(None), for_citizens), else_=d.owner_kind == "CA_NHAN").label("person"),
            (func.coalesce(d.declared_components, 0) + own("components") > 0).label("has_component"),
            (func.coalesce(d.declared_results, 0) + own("results") > 0).label("has_result"),
            stop_paper.label("stop_paper"),
            or_(
                said(d.declared_complete),
                func.coalesce(have.c.shown, 0) >= required,
                and_(d.declared_complete.is_(None), func.coalesce(d.declared_components, 0) >= required),
            ).label("complete"),
            or_(said(d.declared_reused), own("reused") > 0).label("reused"),
            or_(said(d.declared_from_store), own("from_store") > 0).label("from_store"),
            result_stored.label("result_stored"),
            said(d.vneid_verified).label("vneid"),
            said(d.population_checked).label("population"),
            said(d.synced).label("synced"),
            (func.coalesce(d.paid_online, 0) == 1).label("paid"),
            (held.c.dossier_id.is_not(None)).label("held"),
        )
        .select_from(d)
        .outerjoin(p, p.code == d.procedure)
        .outerjoin(need, need.c.procedure == d.procedure)
        .outerjoin(ours, ours.c.dossier_id == d.id)
        .outerjoin(have, have.c.dossier_id == d.id)
        .outerjoin(held, held.c.dossier_id == d.id)
        .where(scope(d.id))
    )


def flags_of(f: FromClause) -> dict[str, Bool]:
    """Every flag of ``tables.FLAGS`` over the columns of ``facts``. This function is the law."""
    c = f.c
    needs, component, file, person = c.needs_result, c.has_component, c.has_result, c.person
    online = c.channel == 2
    resolved = c.status.in_(RESOLVED)
    stopped = c.status.in_((3, 7, 8))
    outcome = or_(file, and_(stopped, c.stop_paper))
    outcome_if_needed = or_(not_(needs), outcome)
    identity = or_(c.vneid, c.population)

    i42 = and_(component, outcome_if_needed)
    i44 = or_(c.from_store, c.result_stored)
    i45b = or_(identity, c.from_store)
    no_reuse = and_(not_(c.reused), not_(c.from_store))

    c1 = and_(resolved, needs, not_(file))
    c2 = and_(not_(online), not_(component))
    c2b = and_(online, not_(c.complete))
    c3 = and_(person, not_(identity))
    c4 = and_(stopped, not_(c.stop_paper))
    c5 = and_(no_reuse, c.held)
    c6 = not_(c.synced)
    c7 = and_(file, c.result_reusable, not_(c.result_stored))

    return {
        "needs_result": needs,
        "has_component": component,
        "has_result": file,
        "resolved": resolved,
        "resolved_needs": and_(resolved, needs),
        "resolved_has": and_(resolved, needs, file),
        "reused": c.reused,
        "from_store": c.from_store,
        "i41": and_(needs, outcome),
        "i42": i42,
        "i44": i44,
        "i45b": i45b,
        "online": and_(c.can_online, online),
        "can_online": c.can_online,
        "fee_online": and_(c.has_fee, online),
        "fee_paid": and_(c.has_fee, online, c.paid),
        "synced": c.synced,
        "c1": c1,
        "c2": c2,
        "c2b": c2b,
        "c3": c3,
        "c4": c4,
        "c5": c5,
        "c6": c6,
        "c7": c7,
        "c5_nothing": and_(no_reuse, not_(c.held)),
        "failing": or_(c1, c2, c2b, c3, c4, c5, c6, c7),
        "c1_42": and_(c1, component),
        "c2_42": and_(c2, outcome_if_needed),
        "c2b_42": and_(c2b, not_(component), outcome_if_needed),
        "c2b_43": and_(c2b, not_(c.reused)),
        "c2b_43p": and_(c2b, not_(component)),
        "c3_45b": and_(c3, not_(i45b)),
        "c4_41": and_(c4, needs, not_(outcome)),
        "c4_42": and_(c4, component, needs, not_(outcome)),
        "c5_43p": and_(c5, not_(component)),
        "c5_44": and_(c5, not_(i44)),
        "c7_44": and_(c7, not_(i44)),
    }


def checked(scope: Scope, stop_papers: StopPapers, dialect: str) -> Select[Any]:
    """(dossier_id, unit, day, procedure, flags) as the law has it now, for the dossiers in ``scope``."""
    found = _fenced(facts(scope, stop_papers, dialect), dialect).subquery("facts")
    laws = flags_of(found)
    bits: ColumnElement[int] = literal_column("0", BigInteger)
    for name in FLAGS:
        set_, unset = literal_column(str(BIT[name]), BigInteger), literal_column("0", BigInteger)
        bits = bits + case((laws[name], set_), else_=unset)
    c = found.c
    judged = select(c.id.label("dossier_id"), c.unit, c.day, c.procedure, bits.label("flags"))
    return judged.where(true())  # SQLite cannot tell ON CONFLICT from a join's ON without a WHERE


def _fenced(query: Select[*tuple[Any, ...]], dialect: str) -> Select[*tuple[Any, ...]]:
    """Has PostgreSQL compute this by itself, first: else it writes each fact out again wherever a flag uses it."""
    return query.offset(0) if dialect == "postgresql" else query


def _vietnam_morning(dialect: str) -> Callable[[Any], ColumnElement[Any]]:
    """The moment a local day of Việt Nam (UTC+7, no summer time) begins, comparable with a stored UTC moment."""
    if dialect == "sqlite":  # moments are text "YYYY-MM-DD HH:MM:SS.ffffff" in UTC there, and compare as text
        return lambda day: func.strftime("%Y-%m-%d 17:00:00", day, "-1 day")
    return lambda day: func.timezone("Asia/Ho_Chi_Minh", cast(day, DateTime(timezone=False)))
