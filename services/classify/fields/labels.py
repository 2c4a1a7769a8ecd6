"""Where printed labels stand: at every place where one could begin, the longest that fits claims it.

A label is matched by its letters, with a reader's slips; brackets or a translation may stand between it and its colon,
and it may break over two rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Indel

from services.classify.fields.tokens import Token, is_item, tokens_of
from services.classify.layout import Sheet
from services.classify.text import key

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
class Label:
    field: str | None  # None for a stop
    letters: str
    order: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
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
        if not token.key or is_item(token.text):
            continue
        before = tokens[index - 1] if index else None
        if (
            token.first
            or before is None
            or not before.key
            or before.text[-1:] in ",;)."
            or is_item(before.text)
            or token.text[:1].isupper()
        ) or token.key in _INNER_STARTS:
            yield index


def hits_on(sheet: Sheet, position: int, known: Sequence[Label]) -> list[Hit]:
    row = sheet.rows[position]
    tokens = tokens_of(row)
    following = tokens_of(sheet.rows[position + 1]) if position + 1 < len(sheet.rows) else ()
    hits: list[Hit] = []
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


def _hit_at(tokens: Sequence[Token], start: int, known: Sequence[Label]) -> Hit | None:
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
    return Hit(start, end, tuple(label for label in known if label.letters == letters), fit, colon)


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
) -> Hit | None:
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
    return Hit(start, len(tokens), same, 0.95 * fit, colon, next_row_start=begin)
