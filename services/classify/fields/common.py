"""Small tools that the rooms of single types share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.classify.catalogue import PaperType
from services.classify.codes import kind_of_id
from services.classify.fields.facts import Facts
from services.classify.fields.letterhead import Letterhead
from services.classify.fields.people import Person
from services.classify.layout import Row, Sheet
from services.classify.model import Value
from services.ocr.model import Box, Page

# What begins the name of a public body, of a firm or other body, and of a firm.
PUBLIC = ("uy ban", "ubnd", "so ", "phong ", "chi cuc", "cuc ", "trung tam", "bo phan", "cong an")
BODIES = ("cong ty", "ngan hang", "doanh nghiep", "hop tac xa", "chi nhanh", "truong ")
FIRMS = ("cong ty", "doanh nghiep", "hop tac xa", "ho kinh doanh", "chi nhanh")

Special = Callable[[Facts, Sequence[Sheet], PaperType, Letterhead], None]


def rows_of(sheets: Sequence[Sheet]) -> list[tuple[int, Row]]:
    return [(sheet.number, row) for sheet in sheets for row in sheet.rows]


def sure(place: float, confidence: float) -> float:
    return round(min(0.99, place * (0.35 + 0.65 * confidence)), 4)


def set_owner(facts: Facts, people: Sequence[Person], *, all_names: bool = False) -> None:
    """The owner's name and number from people found; overrules what a label gave."""
    if not people:
        return
    facts.people = list(people)
    first = people[0]
    names = "; ".join(dict.fromkeys(person.name for person in people)) if all_names else first.name
    facts.fields["chu_so_huu"] = Value(
        names, sure(0.95 * min(p.quality for p in people), first.confidence), first.page, first.box
    )
    told = next((person for person in people if person.identifier), None)
    if told is not None and told.identifier:
        quality = {"cccd": 0.97, "mst": 0.97, "cmnd": 0.85}.get(kind_of_id(told.identifier), 0.4)
        facts.fields["dinh_danh"] = Value(
            told.identifier, sure(quality, told.confidence), told.identifier_page, told.identifier_box
        )


def mean_confidence(row: Row) -> float:
    return sum(word.confidence for word in row.words) / max(1, len(row.words))


def inked(page: Page, box: Box) -> bool:
    return any(meets(ink, box) for ink in page.handwriting)


def meets(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0.2 * min(one.bottom - one.top, other.bottom - other.top)
