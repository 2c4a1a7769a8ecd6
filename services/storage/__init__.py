"""The kho: objects, records, filing, validity, reuse, search, audit. ``Kho`` is the door."""

from __future__ import annotations

from services.storage.kho import Kho
from services.storage.model import (
    Accepted,
    Actor,
    Attached,
    Checklist,
    ChecklistItem,
    Filed,
    Hit,
    Hits,
    Intake,
    IntakeState,
    Judged,
    NewOwner,
    NewPaper,
    OwnerView,
    PaperView,
    Priority,
    Reason,
    ReuseAnswer,
    Review,
    Role,
)

__all__ = [
    "Accepted",
    "Actor",
    "Attached",
    "Checklist",
    "ChecklistItem",
    "Filed",
    "Hit",
    "Hits",
    "Intake",
    "IntakeState",
    "Judged",
    "Kho",
    "NewOwner",
    "NewPaper",
    "OwnerView",
    "PaperView",
    "Priority",
    "Reason",
    "ReuseAnswer",
    "Review",
    "Role",
]
