"""What is true of a made-up paper: type, kind of copy, fields, owners; and which fact each field comes from."""

from __future__ import annotations

from dataclasses import dataclass

from bench.papers.facts import PEOPLE, Facts

FIELDS = (
    "so_ky_hieu",
    "ngay_cap",
    "co_quan_cap",
    "trich_yeu",
    "chu_so_huu",
    "dinh_danh",
    "nguoi_ky",
    "thoi_han",
    "ma_ho_so",
)

# Usual facts of a code: number, date and issuer unless the paper is written by its owner (no issuer, signer = owner).
_BY_OFFICE = {"so_ky_hieu": "so", "ngay_cap": "d", "co_quan_cap": "cq", "nguoi_ky": "ky"}
_BY_OWNER = {"ngay_cap": "d", "chu_so_huu": "p", "dinh_danh": "p.cccd", "nguoi_ky": "p"}
_TO_OWNER = {**_BY_OFFICE, "chu_so_huu": "p", "dinh_danh": "p.cccd"}
_TO_FIRM = {**_BY_OFFICE, "chu_so_huu": "ct", "dinh_danh": "ct.mst"}
_OFFICIAL = {**_BY_OFFICE, "trich_yeu": "ty"}
_PROCESS = {**_TO_OWNER, "ma_ho_so": "hs"}

TRUTH: dict[str, dict[str, str]] = {
    "CCCD": {
        "so_ky_hieu": "p.cccd",
        "ngay_cap": "p.cap",
        "co_quan_cap": "cq",
        "chu_so_huu": "p",
        "dinh_danh": "p.cccd",
        "thoi_han": "exp",
    },
    "CMND": {"so_ky_hieu": "p.cmnd", "ngay_cap": "d", "co_quan_cap": "cq", "chu_so_huu": "p", "dinh_danh": "p.cmnd"},
    "HC": {
        "so_ky_hieu": "so",
        "ngay_cap": "d",
        "co_quan_cap": "cq",
        "chu_so_huu": "p",
        "dinh_danh": "p.cccd",
        "thoi_han": "exp10",
    },
    "KS": {**_BY_OFFICE, "chu_so_huu": "con", "dinh_danh": "con.cccd"},
    "TLKS": {**_BY_OFFICE, "chu_so_huu": "con", "dinh_danh": "con.cccd"},
    "GCS": {**_BY_OFFICE, "chu_so_huu": "ba", "dinh_danh": "ba.cccd"},
    "KH": {**_BY_OFFICE, "chu_so_huu": "ba", "dinh_danh": "ba.cccd"},
    "TLKH": {**_BY_OFFICE, "chu_so_huu": "ba", "dinh_danh": "ba.cccd"},
    "TTHN": _TO_OWNER,
    "KT": {**_BY_OFFICE, "chu_so_huu": "kg", "dinh_danh": "kg.cccd"},
    "CT07": _TO_OWNER,
    "CT01": _BY_OWNER,
    "TKHT": _BY_OWNER,
    "LLTP": _TO_OWNER,
    "GKSK": _TO_OWNER,
    "VB": _TO_OWNER,
    "GCNQSDD": _TO_OWNER,
    "TLBD": _TO_OWNER,
    "DDKBD": _BY_OWNER,
    "DTT": _BY_OWNER,
    "HDCQ": {
        "so_ky_hieu": "so",
        "ngay_cap": "d",
        "co_quan_cap": "cq",
        "nguoi_ky": "ky",
        "chu_so_huu": "q",
        "dinh_danh": "q.cccd",
    },
    "HD": {"so_ky_hieu": "so", "ngay_cap": "d", "chu_so_huu": "p", "dinh_danh": "p.cccd"},
    "VBTK": {
        "so_ky_hieu": "so",
        "ngay_cap": "d",
        "co_quan_cap": "cq",
        "nguoi_ky": "ky",
        "chu_so_huu": "p",
        "dinh_danh": "p.cccd",
    },
    "GUQ": {**_BY_OWNER, "thoi_han": "exp"},
    "HDUQ": {
        "so_ky_hieu": "so",
        "ngay_cap": "d",
        "co_quan_cap": "cq",
        "nguoi_ky": "ky",
        "chu_so_huu": "p",
        "dinh_danh": "p.cccd",
        "thoi_han": "exp",
    },
    "DXPXD": _BY_OWNER,
    "GPXD": _TO_OWNER,
    "BV": {"so_ky_hieu": "so", "ngay_cap": "d", "co_quan_cap": "ct", "chu_so_huu": "p", "dinh_danh": "p.cccd"},
    "DKDN": _TO_FIRM,
    "HKD": {**_BY_OFFICE, "chu_so_huu": "p", "dinh_danh": "p.cccd"},
    "DNDK": _BY_OWNER,
    "DTDT": {**_TO_FIRM, "thoi_han": "exp"},
    "GPKD": {**_TO_FIRM, "thoi_han": "exp"},
    "GPLX": {**_TO_OWNER, "thoi_han": "exp"},
    "BHXH": {**_TO_OWNER, "thoi_han": "exp"},
    "XNTN": _TO_OWNER,
    "DON": _BY_OWNER,
    "TKT": {"ngay_cap": "d", "chu_so_huu": "p", "dinh_danh": "p.cccd", "nguoi_ky": "p"},
    "TBT": {**_TO_OWNER, "thoi_han": "d1"},
    "BL": _TO_OWNER,
    "HDON": {"so_ky_hieu": "so", "ngay_cap": "d", "co_quan_cap": "ct", "chu_so_huu": "ct", "dinh_danh": "ct.mst"},
    "GTN": _PROCESS,
    "PBS": _PROCESS,
    "PTC": _PROCESS,
    "PXL": _PROCESS,
    "TBD": _PROCESS,
    "RUT": {**_BY_OWNER, "ma_ho_so": "hs"},
    "PKS": {"ma_ho_so": "hs", "co_quan_cap": "cq", "chu_so_huu": "p"},
    "QD": {**_OFFICIAL, "chu_so_huu": "p", "dinh_danh": "p.cccd"},
    "CV": _OFFICIAL,
    "TB": _OFFICIAL,
    "BB": {"so_ky_hieu": "so", "ngay_cap": "d", "co_quan_cap": "cq", "trich_yeu": "ty"},
    "KHAC": {},
}

