from __future__ import annotations

import hashlib
import io
from collections import Counter

import pytest

from services.errors import InputError, LimitError, SohoaError
from services.storage import Actor, IntakeState, Kho, NewPaper, Priority
from services.storage.errors import (
    EmptyUpload,
    LeaseLost,
    NotFound,
    OtherUnit,
    RoleNotAllowed,
    TooLarge,
    UnknownUnit,
)
from services.storage.records.tables import IntakeRow
from tests.storage.desk import ADMIN, CLERK, DOSSIER, ELSEWHERE, UNIT, WORKER, birth, file, open_dossier, take_in


def _accept(kho: Kho, data: bytes, **more: object) -> object:
    return kho.accept(io.BytesIO(data), file_name="a.pdf", actor=CLERK, **more)  # type: ignore[arg-type]


def _expire(kho: Kho, intake_id: str) -> None:
    with kho.begin() as tx:
        tx.get_one(IntakeRow, intake_id).lease_until = tx.get_one(IntakeRow, intake_id).created_at


def test_an_accepted_file_is_an_object_and_a_waiting_intake(kho: Kho) -> None:
    accepted = kho.accept(io.BytesIO(b"scan"), file_name="a.pdf", actor=CLERK, dossier=DOSSIER)
    assert accepted.sha256 == hashlib.sha256(b"scan").hexdigest()
    assert (accepted.size, accepted.already) == (4, False)
    intake = kho.intake(accepted.intake_id, CLERK)
    assert (intake.state, intake.dossier_code, intake.unit) == (IntakeState.WAITING, DOSSIER, UNIT)
    with kho.fetch(accepted.sha256) as path:
        assert path.read_bytes() == b"scan"


def test_the_same_bytes_again_are_the_same_intake_and_said_so(kho: Kho) -> None:
    first = kho.accept(io.BytesIO(b"scan"), file_name="a.pdf", actor=CLERK, dossier=DOSSIER)
    again = kho.accept(io.BytesIO(b"scan"), file_name="b.pdf", actor=CLERK, dossier=DOSSIER)
    assert (again.intake_id, again.already) == (first.intake_id, True)


def test_the_same_bytes_for_another_dossier_are_another_intake_of_one_object(kho: Kho) -> None:
    first = kho.accept(io.BytesIO(b"scan"), file_name="a.pdf", actor=CLERK, dossier="A")
    other = kho.accept(io.BytesIO(b"scan"), file_name="a.pdf", actor=CLERK, dossier="B")
    assert (other.already, other.sha256) == (False, first.sha256)
    assert list(kho.objects.names()) == [first.sha256]


def test_an_empty_file_is_refused_and_leaves_nothing(kho: Kho) -> None:
    with pytest.raises(EmptyUpload):
        _accept(kho, b"")
    assert (list(kho.objects.names()), kho.intakes(CLERK)) == ([], [])


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(kho: Kho) -> None:
    with pytest.raises(TooLarge):
        _accept(kho, b"12345", limit_bytes=4)
    assert (list(kho.objects.names()), kho.intakes(CLERK)) == ([], [])


def test_an_unknown_unit_is_refused(kho: Kho) -> None:
    with pytest.raises(UnknownUnit):
        kho.accept(io.BytesIO(b"x"), file_name="a", actor=Actor("x", "nowhere", "clerk"))


def test_a_reporter_may_not_hand_in_files(kho: Kho) -> None:
    with pytest.raises(RoleNotAllowed):
        kho.accept(io.BytesIO(b"x"), file_name="a", actor=Actor("x", UNIT, "reporter"))


def test_a_file_for_another_units_dossier_is_refused(kho: Kho) -> None:
    open_dossier(kho, DOSSIER)
    with pytest.raises(OtherUnit):
        kho.accept(io.BytesIO(b"x"), file_name="a", actor=ELSEWHERE, dossier=DOSSIER)


def test_another_units_intake_is_not_even_found(kho: Kho) -> None:
    accepted = kho.accept(io.BytesIO(b"x"), file_name="a", actor=CLERK)
    with pytest.raises(NotFound):
        kho.intake(accepted.intake_id, ELSEWHERE)
    assert kho.intakes(ELSEWHERE) == []
    assert len(kho.intakes(ADMIN)) == 1


def _refused(kho: Kho, data: bytes, error: SohoaError, *, actor: Actor = CLERK) -> str:
    accepted = kho.accept(io.BytesIO(data), file_name="a.pdf", actor=actor)
    held = kho.lease("w", intake_id=accepted.intake_id)
    assert held is not None
    with kho.begin() as tx:
        kho.finish(tx, held, IntakeState.REFUSED, error=error)
    return accepted.intake_id


def test_files_refused_with_a_code_go_back_in_line_and_no_others(kho: Kho) -> None:
    slow = _refused(kho, b"slow", LimitError("over 60 s"))
    bad = _refused(kho, b"bad", InputError("cut short"))
    assert kho.retry(ADMIN, [LimitError.code]) == 1
    again, still = kho.intake(slow, CLERK), kho.intake(bad, CLERK)
    assert (again.state, again.attempts, again.error_code) == (IntakeState.WAITING, 0, None)
    assert (still.state, still.error_code) == (IntakeState.REFUSED, InputError.code)
    assert kho.retry(ADMIN, [LimitError.code]) == 0
    assert [entry.action for entry in kho.audit_entries(ADMIN) if entry.object == f"intake:{slow}"].count("retry") == 1


