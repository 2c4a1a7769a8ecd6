"""A front desk for tests: people, papers and dossiers, taken through the door of the kho."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from dataclasses import replace
from typing import Any

from services.settings import Settings
from services.storage import Actor, Filed, Intake, IntakeState, Kho, NewOwner, NewPaper
from services.storage.records.tables import DossierRow, OwnerRow, ProcedureComponentRow, ProcedureRow

UNIT, OTHER = "26068", "26041"
CLERK = Actor("lan", UNIT, "clerk")
ELSEWHERE = Actor("minh", OTHER, "clerk")
ADMIN = Actor("quan-tri", UNIT, "admin")
WORKER = Actor("worker", UNIT, "system")
AN = NewOwner("CA_NHAN", "Nguyễn Văn An", "075190001234", dt.date(1990, 5, 1))
BINH = NewOwner("CA_NHAN", "Trần Thị Bình", "075191005678", dt.date(1991, 6, 2))
DOSSIER = "H19.12-250725-0001"
PROCEDURE = "1.000766"

_bytes = itertools.count()


def open_kho(settings: Settings) -> Kho:
    kho = Kho.open(settings)
    with kho.begin() as tx:
        kho.add_unit(tx, UNIT, "Phường Biên Hòa", "XA_PHUONG")
        kho.add_unit(tx, OTHER, "Phường Trấn Biên", "XA_PHUONG")
    return kho


def birth(owner: NewOwner = AN, **changes: Any) -> NewPaper:
    """A birth certificate, read well."""
    paper = NewPaper(
        first_page=1,
        last_page=1,
        type_code="KS",
        type_name="Giấy khai sinh",
        copy_kind="CHINH",
        confidence=0.97,
        decided_by="rules",
        owners=(owner,),
        so_ky_hieu="125/2015",
        ngay_cap=dt.date(2015, 3, 4),
        co_quan_cap="UBND phường Biên Hòa",
        nguoi_ky="Lê Văn Tám",
        text=f"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nGIẤY KHAI SINH\nHọ và tên: {owner.name}\n"
        "Ngày sinh: 01/05/1990, nơi sinh: Bệnh viện đa khoa Đồng Nai, dân tộc Kinh",
    )
    return replace(paper, **changes)


def take_in(kho: Kho, *, actor: Actor = CLERK, dossier: str | None = DOSSIER, **more: Any) -> Intake:
    """A new file at the desk, leased by a worker."""
    accepted = kho.accept(io.BytesIO(b"%PDF " + str(next(_bytes)).encode()), file_name="scan.pdf", actor=actor,
                          dossier=dossier, **more)  # fmt: skip
    intake = kho.lease("w1", intake_id=accepted.intake_id)
    assert intake is not None
    return intake


def file(kho: Kho, paper: NewPaper, *, actor: Actor = CLERK, dossier: str | None = DOSSIER, **more: Any) -> Filed:
    """One paper all the way from the desk into the kho."""
    intake = take_in(kho, actor=actor, dossier=dossier, **more)
    with kho.begin() as tx:
        filed = kho.file_paper(tx, intake, paper, actor=WORKER)
        kho.finish(tx, intake, IntakeState.FILED)
    return filed


def open_dossier(
    kho: Kho,
    code: str,
    *,
    owner: NewOwner | None = AN,
    unit: str = UNIT,
    asks: tuple[tuple[str, ...], ...] = (("KS",),),
    relation: str | None = None,
) -> None:
    """A dossier as the register brings it, of a procedure that asks for one paper of each of these sets of types."""
    from services.storage.people import owners

    with kho.begin() as tx:
        if tx.get(ProcedureRow, PROCEDURE) is None:
            tx.add(ProcedureRow(code=PROCEDURE, name="Thủ tục thử"))
            tx.flush()
            tx.add_all(
                ProcedureComponentRow(
                    procedure=PROCEDURE,
                    code=f"TP{n}",
                    position=n,
                    name="/".join(accepts),
                    accepts=list(accepts),
                    of_relation=relation if n else None,
                )
                for n, accepts in enumerate(asks)
            )
        row: OwnerRow | None = owners.ensure(tx, kho.keys, [owner])[0] if owner else None
        tx.add(
            DossierRow(
                code=code,
                unit=unit,
                procedure=PROCEDURE,
                owner_id=row.id if row else None,
                status=2,
                received_on=dt.date(2025, 7, 25),
                changed_at=dt.datetime.now(dt.UTC),
            )
        )


def codes(reasons: tuple[Any, ...]) -> set[str]:
    return {reason.code for reason in reasons}