# Codes whose papers belong to more than one person: every fact path is an owner when printed.
_OWNERS = {"KH": ("ong", "ba"), "TLKH": ("ong", "ba"), "HDCQ": ("p", "q")}


@dataclass(frozen=True, slots=True)
class Owner:
    """An owner as printed: birth date ISO 8601 or None where the paper does not say."""

    name: str
    identifier: str | None
    birth_date: str | None


def true_fields(code: str, facts: Facts, overrides: str) -> dict[str, str | None]:
    """The nine contract fields as printed; None where the paper does not say."""
    spec = dict(TRUTH[code])
    for pair in overrides.split():
        name, _, path = pair.partition("=")
        if path == "-":
            spec.pop(name, None)
        else:
            spec[name] = path
    out: dict[str, str | None] = dict.fromkeys(FIELDS)
    for name, path in spec.items():
        out[name] = facts.truth(path)
    return out


def true_owners(code: str, facts: Facts, fields: dict[str, str | None], overrides: str) -> tuple[Owner, ...]:
    """Everyone the paper belongs to, in the order printed on the type."""
    spec = {**TRUTH[code], **dict(pair.split("=", 1) for pair in overrides.split())}
    roots = _OWNERS.get(code, (spec.get("chu_so_huu", ""),))
    out = []
    for root in roots:
        if root in PEOPLE and facts.truth(root):
            who = facts.person_of(root)
            number = facts.truth(f"{root}.cccd") or facts.truth(f"{root}.cmnd")
            born = who.sinh.isoformat() if facts.used & {f"{root}.ns", f"{root}.ns_dai", f"{root}.ns8"} else None
            out.append(Owner(who.ten, number, born))
        elif root in ("ct", "ct2", "hkd") and facts.truth(root):
            out.append(Owner(facts.firm_of(root).ten, facts.truth(f"{root}.mst") or fields["dinh_danh"], None))
    return tuple(out)


def also_right(code: str, fields: dict[str, str | None], owners: tuple[Owner, ...]) -> dict[str, tuple[str, ...]]:
    """Other right answers: an abstract without its "V/v"; the joint owners of a paper together or one of them; the
    insurance number as the owner's (DOMAIN §10, row 35).
    """
    out: dict[str, tuple[str, ...]] = {}
    if code == "BHXH" and fields["so_ky_hieu"]:
        out["dinh_danh"] = (fields["so_ky_hieu"],)
    abstract = fields["trich_yeu"]
    if abstract:
        for opening in ("V/v ", "Về việc "):
            if abstract.startswith(opening):
                rest = abstract.removeprefix(opening)
                out["trich_yeu"] = (rest, f"V/v {rest}", f"Về việc {rest}")
    if len(owners) == 2:
        names = [owner.name for owner in owners]
        numbers = [owner.identifier for owner in owners if owner.identifier]
        out["chu_so_huu"] = (*names, "; ".join(names), "; ".join(reversed(names)))
        if numbers:
            out["dinh_danh"] = (*numbers, "; ".join(numbers), "; ".join(reversed(numbers)))
    return out
