"""Which type a paper is, and how surely: title first, then number and layout, then the learned model, then KHAC.

The cost behind the threshold: at most 1 of 200 papers filed by itself may have the wrong type (issue 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.classify.catalogue import Catalogue
from services.classify.fields.letterhead import read_letterhead
from services.classify.layout import Sheet
from services.classify.learned import Model
from services.classify.text import key, prefix_ratio
from services.classify.titles import Named, cue_share, find_letter, find_symbol, find_title

_UNTITLED = 0.85  # without a title or a letter's layout no paper is filed alone
FILE_ALONE = 0.90  # calibrated confidence from which a paper is filed without a person


@dataclass(frozen=True, slots=True)
class Decision:
    """A paper's type with calibrated confidence; ``reason`` is a stable code where a person must look."""

    code: str
    confidence: float
    reason: str | None
    by: str
    named: Named | None


def decide(sheets: Sequence[Sheet], book: Catalogue, model: Model | None) -> Decision:
    """The type of the paper on these sheets."""
    first = sheets[0]
    if not any(sheet.rows for sheet in sheets):
        return Decision("KHAC", 0.0, "unknown-type", "rules", None)
    named = find_title(first, book)
    head = read_letterhead(first)
    symbol = find_symbol(head.number.text if head.number else f"0/{head.symbol}" if head.symbol else None, book)
    letter = find_letter(first)
    learned = model.probabilities(sheets) if model is not None else {}
    guess = max(learned, key=lambda code: learned[code]) if learned else None
    trust = learned.get(guess, 0.0) if guess else 0.0
    by = model.version if model is not None else "rules"
    text = "\n".join(sheet.key for sheet in sheets[:2])

    if named is not None and (named.how == "title" or named.code == "KHAC"):
        if named.code == "KHAC":
            return Decision("KHAC", named.score, "unknown-type", "rules", named)
        support = cue_share(text, book[named.code])
        sure = 0.985 - 1.1 * (1 - named.score)
        if support == 0.0:
            sure -= 0.03 if named.score > 0.99 else 0.08
        if _broken_off(first, named):
            sure -= 0.12
        if learned:
            agreed = learned.get(named.code, 0.0)
            if guess != named.code and trust > 0.6 and agreed < 0.1:
                # A long title printed in full is believed before a model that has seen few wordings.
                sure -= 0.06 if named.score > 0.99 and len(named.title.split()) >= 3 else 0.12
            elif guess == named.code:
                sure = min(0.995, sure + 0.05 * trust)
        if (
            symbol is not None
            and symbol != named.code
            and book[named.code].head in ("official", "minutes")
            and named.code not in ("TBT", "DTDT")
        ):
            return Decision(named.code, min(sure, 0.6), "symbol-conflict", by, named)
        if (rival := _rival(named, text, book)) is not None and guess != named.code:
            return Decision(named.code if guess != rival else rival, min(sure, 0.7), "unsure-type", by, named)
        return _judge(named.code, sure, by, named)
    if letter >= 0.8 and symbol is None and (named is None or named.how == "broad"):
        sure = letter if head.number or head.symbol or head.blank_number else letter - 0.12
        if guess and guess != "CV" and trust > 0.6:
            sure -= 0.2
        return _judge("CV", sure, by, None)
    if named is None and symbol is None and head.motto and head.number and letter > 0.5 and guess == "CV":
        return _judge("CV", 0.86 + 0.1 * trust, by, None)  # addressed, numbered as a letter, its "V/v" misread
    if symbol is not None and named is None:
        sure = 0.72 + 0.2 * cue_share(text, book[symbol]) + (0.06 if guess == symbol else -0.1 if trust > 0.6 else 0.0)
        return _judge(symbol, min(_UNTITLED, sure), by, None)
    if named is not None:
        if guess is not None and trust > 0.6 and _same_kind_of_form(guess, named, text, book):
            return _judge(guess, min(_UNTITLED, 0.55 + 0.35 * trust), by, named)  # "TỜ KHAI" and no more
        support = cue_share(text, book[named.code])
        sure = 0.55 + 0.25 * support + (0.2 * trust if guess == named.code else -0.2 * trust)
        return _judge(named.code, sure, by, named)
    if guess is not None and guess != "KHAC":
        support = cue_share(text, book[guess]) if guess in book.types else 0.5
        sure = min(_UNTITLED, trust * (0.55 + 0.4 * support))
        if sure >= 0.3:
            return _judge(guess, sure, by, None)
        return Decision("KHAC", 1.0 - sure, "unknown-type", by, None)
    best = max(book.types.values(), key=lambda paper: cue_share(text, paper))
    share = cue_share(text, best)
    if share >= 1.0 and model is None:
        return _judge(best.code, 0.7, by, None)
    return Decision("KHAC", 0.5, "unknown-type", by, None)


def _same_kind_of_form(guess: str, named: Named, text: str, book: Catalogue) -> bool:
    """A form whose title names no type, and whose body has all that the guessed type of form should have."""
    return (
        guess != named.code
        and guess in book.types
        and book[guess].head == book[named.code].head == "form"
        and cue_share(text, book[guess]) >= 1.0
    )


def _broken_off(sheet: Sheet, named: Named) -> bool:
    """A short title with more words in capitals beside it: a word between was lost ("THÔNG BÁO … GIẢI QUYẾT")."""
    row = next((row for row in sheet.rows if named.rows and row.index == named.rows[0]), None)
    if row is None or len(named.title.split()) > 3 or not sheet.boxed:
        return False
    own = next((segment for segment in row.segments if segment.top == named.top), row.segments[0])
    return any(
        segment is not own
        and segment.capitals > 0.7
        and sum(c.isalpha() for c in segment.text) > 2
        and 0 <= segment.box.left - own.box.right < 12 * sheet.letter_px
        and abs(segment.height - own.height) < 0.35 * own.height
        for segment in row.segments
    )


def _rival(named: Named, text: str, book: Catalogue) -> str | None:
    """A type whose titles begin with this one ("THÔNG BÁO" — "THÔNG BÁO NỘP THUẾ") and that fits better."""
    own = book[named.code]
    matched = max((t for t in own.title_keys if prefix_ratio(t, key(named.title)) > 0.8), key=len, default="")
    if not matched or len(matched.split()) > 3:
        return None
    support = sum(cue in text for cue in own.cues)
    for code, paper in book.types.items():
        if code in (named.code, "KHAC") or not any(title.startswith(f"{matched} ") for title in paper.title_keys):
            continue
        heard = sum(cue in text for cue in paper.cues)
        if heard >= 3 and heard > support:
            return code
    return None


def _judge(code: str, sure: float, by: str, named: Named | None) -> Decision:
    sure = round(max(0.0, min(0.995, sure)), 4)
    if sure >= FILE_ALONE:
        return Decision(code, sure, None, by, named)
    return Decision(code, sure, "unsure-type", by, named)