def test_another_units_refused_files_are_left_alone(kho: Kho) -> None:
    ours = _refused(kho, b"ours", LimitError())
    theirs = _refused(kho, b"theirs", LimitError(), actor=ELSEWHERE)
    assert kho.retry(CLERK, [LimitError.code]) == 1
    assert kho.intake(ours, CLERK).state is IntakeState.WAITING
    assert kho.intake(theirs, ELSEWHERE).state is IntakeState.REFUSED
    with pytest.raises(OtherUnit):
        kho.retry(CLERK, [LimitError.code], unit=ELSEWHERE.unit)


def test_intakes_come_newest_first_page_by_page(kho: Kho) -> None:
    ids = [kho.accept(io.BytesIO(bytes([n])), file_name="a", actor=CLERK).intake_id for n in range(5)]
    first = kho.intakes(CLERK, limit=2)
    second = kho.intakes(CLERK, after=first[-1].id, limit=2)
    assert [intake.id for intake in (*first, *second)] == ids[:0:-1]


def test_four_files_of_people_who_wait_are_taken_for_each_of_the_backlog(kho: Kho) -> None:
    for n in range(20):
        kho.accept(io.BytesIO(b"desk %d" % n), file_name="a", actor=CLERK)
        kho.accept(io.BytesIO(b"back %d" % n), file_name="a", actor=CLERK, priority=Priority.BACKLOG)
    taken = Counter(intake.priority for _ in range(20) if (intake := kho.lease("w")) is not None)
    assert taken == {Priority.DESK: 16, Priority.BACKLOG: 4}


def test_the_backlog_goes_at_full_speed_when_nobody_waits(kho: Kho) -> None:
    for n in range(6):
        kho.accept(io.BytesIO(b"back %d" % n), file_name="a", actor=CLERK, priority=Priority.BACKLOG)
    assert all(kho.lease("w") is not None for _ in range(6))
    assert kho.lease("w") is None


def test_a_person_who_comes_with_a_backlog_file_moves_it_to_the_front(kho: Kho) -> None:
    kho.accept(io.BytesIO(b"x"), file_name="a", actor=CLERK, priority=Priority.BACKLOG)
    again = kho.accept(io.BytesIO(b"x"), file_name="a", actor=CLERK)
    assert kho.intake(again.intake_id, CLERK).priority == Priority.DESK


def test_leased_work_is_not_given_twice(kho: Kho) -> None:
    intake = take_in(kho)
    assert kho.lease("w2") is None
    assert kho.lease("w2", intake_id=intake.id) is None


def test_work_whose_lease_ran_out_can_be_taken_by_name_and_by_sweep(kho: Kho) -> None:
    intake = take_in(kho)
    _expire(kho, intake.id)
    again = kho.lease("w2", intake_id=intake.id)
    assert again is not None
    assert (again.attempts, again.lease_owner) == (2, "w2")
    other = take_in(kho)
    _expire(kho, other.id)
    assert kho.sweep() == 1
    assert kho.intake(other.id, CLERK).state == IntakeState.WAITING


def test_a_worker_that_lost_its_lease_can_write_nothing(kho: Kho) -> None:
    late = take_in(kho)
    _expire(kho, late.id)
    assert kho.lease("w2", intake_id=late.id) is not None
    with pytest.raises(LeaseLost):
        kho.renew(late, "w1")
    with pytest.raises(LeaseLost), kho.begin() as tx:
        kho.file_paper(tx, late, birth(), actor=WORKER)
    with pytest.raises(LeaseLost), kho.begin() as tx:
        kho.ask_person(tx, late, birth(), "unsure")
    with pytest.raises(LeaseLost), kho.begin() as tx:
        kho.finish(tx, late, IntakeState.FILED)


def test_renewing_keeps_the_sweeper_away(kho: Kho) -> None:
    intake = take_in(kho)
    _expire(kho, intake.id)
    kho.renew(intake, "w1")
    assert kho.sweep() == 0


def test_a_file_no_worker_can_finish_comes_before_a_person(kho: Kho) -> None:
    intake = take_in(kho)
    for _ in range(2):
        _expire(kho, intake.id)
        kho.sweep()
        kho.lease("w", intake_id=intake.id)
    stuck = kho.intake(intake.id, CLERK)
    assert (stuck.state, stuck.error_code) == (IntakeState.REVIEW, "gave-up")
    assert [review.reason for review in kho.reviews(CLERK)] == ["gave-up"]


def test_a_refused_file_keeps_its_reason(kho: Kho) -> None:
    intake = take_in(kho)
    with kho.begin() as tx:
        kho.finish(tx, intake, IntakeState.REFUSED, error=EmptyUpload("no page"))
    refused = kho.intake(intake.id, CLERK)
    assert (refused.state, refused.error_code) == (IntakeState.REFUSED, "empty-file")
    assert refused.finished_at is not None


def test_all_of_a_transaction_is_undone_when_it_fails(kho: Kho) -> None:
    intake = take_in(kho)
    with pytest.raises(RuntimeError), kho.begin() as tx:  # noqa: PT012
        kho.file_paper(tx, intake, birth(), actor=WORKER)
        raise RuntimeError
    assert file(kho, NewPaper(1, 1, "KHAC", "Khác", "CHINH", 0.5, "rules")).paper_id == 1


def test_the_queue_is_counted(kho: Kho) -> None:
    take_in(kho)
    kho.accept(io.BytesIO(b"waits"), file_name="a", actor=CLERK)
    assert kho.queue() == {"waiting": 1, "working": 1}
