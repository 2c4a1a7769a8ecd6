"""Values behind printed labels: ``Họ, chữ đệm, tên: ……NGUYỄN VĂN AN……``.

The page is a stream of tokens (words cut at colons and dotted leaders) row by row. At every place where a label could
begin, the longest label of the type that fits claims it; a value runs from the end of its label to the next label, the
next column, or the end of the row, and may begin on the row below. Labels may break over two rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel

from services.classify.layout import Row, Sheet, union
from services.classify.text import clean_leaders, key
from services.ocr.model import Box

_PIECES = re.compile(
    r"[.…·•_‥]{2,}|[:;]|(?<=[^\W\d])/(?=[^\W\d])|(?:(?!(?<=[^\W\d])/(?=[^\W\d]))[^:;.…·•_‥])+(?:[.·](?:(?!(?<=[^\W\d])/(?=[^\W\d]))[^:;.…·•_‥])+)*\.?|."
)
_LEADER = re.compile(r"^[.…·•_‥\-–—,'`~*|]+$")
_ITEM = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[a-zđ][.)]|[IVX]{1,4}[.)]|[-–+•*]|\(?\d{1,2}\))$")

# Labels that end a value although no field wants what follows them.
STOPS = (
    "Giới tính", "Dân tộc", "Quốc tịch", "Tôn giáo", "Ngày cấp", "Nơi cấp", "Cấp ngày", "Do", "Nơi cư trú",
    "Nơi thường trú", "Quê quán", "Nơi sinh", "Năm sinh", "Sinh năm", "Sinh ngày", "Ngày sinh",
    "Ngày, tháng, năm sinh", "Ghi bằng chữ", "Giấy tờ tùy thân", "Số định danh cá nhân", "Địa chỉ", "Điện thoại",
    "Số điện thoại", "Email", "Fax", "Chức vụ", "Quyển số", "Nghề nghiệp", "Địa chỉ thường trú", "Mã số thuế",
    "Website", "Bằng chữ", "Viết bằng chữ", "Số tài khoản", "Tại ngân hàng", "Đại diện", "Cấp lần đầu", "Nam", "Nữ",
    "Tạm trú", "Thường trú", "Hộ khẩu thường trú", "cấp ngày", "cấp bởi", "Số CCCD", "Số CMND", "CCCD số",
    "CMND số", "Căn cước công dân số", "Hộ chiếu số", "Trình độ", "Mẫu số", "Người đại diện", "Tờ bản đồ số",
    "Thửa đất số", "Số phát hành", "Mục đích sử dụng", "Diện tích", "Thời hạn sử dụng", "Nguồn gốc sử dụng",
    "Ghi chú", "Nơi nhận", "Hình thức sử dụng", "Hình thức thanh toán", "Có giá trị đến", "Ngày hết hạn",
    "Loại đất", "Quan hệ với", "Họ và tên", "Họ, chữ đệm, tên", "Nơi đăng ký", "Ngày đăng ký",
    "Ngày, tháng, năm đăng ký", "Tên cơ sở", "Kỳ tính thuế", "Tình trạng hôn nhân", "Chỗ ở hiện nay",
    "Nơi ở hiện tại", "Tên giao dịch", "Tên viết tắt", "Người liên hệ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a word: letters, a colon, or a leader. ``key`` is empty for colons and leaders."""

    text: str
    key: str
    box: Box
    confidence: float
    segment: int  # index of the segment within its row
    first: bool  # begins its segment

    @property
    def colon(self) -> bool:
        return self.text in (":", ";")

    @property
    def leader(self) -> bool:
        return not self.key and not self.colon


_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Found:
    """A value behind a label: the text as printed, its box, mean reader confidence, and how well the label fitted."""

    field: str
    text: str
    box: Box
    confidence: float
    fit: float
    page: int
    row: int
    order: int  # rank of the label in the field's list
    label: str
    colon: bool
    below: bool = False  # the value stands on the row under its label
    label_box: Box = _NOWHERE
    words: tuple[tuple[str, float], ...] = ()  # letters and confidence of each piece of the value

    def confidence_of(self, value: str) -> float:
        """The reader's least confidence among the pieces that make up the value; the mean where they cannot be told."""
        wanted = key(value).replace(" ", "")
        used = [sure for letters, sure in self.words if letters in wanted or (len(letters) > 3 and wanted in letters)]
        return min(used) if used else self.confidence


