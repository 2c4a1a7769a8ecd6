"""Keys of the HTTP door, each bound to one unit and one role. Only a key's hash is kept: it has 256 random bits, so a
plain hash gives nothing away and is found by its index.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.errors import UsageError
from services.storage.errors import BadKey, NotFound, UnknownUnit
from services.storage.model import Actor
from services.storage.people.access import ROLES, Act, need
from services.storage.records import audit
from services.storage.records.tables import ApiKeyRow, UnitRow

_PREFIX = "sohoa_"  # lets a secret scanner recognise a leaked key


class BadRole(UsageError):
    code = "unknown-role"
    vi = "Không có vai trò này. Chọn một trong: clerk, reviewer, lookup, reporter, admin."
    en = "No such role. Choose clerk, reviewer, lookup, reporter or admin."


class NameTaken(UsageError):
    code = "name-taken"
    vi = "Tên khóa đã được dùng. Hãy chọn tên khác."
    en = "A key of this name exists. Choose another name."


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as listed; the secret itself is shown once, when it is made."""

    name: str
    unit: str
    role: str
    created_at: dt.datetime
    disabled_at: dt.datetime | None


def create(tx: Session, actor: Actor, *, name: str, unit: str, role: str) -> str:
    """Makes a key and returns its secret, which cannot be shown again."""
    need(actor, Act.ADMINISTER)
    if role not in ROLES or role == "system":
        raise BadRole(role)
    if tx.get(UnitRow, unit) is None:
        raise UnknownUnit(unit)
    if tx.execute(select(ApiKeyRow.id).where(ApiKeyRow.name == name)).first() is not None:
        raise NameTaken(name)
    secret = _PREFIX + secrets.token_urlsafe(32)
    tx.add(ApiKeyRow(name=name, hash=_hash(secret), unit=unit, role=role, created_at=dt.datetime.now(dt.UTC)))
    audit.note(tx, actor, "key-create", f"key:{name}", result=role)
    tx.flush()
    return secret


def actor_of(tx: Session, secret: str, *, ip: str | None) -> Actor:
    """Who comes with this key. Raises BadKey."""
    row = tx.execute(select(ApiKeyRow).where(ApiKeyRow.hash == _hash(secret))).scalar_one_or_none()
    if row is None or row.disabled_at is not None:
        raise BadKey
    return Actor(row.name, row.unit, row.role, ip)


def disable(tx: Session, actor: Actor, name: str) -> None:
    """The key opens nothing from now on. Raises NotFound."""
    need(actor, Act.ADMINISTER)
    row = tx.execute(select(ApiKeyRow).where(ApiKeyRow.name == name)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"key {name}")
    row.disabled_at = row.disabled_at or dt.datetime.now(dt.UTC)
    audit.note(tx, actor, "key-disable", f"key:{name}")
    tx.flush()


def many(tx: Session, actor: Actor) -> list[ApiKey]:
    """All keys by name."""
    need(actor, Act.ADMINISTER)
    rows = tx.execute(select(ApiKeyRow).order_by(ApiKeyRow.name)).scalars()
    return [ApiKey(row.name, row.unit, row.role, row.created_at, row.disabled_at) for row in rows]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
