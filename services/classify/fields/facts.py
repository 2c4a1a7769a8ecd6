"""What was taken from one paper, gathered from several sources."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.classify.catalogue import CONTRACT_KINDS
from services.classify.fields.people import Person
from services.classify.model import CONTRACT_FIELDS, Value


@dataclass
class Facts:
    """What was taken from a paper: contract fields, the type's own, and why a field is empty."""

    fields: dict[str, Value | None] = field(default_factory=lambda: dict.fromkeys(CONTRACT_FIELDS))
    more: dict[str, Value] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)
    people: list[Person] = field(default_factory=list)  # owners, where a type has several

    def put(self, name: str, value: Value | None) -> None:
        """Keeps the surer of two values for a field."""
        if value is None:
            return
        if name in CONTRACT_KINDS:
            old = self.fields[name]
            if old is None or value.confidence > old.confidence:
                self.fields[name] = value
        elif name not in self.more or value.confidence > self.more[name].confidence:
            self.more[name] = value