@lru_cache(maxsize=4096)
def tokens_of(row: Row) -> tuple[Token, ...]:
    """The row's words cut at colons and dotted leaders, each piece with its share of the word's box."""
    made = []
    for position, segment in enumerate(row.segments):
        first = True
        for word in segment.words:
            size = max(1, len(word.text))
            for match in _PIECES.finditer(word.text):
                piece = match.group()
                left = word.box.left + (word.box.right - word.box.left) * match.start() // size
                right = word.box.left + (word.box.right - word.box.left) * match.end() // size
                plain = "" if _LEADER.match(piece) else key(piece).replace(" ", "")
                made.append(
                    Token(
                        piece, plain, Box(left, word.box.top, right, word.box.bottom), word.confidence, position, first
                    )
                )
                first = False
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Label:
    field: str | None  # None for a stop
    letters: str
    order: int
    text: str


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int  # tokens of this row; a label that ends on the next row has end = len(tokens)
    labels: tuple[Label, ...]
    fit: float
    colon: bool
    next_row_start: int = -1  # where the value begins on the next row, when the label broke over two rows


@lru_cache(maxsize=256)
def label_set(items: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Label, ...]:
    """The labels of a type and the general stops, as letters to compare, longest first."""
    labels = dict(items)
    made = [
        Label(name, key(text).replace(" ", ""), order, text)
        for name, texts in labels.items()
        for order, text in enumerate(texts)
    ]
    made += [Label(None, key(text).replace(" ", ""), 99, text) for text in STOPS]
    return tuple(sorted(made, key=lambda label: -len(label.letters)))


def find_labelled(sheets: Sequence[Sheet], known: Sequence[Label]) -> list[Found]:
    """Every value behind a label on these pages, top to bottom."""
    found = []
    for sheet in sheets:
        hits = [_hits(sheet, position, known) for position in range(len(sheet.rows))]
        for position, row in enumerate(sheet.rows):
            for index, hit in enumerate(hits[position]):
                if any(label.field for label in hit.labels):
                    found.extend(_values(sheet, position, row, hits, index))
    return found


_INNER_STARTS = frozenset(
    [
        "cap",
        "sinh",
        "to",
        "cccd",
        "cmnd",
        "mst",
        "va",
        "do",
        "hen",
        "ho",
        "voi",
        "duoc",
        "den",
        "dat",
        "cham",
        "can",
        "ma",
    ]
)  # labels inside a sentence


def _starts(tokens: Sequence[Token]) -> Iterable[int]:
    """Token places where a label could begin: at a segment's start, after punctuation or a leader, or in capitals."""
    for index, token in enumerate(tokens):
        if not token.key or _ITEM.match(token.text):
            continue
        before = tokens[index - 1] if index else None
        if (
            token.first
            or before is None
            or not before.key
            or before.text[-1:] in ",;)."
            or _ITEM.match(before.text)
            or token.text[:1].isupper()
        ) or token.key in _INNER_STARTS:
            yield index


def _hits(sheet: Sheet, position: int, known: Sequence[Label]) -> list[_Hit]:
    row = sheet.rows[position]
    tokens = tokens_of(row)
    following = tokens_of(sheet.rows[position + 1]) if position + 1 < len(sheet.rows) else ()
    hits: list[_Hit] = []
    taken = -1
    for start in _starts(tokens):
        if start < taken:
            continue
        hit = _hit_at(tokens, start, known)
        if hit is None or (hit.end == len(tokens) and not hit.colon):
            longer = _hit_over_two_rows(tokens, start, following, known)
            if longer and (hit is None or len(longer.labels[0].letters) > len(hit.labels[0].letters)):
                hit = longer
        if hit:
            hits.append(hit)
            taken = hit.end
    return hits


def _ends(tokens: Sequence[Token], start: int) -> list[tuple[int, int, str]]:
    """Growing joins from ``start``: (end token, letters so far, joined), stopping at a colon or another segment."""
    joined = ""
    ends = []
    segment = tokens[start].segment
    for end in range(start, min(len(tokens), start + 22)):
        token = tokens[end]
        if token.colon or token.segment != segment or (token.leader and len(token.text) > 2):
            break
        joined += token.key
        ends.append((end + 1, len(joined), joined))
    return ends


