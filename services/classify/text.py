"""Comparing words of a damaged paper: keys without marks, edit ratios, dotted leaders, names.

``key`` is what titles and labels are compared by: no marks, lower case, only letters and digits, single spaces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Indel

from services.vietnamese import fold, strip_marks

_NOT_WORD = re.compile(r"[^0-9a-z/]+")
_LEADER = re.compile(r"[.…·•_‥․]{2,}|(?:(?<=\s)|^)(?:[.,…·•_'`~]+|[-–—]{2,})(?=\s|$)|(?<=:)\s*[.…·_]+")
_SPACES = re.compile(r"\s+")

# Family names by how often they are met; enough to tell a name from a place or a title.
FAMILY_NAMES = frozenset((
    "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong",
    "ly", "dinh", "doan", "lam", "trinh", "mai", "truong", "cao", "ha", "to", "ta", "chau", "luong", "thai",
    "quach", "kieu", "la", "tu", "thach", "dieu", "luu", "dao", "vuong", "quan", "phung", "trieu", "nong", "ton",
    "thi", "kim", "son", "danh", "chu", "chung", "au", "lai", "lo", "ma", "mac", "nghiem", "pho", "sam", "than",
    "thieu", "tieu", "vi", "viet", "xa", "luc", "khuc", "khuong", "kha", "hua", "giang", "giap", "bach", "banh",
    "ban", "cam", "dam", "dau", "diep", "khong", "lieu", "long", "lu", "lung", "moc", "ninh", "nham", "ngan",
    "ngac", "ngoc", "nhu", "nhac", "phi", "phu", "phuong", "quang", "tong", "van", "vy",
))  # fmt: skip


def key(text: str) -> str:
    """Letters and digits only, without marks, lower case, one space between words."""
    return _NOT_WORD.sub(" ", fold(text).replace("/", " ")).strip()


def clean_leaders(text: str) -> str:
    """The text without dotted leaders (``Họ tên:......A`` → ``Họ tên: A``) and the crumbs readers make of them."""
    return _SPACES.sub(" ", _LEADER.sub(" ", text)).strip()


def upper_share(text: str) -> float:
    """Share of capitals among the letters; 0 where there are no letters."""
    letters = [c for c in text if c.isalpha()]
    return sum(c.isupper() for c in letters) / len(letters) if letters else 0.0


@lru_cache(maxsize=65536)
def ratio(one: str, other: str) -> float:
    """How alike two keys are, 0 to 1, spaces apart."""
    return float(Indel.normalized_similarity(one.replace(" ", ""), other.replace(" ", "")))


@lru_cache(maxsize=65536)
def prefix_ratio(phrase: str, text: str) -> float:
    """How alike ``phrase`` is to the best beginning of ``text`` (both keys)."""
    wanted = phrase.replace(" ", "")
    given = text.replace(" ", "")
    size = len(wanted)
    slack = max(1, size // 10)
    best = 0.0
    for length in range(max(1, size - slack), min(len(given), size + slack) + 1):
        best = max(best, float(Indel.normalized_similarity(wanted, given[:length])))
        if best == 1.0:
            break
    return best


def title_case(name: str) -> str:
    """``NGUYỄN VĂN AN`` → ``Nguyễn Văn An``."""
    return " ".join(part[:1].upper() + part[1:].lower() for part in name.split())


def looks_like_name(words: Sequence[str]) -> bool:
    """Two to six capitalised words of letters only, the first a known family name."""
    if not 2 <= len(words) <= 6:
        return False
    if strip_marks(words[0]).lower() not in FAMILY_NAMES:
        return False
    return all(
        word[:1].isupper() and word.replace("'", "").replace("-", "").isalpha() and len(word) <= 8 for word in words
    )


# "K" and "H" begin names of the peoples of the Highlands (K'Brêu, H'Hen), which follow no such rule.
_SYLLABLE = re.compile(
    r"(?:ngh?|[ckptg]h|nh|tr|qu|gi|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?|[kh]'?[a-z]{1,6}"
)


def is_syllable(word: str) -> bool:
    """Whether a word can be a Vietnamese syllable, marks and case apart."""
    return _SYLLABLE.fullmatch(strip_marks(word).lower().strip(" .,")) is not None
