"""The door of the kho.

    accept   bytes durable, then the intake row, then the answer
    lease    a worker takes the next file, people at the desk first
    file     its papers go into the kho and onto their dossier, or wait for a person
    reuse    the next desk asks the kho before it scans

Each line above is a method or two below and a room beside this file. Methods that take ``tx`` are parts of the
caller's transaction (``begin``); the others are transactions of their own.
"""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.errors import AccessError, ConflictError, SohoaError
from services.settings import Settings
from services.storage import intake as intakes
from services.storage.filing import paper as filing
from services.storage.filing import reviews
from services.storage.filing.rules import Rules, load_rules
from services.storage.look import papers, results
from services.storage.model import (
    Accepted,
    Actor,
    Attached,
    AuditEntry,
    Checklist,
    Filed,
    Hits,
    Intake,
    IntakeState,
    Label,
    NewOwner,
    NewPaper,
    PaperView,
    Priority,
    ReuseAnswer,
    Review,
    Role,
)
from services.storage.objects.contract import ObjectStore
from services.storage.objects.folder import FolderStore
from services.storage.objects.s3 import S3Store
from services.storage.people import api_keys, owners
from services.storage.people.access import Act, need
from services.storage.people.identity import Keyring, mask_numbers, open_keyring
from services.storage.records import audit
from services.storage.records import engine as records
from services.storage.records.tables import IntakeRow, UnitRow
from services.storage.reuse.attach import attach
from services.storage.reuse.checklist import checklist
from services.storage.reuse.look_up import look_up
from services.storage.search import index
from services.storage.search.query import Query
from services.storage.upkeep import backup, rotation, verify
from services.storage.upkeep.verify import VerifyReport
from services.vietnamese import fold


