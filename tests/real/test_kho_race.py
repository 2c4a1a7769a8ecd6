"""Many at once: sixteen writers of one file, two scans racing to replace a third, workers racing for work."""

from __future__ import annotations

import base64
import datetime as dt
import io
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session

from services.settings import Settings
from services.storage import IntakeState, Kho
from services.storage.errors import LeaseLost, NotReusable
from services.storage.records.tables import OwnerRow, PaperRow, ReuseRow
from tests.storage.desk import ADMIN, CLERK, DOSSIER, WORKER, birth, file, open_dossier, open_kho, take_in

Result = TypeVar("Result")


def _at_once(many: int, do: Callable[[int], Result]) -> list[Result]:
    gate = threading.Barrier(many)

    def one(number: int) -> Result:
        gate.wait()
        return do(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def test_sixteen_writers_of_one_file_make_one_object_and_one_intake(kho_settings: Settings) -> None:
    kho = open_kho(kho_settings)
    answers = _at_once(16, lambda _: kho.accept(io.BytesIO(b"same" * 1000), file_name="a", actor=CLERK))
    assert len({answer.intake_id for answer in answers}) == 1
    assert Counter(answer.already for answer in answers) == {True: 15, False: 1}
    assert len(list(kho.objects.names())) == 1
    kho.close()


def test_sixteen_writers_of_one_object_have_one_winner(kho_settings: Settings) -> None:
    kho = open_kho(kho_settings)
    answers = _at_once(16, lambda _: kho.objects.put(io.BytesIO(b"same"), limit_bytes=10))
    assert Counter(answer.existed for answer in answers) == {True: 15, False: 1}
    kho.close()


def test_of_scans_racing_to_replace_an_old_paper_the_newest_issue_stands(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    papers = [birth(type_code="CT07", so_ky_hieu=str(n), ngay_cap=dt.date(2025, 1, 1 + n)) for n in range(8)]
    file(kho, papers[3])
    intakes = [take_in(kho) for _ in papers]

    def one(number: int) -> None:
        with kho.begin() as tx:
            kho.file_paper(tx, intakes[number], papers[number], actor=WORKER)
            kho.finish(tx, intakes[number], IntakeState.FILED)

    _at_once(8, one)
    with kho.begin() as tx:
        rows = tx.query(PaperRow).order_by(PaperRow.ngay_cap).all()
    assert [row.validity for row in rows[:-1]] == ["BI_THAY_THE"] * 8
    assert (rows[-1].validity, rows[-1].so_ky_hieu) == ("CON", "7")
    assert len({row.code for row in rows}) == 9
    kho.close()


def test_one_new_owner_met_by_eight_scans_at_once_is_one_row(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    intakes = [take_in(kho) for _ in range(8)]

    def one(number: int) -> None:
        with kho.begin() as tx:
            kho.file_paper(tx, intakes[number], birth(so_ky_hieu=str(number)), actor=WORKER)

    _at_once(8, one)
    with kho.begin() as tx:
        assert tx.query(OwnerRow).count() == 1
        assert {row.ordinal for row in tx.query(PaperRow)} == set(range(1, 9))
    kho.close()


def test_one_new_owner_met_while_keys_are_changed_is_one_row(records_settings: Settings) -> None:
    one, other = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    old_first, new_first = (
        open_kho(records_settings.model_copy(update={"identity_keys": SecretStr(",".join(order))}))
        for order in ((one, other), (other, one))
    )
    intakes = [take_in(old_first, dossier=None) for _ in range(2)]

    def second() -> None:
        with new_first.begin() as tx:
            new_first.file_paper(tx, intakes[1], birth(), actor=WORKER)

    with ThreadPoolExecutor(1) as pool:
        with old_first.begin() as tx:
            old_first.file_paper(tx, intakes[0], birth(), actor=WORKER)
            waits = pool.submit(second)
            with pytest.raises(TimeoutError):
                waits.result(0.5)
        waits.result(30)
    with new_first.begin() as tx:
        assert tx.query(OwnerRow).count() == 1
    assert new_first.rotate_keys() == 2  # the owner, and the first paper's details
    old_first.close()
    new_first.close()


def test_workers_racing_for_work_never_get_the_same_file(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    for n in range(40):
        kho.accept(io.BytesIO(b"%d" % n), file_name="a", actor=CLERK)

    def work(number: int) -> list[str]:
        taken = []
        while (intake := kho.lease(f"w{number}")) is not None:
            taken.append(intake.id)
        return taken

    taken = [intake_id for each in _at_once(8, work) for intake_id in each]
    assert len(taken) == len(set(taken)) == 40
    kho.close()


def test_two_workers_with_one_file_file_it_once(records_settings: Settings) -> None:
    """The first one's lease ran out while it was still at work."""
    kho = open_kho(records_settings)
    late = take_in(kho)
    with kho.begin() as tx:
        from services.storage.records.tables import IntakeRow

        tx.get_one(IntakeRow, late.id).lease_until = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    mine = kho.lease("w2", intake_id=late.id)
    assert mine is not None

    def one(number: int) -> str:
        try:
            with kho.begin() as tx:
                kho.file_paper(tx, (late, mine)[number], birth(), actor=WORKER)
                kho.finish(tx, (late, mine)[number], IntakeState.FILED)
        except LeaseLost:
            return "lost"
        return "filed"

    assert _at_once(2, one) == ["lost", "filed"]
    with kho.begin() as tx:
        assert tx.query(PaperRow).count() == 1
    kho.close()


def test_eight_clerks_taking_one_paper_count_one_reuse(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    filed = file(kho, birth(), dossier=None)
    open_dossier(kho, DOSSIER)

    def one(_: int) -> bool:
        with kho.begin() as tx:
            return kho.attach(tx, CLERK, DOSSIER, filed.paper_id).already

    assert Counter(_at_once(8, one)) == {False: 1, True: 7}
    with kho.begin() as tx:
        assert tx.query(ReuseRow).count() == 1
    kho.close()


@pytest.mark.parametrize("first", ["attach", "revoke", "supersede"])
def test_a_paper_is_taken_before_it_is_revoked_or_replaced_or_not_at_all(
    records_settings: Settings, first: str
) -> None:
    kho = open_kho(records_settings)
    filed = file(kho, birth(), dossier=None)
    rescan = take_in(kho, dossier=None)
    open_dossier(kho, DOSSIER)
    acts: dict[str, Callable[[Session], object]] = {
        "attach": lambda tx: kho.attach(tx, CLERK, DOSSIER, filed.paper_id),
        "revoke": lambda tx: kho.revoke(tx, ADMIN, filed.paper_id, reason="cấp sai", purpose=DOSSIER),
        "supersede": lambda tx: kho.file_paper(
            tx, rescan, birth(ngay_cap=dt.date(2024, 1, 1), so_ky_hieu="9/2024"), actor=WORKER
        ),
    }

    def second(act: str) -> str:
        try:
            with kho.begin() as tx:
                acts[act](tx)
        except NotReusable as error:
            return error.detail
        return "done"

    with ThreadPoolExecutor(1) as pool:
        with kho.begin() as tx:
            acts[first](tx)
            other = pool.submit(second, "revoke" if first == "attach" else "attach")
            with pytest.raises(TimeoutError):
                other.result(0.5)  # it waits for us
        ended = other.result(30)
    assert ended == {"attach": "done", "revoke": "revoked", "supersede": "superseded"}[first]
    kho.close()


def test_the_log_stays_one_chain_however_many_write_it(records_settings: Settings) -> None:
    kho = open_kho(records_settings)
    open_dossier(kho, DOSSIER)

    def looks(_: int) -> None:
        for _ in range(10):
            kho.checklist(CLERK, DOSSIER)

    _at_once(8, looks)
    chain = kho.verify_audit()
    assert (chain.broken_at, chain.lines) == (None, 80)
    kho.close()


def test_a_long_look_keeps_no_writer_out(records_settings: Settings) -> None:
    from services.storage.records.engine import snapshot

    kho: Kho = open_kho(records_settings)
    with snapshot(kho.engine) as tx:
        assert tx.query(PaperRow).count() == 0
        file(kho, birth())
        assert tx.query(PaperRow).count() == 0
    kho.close()