def _hit_at(tokens: Sequence[Token], start: int, known: Sequence[Label]) -> _Hit | None:
    ends = _ends(tokens, start)
    if not ends:
        return None
    longest = ends[-1][1]
    whole = ends[-1][2]
    after_colon = start > 0 and tokens[start - 1].colon
    best: tuple[float, int, str] | None = None
    for label in known:
        size = len(label.letters)
        if best is not None and size < 0.8 * len(best[2]):
            break
        if size > longest + max(1, size // 8) or (after_colon and size <= 4):
            continue
        if label.letters[0] != whole[0] and label.letters[1:3] != whole[1:3]:
            continue
        for end, length, joined in ends:
            if abs(length - size) > max(0 if size < 6 else 1, size // 7):
                continue
            fit = (
                1.0
                if joined == label.letters
                else float(Indel.normalized_similarity(joined, label.letters))
                if size >= 5
                else 0.0
            )
            needed = 0.84 if size >= 9 else 0.88 if size >= 6 else 1.0
            if fit >= needed and (best is None or fit * size > best[0] * len(best[2])):
                best = (fit, end, label.letters)
    if best is None:
        return None
    fit, end, letters = best
    end, colon = _past_brackets(tokens, end)
    if not colon and len(letters) >= 6 and (longer := _past_more_words(tokens, end)) is not None:
        end, colon, fit = longer, True, fit - 0.1
    if len(letters) <= 5 and not colon and not _short_without_colon(tokens, start, end):
        return None
    return _Hit(start, end, tuple(label for label in known if label.letters == letters), fit, colon)


def _short_without_colon(tokens: Sequence[Token], start: int, end: int) -> bool:
    """A label of a few letters stands without a colon only at the start or before a number (``Số 12/2025``)."""
    if end >= len(tokens):
        return tokens[start].first
    after = tokens[end]
    return after.leader or after.text[:1].isdigit() or (tokens[start].first and after.text[:1].isupper())


def _past_brackets(tokens: Sequence[Token], end: int) -> tuple[int, bool]:
    """Past what stands between a label and its colon: ``(1)``, ``(nếu có)``, ``/ Full name``, leaders."""
    at = end
    depth = 0
    translated = end < len(tokens) and tokens[end].text.startswith("/")
    while at < len(tokens) and at < end + 14:
        token = tokens[at]
        if token.colon and depth <= 0:
            return at + 1, True
        depth += token.text.count("(") - token.text.count(")")
        inside = depth > 0 or "(" in token.text or ")" in token.text
        if not inside and token.key and not (translated and at < end + 7):
            break
        at += 1
    # No colon near: the value begins right behind the label and its leaders.
    while end < len(tokens) and not tokens[end].key and not tokens[end].colon:
        end += 1
    return end, False


def _past_more_words(tokens: Sequence[Token], end: int) -> int | None:
    """Past one to four small words that carry a label on to its colon (``Cơ quan đăng ký`` + ``kết hôn:``)."""
    for at in range(end, min(len(tokens), end + 5)):
        token = tokens[at]
        if token.colon and token.text == ":":
            return at + 1 if at > end else None
        if not token.text[:1].islower() or token.key in _OTHERS or token.segment != tokens[end].segment:
            return None
    return None


_OTHERS = frozenset(
    ("cha", "me", "vo", "chong", "con", "diện", "dien", "giam")
)  # words that make it another person's label


def _hit_over_two_rows(
    tokens: Sequence[Token], start: int, following: Sequence[Token], known: Sequence[Label]
) -> _Hit | None:
    """A long label whose end stands at the beginning of the next row."""
    if not following:
        return None
    ends = _ends(tokens, start)
    if not ends or ends[-1][0] != len(tokens) or ends[-1][1] < 8:
        return None
    head = ends[-1][2]
    best: tuple[float, int, Label] | None = None
    for label in known:
        size = len(label.letters)
        if label.field is None or size < 16 or size < len(head) + 3:
            continue
        joined = head
        for index, token in enumerate(following[:12]):
            if token.colon:
                break
            joined += token.key
            if abs(len(joined) - size) <= max(1, size // 12):
                fit = float(Indel.normalized_similarity(joined, label.letters))
                if fit >= 0.9 and (best is None or fit > best[0]):
                    best = (fit, index, label)
    if best is None:
        return None
    fit, index, label = best
    begin, colon = _past_brackets(following, index + 1)
    same = tuple(one for one in known if one.letters == label.letters)
    return _Hit(start, len(tokens), same, 0.95 * fit, colon, next_row_start=begin)


def _values(sheet: Sheet, position: int, row: Row, hits: Sequence[Sequence[_Hit]], index: int) -> list[Found]:
    hit = hits[position][index]
    tokens = tokens_of(row)
    below = False
    at = position
    if hit.next_row_start >= 0:
        at = position + 1
        tokens = tokens_of(sheet.rows[at])
        stop = min((h.start for h in hits[at] if h.start >= hit.next_row_start), default=len(tokens))
        run = list(tokens[hit.next_row_start : stop])
    else:
        stop = hits[position][index + 1].start if index + 1 < len(hits[position]) else len(tokens)
        run = list(tokens[hit.end : stop])
    if not any(token.key for token in run) and at + 1 < len(sheet.rows):
        run = _run_below(sheet, at, hits, tokens[hit.start].box if hit.next_row_start < 0 else None)
        below = True
        at += 1
    run = _trim(_one_column(run))
    if not run:
        return []
    text = clean_leaders(_join(run))
    if not text:
        return []
    box = union(token.box for token in run)
    named = tokens_of(row)[hit.start : min(hit.end, len(tokens_of(row)))]
    label_box = union(token.box for token in named)
    told = [token for token in run if token.key] or run
    confidence = sum(token.confidence for token in told) / len(told)
    words = tuple((token.key, token.confidence) for token in told)
    return [
        Found(
            label.field,
            text,
            box,
            confidence,
            hit.fit,
            sheet.number,
            sheet.rows[at].index,
            label.order,
            label.text,
            hit.colon,
            below,
            label_box,
            words,
        )
        for label in hit.labels
        if label.field
    ]


def _one_column(run: list[Token]) -> list[Token]:
    """The pieces up to the next column, once something has been said."""
    for index, token in enumerate(run):
        if token.first and any(before.key for before in run[:index]):
            return run[:index]
    return run


def _run_below(sheet: Sheet, at: int, hits: Sequence[Sequence[_Hit]], label: Box | None) -> list[Token]:
    """The tokens of the next row that stand under the label and are no label themselves."""
    row = sheet.rows[at + 1]
    if row.top - sheet.rows[at].bottom > 2.5 * sheet.letter_px and sheet.boxed:
        return []
    tokens = tokens_of(row)
    starts = sorted(h.start for h in hits[at + 1])
    stop = starts[0] if starts else len(tokens)
    run = list(tokens[:stop])
    if label is None or not sheet.boxed or len(row.segments) == 1:
        return run
    columns = [i for i, segment in enumerate(row.segments) if segment.box.right > label.left - 2 * sheet.letter_px]
    return [token for token in run if columns and token.segment == columns[0]]


def _trim(run: list[Token]) -> list[Token]:
    while run and (not run[0].key) and not run[0].text.startswith(('"', "“", "«", "(")):
        run = run[1:]
    while run and (not run[-1].key) and not run[-1].text.endswith((")", '"', "”")):
        run = run[:-1]
    if len(run) > 1 and _ITEM.match(run[-1].text) and not run[-1].text[0].isdigit():
        run = run[:-1]
    return run


def _join(run: Sequence[Token]) -> str:
    """Pieces as text; pieces of one word are put together again without a space."""
    text = ""
    right = None
    for token in run:
        glued = right is not None and token.box.left <= right[0] and token.box.top == right[1]
        text += token.text if glued or not text else f" {token.text}"
        right = (token.box.right, token.box.top)
    return re.sub(r"\s+([:;,])", r"\1", text)


def continue_text(sheet: Sheet, found: Found, known: Sequence[Label], *, rows: int = 2) -> Found:
    """The value with the rows below it, where it runs to the right edge and they begin no label and no list item."""
    if found.page != sheet.number:
        return found
    position = next((i for i, row in enumerate(sheet.rows) if row.index == found.row), None)
    if position is None:
        return found
    text, box, confidence = found.text, found.box, found.confidence
    for later in range(position + 1, min(len(sheet.rows), position + 1 + rows)):
        row = sheet.rows[later]
        if sheet.boxed and box.right < sheet.inside.right - 0.22 * (sheet.inside.right - sheet.inside.left):
            break
        if sheet.boxed and row.top - sheet.rows[later - 1].bottom > 1.2 * sheet.letter_px:
            break
        tokens = tokens_of(row)
        if (
            not tokens
            or _ITEM.match(tokens[0].text)
            or text.endswith((".", ";"))
            or any(token.colon for token in tokens)
        ):
            break
        if any(hit.start == 0 for hit in _hits(sheet, later, known)):
            break
        run = _trim(list(tokens))
        if not run or len(row.segments) > 1:
            break
        text = clean_leaders(f"{text} {_join(run)}")
        box = union((Box(box.left, box.top, box.right, box.bottom), *(token.box for token in run)))
        confidence = min(confidence, sum(token.confidence for token in run) / len(run))
        if sheet.boxed and run[-1].box.right < sheet.inside.right - 0.15 * (sheet.inside.right - sheet.inside.left):
            break
    return Found(
        found.field,
        text,
        box,
        confidence,
        found.fit,
        found.page,
        found.row,
        found.order,
        found.label,
        found.colon,
        found.below,
    )