class Kho:
    def __init__(self, settings: Settings, engine: Engine, objects: ObjectStore, keys: Keyring, rules: Rules) -> None:
        self.settings, self.engine, self.objects, self.keys, self.rules = settings, engine, objects, keys, rules
        self._turn = random.randrange(settings.desk_to_backlog + 1)

    @classmethod
    def open(cls, settings: Settings, *, migrate: bool = True) -> Kho:
        """The kho the settings name; ``migrate`` brings its records to the newest schema first."""
        engine = records.open_engine(settings.sql_url)
        if migrate:
            records.migrate(engine)
        given = settings.identity_keys.get_secret_value() if settings.identity_keys else None
        keys = open_keyring(given, settings.data_dir / "identity.keys")
        return cls(settings, engine, _open_objects(settings), keys, load_rules())

    def close(self) -> None:
        self.engine.dispose()

    def begin(self) -> AbstractContextManager[Session]:
        """One transaction: all of what happens in it, or nothing."""
        return records.begin(self.engine)

    # --- objects ---------------------------------------------------------------------------------------------------

    def keep(self, data: bytes) -> str:
        """Keeps a derived object (a reading, an archive copy); its SHA-256."""
        return self.objects.put(io.BytesIO(data), limit_bytes=len(data) or 1).sha256

    def fetch(self, sha256: str) -> AbstractContextManager[Path]:
        """The object's bytes as a local file to read. Raises ObjectMissing."""
        return self.objects.fetch(sha256)

    # --- take in and work ------------------------------------------------------------------------------------------

    def accept(
        self,
        stream: BinaryIO,
        *,
        file_name: str,
        actor: Actor,
        dossier: str | None = None,
        role: Role | None = None,
        priority: Priority = Priority.DESK,
        limit_bytes: int | None = None,
    ) -> Accepted:
        """Takes a file in: on return it is durable and will be worked on. Raises EmptyUpload, TooLarge, UnknownUnit."""
        stored = self.objects.put(stream, limit_bytes=limit_bytes or self.settings.max_bytes)
        with self.begin() as tx:
            return intakes.record(
                tx, stored, file_name=file_name, actor=actor, dossier=dossier, role=role, priority=priority
            )

    def intake(self, intake_id: str, actor: Actor) -> Intake:
        with self.begin() as tx:
            return intakes.one(tx, actor, intake_id)

    def intakes(
        self, actor: Actor, *, state: IntakeState | None = None, after: str | None = None, limit: int = 50
    ) -> list[Intake]:
        with self.begin() as tx:
            return intakes.many(tx, actor, state=state, after=after, limit=limit)

    def lease(self, worker: str, *, intake_id: str | None = None) -> Intake | None:
        """The next file for this worker (or that very one), or None. Of five taken while both wait, four are desk's."""
        self._turn = (self._turn + 1) % (self.settings.desk_to_backlog + 1)
        with self.begin() as tx:
            return intakes.lease(
                tx, worker, lease_s=self.settings.lease_s, backlog_turn=self._turn == 0, intake_id=intake_id
            )

    def renew(self, intake: Intake, worker: str) -> None:
        """Holds the work longer. Raises LeaseLost."""
        with self.begin() as tx:
            intakes.renew(tx, intake, worker, lease_s=self.settings.lease_s)

    def sweep(self, dead: Sequence[str] = ()) -> int:
        """Puts work whose lease ran out, or whose worker is known to be ``dead``, back in line, or before a person
        after too many tries; how many.
        """
        with self.begin() as tx:
            late = intakes.expired(tx, dead=dead)
            for row in late:
                self._put_back(tx, row)
            return len(late)

    def give_back(self, intake: Intake, *, counted: bool = True) -> None:
        """A worker returns what it cannot end: back in line at once, or before a person after too many tries.

        Not ``counted`` is a try that a missing store spoiled. Raises LeaseLost.
        """
        with self.begin() as tx:
            row = intakes.hold(tx, intake)
            if not counted:
                row.attempts -= 1
            self._put_back(tx, row)

    def retry(self, actor: Actor, codes: Sequence[str], *, unit: str | None = None) -> int:
        """Puts files that were refused with one of these error codes back in line; how many."""
        with self.begin() as tx:
            return intakes.retry(tx, actor, codes, unit=unit)

    def _put_back(self, tx: Session, row: IntakeRow) -> None:
        if row.attempts >= self.settings.max_attempts:
            reviews.give_up(tx, self.keys, row)
        else:
            intakes.put_back(tx, row)

    def progress(self, intake_ids: Sequence[str]) -> dict[str, Intake]:
        """Where our own files stand, by id, in one query; for a batch that follows what it handed in."""
        with self.begin() as tx:
            return {intake.id: intake for intake in intakes.by_id(tx, intake_ids)}

    def papers_of(self, actor: Actor, intake_id: str) -> list[PaperView]:
        """What was filed from one intake, in page order; a look that is logged. Raises NotFound."""
        with self.begin() as tx:
            return papers.of_intake(tx, actor, intake_id)

    def scan(self, actor: Actor, intake_id: str) -> Intake:
        """The intake of a file whose pages are shown: a look that is logged. Raises NotFound."""
        with self.begin() as tx:
            return papers.scan(tx, actor, intake_id)

    def dossier_owner(self, dossier: str) -> NewOwner | None:
        """Whose dossier it is, for understanding its papers; None where the register does not say."""
        with self.begin() as tx:
            return owners.of_dossier(tx, self.keys, dossier)

    def finish(
        self,
        tx: Session,
        intake: Intake,
        state: IntakeState,
        *,
        reading_sha256: str | None = None,
        error: SohoaError | None = None,
    ) -> None:
        """Ends the work on a file. Raises LeaseLost, and then nothing of the transaction may stay."""
        intakes.finish(tx, intake, state, reading_sha256=reading_sha256, error=error)

    # --- file ------------------------------------------------------------------------------------------------------

    def file_paper(self, tx: Session, intake: Intake, paper: NewPaper, *, actor: Actor) -> Filed:
        """Files one paper of the intake; the same pages again change nothing. Raises LeaseLost."""
        return filing.file_paper(tx, self.keys, self.rules, intake, paper, actor=actor)

    def ask_person(self, tx: Session, intake: Intake, paper: NewPaper, reason: str) -> int:
        """Puts one paper before a person; the review's id."""
        return reviews.ask(tx, self.keys, intake, paper, reason)

    def reviews(
        self,
        actor: Actor,
        *,
        state: str = "open",
        unit: str | None = None,
        intake_id: str | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> list[Review]:
        with self.begin() as tx:
            return reviews.many(
                tx, self.keys, actor, state=state, unit=unit, intake_id=intake_id, after=after, limit=limit
            )

    def review(self, actor: Actor, review_id: int) -> Review:
        with self.begin() as tx:
            return reviews.one(tx, self.keys, actor, review_id)

    def decide(self, tx: Session, review_id: int, paper: NewPaper | None, *, actor: Actor) -> Filed | None:
        """Files what the person confirmed (and learns from it), or drops the pages. Raises AlreadyDecided."""
        return reviews.decide(tx, self.keys, self.rules, review_id, paper, actor=actor)

    def labels(self) -> list[Label]:
        """What clerks confirmed so far, for training."""
        with self.begin() as tx:
            return reviews.labels(tx)

    # --- reuse, look, search ---------------------------------------------------------------------------------------

    def reuse(
        self,
        actor: Actor,
        *,
        owner: str | NewOwner,
        type: str | Sequence[str],
        purpose: str | None,
        procedure: str | None = None,
        on: dt.date | None = None,
    ) -> ReuseAnswer:
        """What the kho has of this owner: what may be used and why, what may not and why not."""
        types = [type] if isinstance(type, str) else list(type)
        with self.looking(actor, "reuse-look", ",".join(types), purpose) as tx:
            return look_up(
                tx,
                self.keys,
                self.rules,
                actor,
                owner=owner,
                types=types,
                procedure=procedure,
                purpose=purpose,
                on=on,
            )

    def checklist(self, actor: Actor, dossier: str, *, on: dt.date | None = None) -> Checklist:
        """Each paper the dossier needs: there, in the kho, not usable, or missing. Raises NotFound."""
        with self.looking(actor, "checklist", dossier, dossier) as tx:
            return checklist(tx, self.rules, actor, dossier, on=on)

    def attach(self, tx: Session, actor: Actor, dossier: str, paper_id: int, *, on: dt.date | None = None) -> Attached:
        """Takes a kho paper into the dossier, counted once. Raises NotReusable, OtherOwner, NotFound."""
        return attach(tx, self.rules, actor, dossier, paper_id, on=on)

    def paper(self, actor: Actor, paper_id: int, *, purpose: str) -> PaperView:
        """The paper itself, identity numbers included: a look that is logged. Raises NotFound, PurposeNeeded."""
        with self.looking(actor, "look", f"paper:{paper_id}", purpose) as tx:
            return papers.look(tx, self.keys, self.rules, actor, paper_id, purpose=purpose)

    def paper_with_file(self, actor: Actor, paper_id: int, *, purpose: str) -> tuple[PaperView, str]:
        """The paper, whose file (``fetch``) may be handed over, and the file's name: a look that is logged. Raises as
        ``paper``, and SharedFile.
        """
        with self.looking(actor, "look", f"paper:{paper_id}", purpose) as tx:
            return papers.with_file(tx, self.keys, self.rules, actor, paper_id, purpose=purpose)

    def find(
        self,
        actor: Actor,
        text: str = "",
        *,
        purpose: str,
        owner: str | None = None,
        number: str | None = None,
        type: str | None = None,
        unit: str | None = None,
        issued_from: dt.date | None = None,
        issued_to: dt.date | None = None,
        valid_on: dt.date | None = None,
        after: str | None = None,
        limit: int = 20,
    ) -> Hits:
        """Papers of the actor's units by words (accents or none) and conditions, a page at a time."""
        asked = Query(text, owner, number, type, None, issued_from, issued_to, valid_on)
        with self.looking(actor, "search", "papers", purpose) as tx:
            return results.find(tx, self.keys, actor, asked, unit=unit, purpose=purpose, after=after, limit=limit)

    def revoke(self, tx: Session, actor: Actor, paper_id: int, *, reason: str, purpose: str) -> tuple[int, ...]:
        """Thu hồi: the paper stays and is never offered again, nor is another scan of it; all their ids."""
        return papers.revoke(tx, actor, paper_id, reason=reason, purpose=purpose)

    @contextmanager
    def looking(self, actor: Actor, action: str, thing: str, purpose: str | None) -> Iterator[Session]:
        """A transaction for a look, or for taking or revoking a paper; one that is refused is logged too."""
        try:
            with self.begin() as tx:
                yield tx
        except (AccessError, ConflictError) as error:
            said = mask_numbers(purpose) if purpose else None
            with self.begin() as tx:
                audit.note(tx, actor, action, mask_numbers(thing), purpose=said, result=error.code)
            raise

    # --- administration --------------------------------------------------------------------------------------------

    def add_unit(self, tx: Session, code: str, name: str, level: str, *, parent: str | None = None) -> None:
        """A unit of the administration, unless it is there."""
        if tx.get(UnitRow, code) is None:
            tx.add(UnitRow(code=code, name=name, level=level, parent=parent, name_folded=fold(name)))
            tx.flush()

    def create_key(self, tx: Session, actor: Actor, *, name: str, unit: str, role: str) -> str:
        """A new key of the HTTP door; its secret, shown once."""
        return api_keys.create(tx, actor, name=name, unit=unit, role=role)

    def disable_key(self, tx: Session, actor: Actor, name: str) -> None:
        api_keys.disable(tx, actor, name)

    def api_keys(self, actor: Actor) -> list[api_keys.ApiKey]:
        with self.begin() as tx:
            return api_keys.many(tx, actor)

    def actor_of(self, secret: str, *, ip: str | None = None) -> Actor:
        """Who comes with this key. Raises BadKey."""
        with self.begin() as tx:
            return api_keys.actor_of(tx, secret, ip=ip)

    def audit_entries(
        self,
        actor: Actor,
        *,
        thing: str | None = None,
        purpose: str | None = None,
        by: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[AuditEntry]:
        """Lines of the log in order, for an administrator."""
        need(actor, Act.ADMINISTER)
        with self.begin() as tx:
            return audit.entries(tx, thing=thing, purpose=purpose, actor=by, after=after, limit=limit)

    def verify_audit(self, kept: str | None = None) -> audit.ChainState:
        """Walks the whole log; says where it was tampered with, and whether it still holds the hash ``kept``."""
        with records.snapshot(self.engine) as tx:
            return audit.verify(tx, kept)

    def verify(
        self, *, pace_mb_s: float | None = None, on_progress: Callable[[VerifyReport], None] | None = None
    ) -> VerifyReport:
        """Re-hashes every object, at a pace; rotten ones are moved aside and their papers not offered. As this is the
        night's work, the words of all papers are counted anew, too.
        """
        report = verify.verify(self.engine, self.objects, pace_mb_s=pace_mb_s, on_progress=on_progress)
        with self.begin() as tx:
            index.count_words(tx)
        return report

    def backup(self, folder: Path) -> backup.Manifest:
        """Everything but the identity keys, into ``folder``."""
        return backup.backup(self.engine, self.objects, self.keys, folder)

    @classmethod
    def restore(cls, folder: Path, settings: Settings) -> Kho:
        """The kho the settings name, filled from a backup. Raises BadBackup, WrongKeys, KhoNotEmpty."""
        kho = cls.open(settings, migrate=False)
        try:
            backup.restore(folder, kho.engine, kho.objects, kho.keys)
        except BaseException:
            kho.close()
            raise
        return kho

    def rotate_keys(self) -> int:
        """Brings all sealed rows to the newest identity key; how many were changed."""
        return rotation.rotate(self.engine, self.keys)

    def queue(self) -> dict[str, int]:
        """How many files wait and how many are worked on."""
        with self.begin() as tx:
            return intakes.open_counts(tx)


def _open_objects(settings: Settings) -> ObjectStore:
    return S3Store(settings) if settings.s3_endpoint else FolderStore(settings.data_dir)
