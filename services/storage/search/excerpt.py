"""The lines of a search result, with the matching words marked. Accents in the text, none needed in the query."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.vietnamese import strip_marks

_WIDTH = 200  # characters of an excerpt
_LEAD = 60  # of them before the first match


def excerpt(head: str, body: str, terms: Sequence[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A piece of the text and (start, end) of each match in it. The head, unless only the body has all the words."""
    in_head = _marks(head, terms)
    if not terms or len({term for _, _, term in in_head}) == len(set(terms)) or not body:
        return head, tuple((start, end) for start, end, _ in in_head)
    found = _marks(body, terms)
    missing = set(terms) - {term for _, _, term in in_head}
    first = next((start for start, _, term in found if term in missing), 0)
    start = max(0, first - _LEAD)
    while start > 0 and body[start - 1] != " ":
        start -= 1
    piece = body[start : start + _WIDTH]
    lead, tail = "… " if start else "", " …" if start + _WIDTH < len(body) else ""
    shown = [(a - start, b - start) for a, b, _ in found if a >= start and b <= start + len(piece)]
    return lead + piece + tail, tuple((a + len(lead), b + len(lead)) for a, b in shown)


def _marks(text: str, terms: Sequence[str]) -> list[tuple[int, int, str]]:
    """Where whole words of the text are terms: start, end, term."""
    bare = strip_marks(text).lower()
    if len(bare) != len(text) or not terms:  # a letter whose lower case is longer: no marks rather than wrong ones
        return []
    wanted = set(terms)
    return [
        (match.start(), match.end(), match.group())
        for match in re.finditer(r"[^\W_]+", bare)
        if match.group() in wanted
    ]
