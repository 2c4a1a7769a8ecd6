"""The catalogue of paper types: data in ``data/paper_types.toml``, its shape checked here before anything uses it.

``catalogue()`` gives the shipped one. A unit's own types are added with ``Catalogue.with_types`` (learning, CLI).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.classify.text import key

Kind = Literal["name", "date", "id", "number", "text", "word", "money", "dossier"]
Head = Literal[
    "form", "certificate", "extract", "card", "contract", "deed", "proxy", "permit", "drawing", "money", "process",
    "official", "minutes", "other",
]  # fmt: skip
OwnerRule = Literal[
    "holder", "child", "mother", "spouses", "deceased", "applicant", "land_users", "receiver", "party_b", "heirs",
    "giver",
    "investor", "company", "household", "establishment", "taxpayer", "payer", "buyer", "dossier", "named",
    "receiver_body", "none",
]  # fmt: skip

CONTRACT_KINDS: Mapping[str, Kind] = {
    "so_ky_hieu": "number",
    "ngay_cap": "date",
    "co_quan_cap": "text",
    "trich_yeu": "text",
    "chu_so_huu": "name",
    "dinh_danh": "id",
    "nguoi_ky": "name",
    "thoi_han": "text",
    "ma_ho_so": "dossier",
}


# Ways to name an identity number that any paper may use, behind the type's own.
_IDENTITY_LABELS = (
    "Số định danh cá nhân", "Mã định danh cá nhân", "Số định danh", "Mã định danh", "Mã số định danh", "Số ĐDCN",
    "ĐDCN", "CCCD/ĐDCN", "MST/ĐDCN", "MST/CCCD", "Số CCCD/Định danh", "CCCD/Căn cước", "Số CCCD/CMND",
    "Số CMND/CCCD", "CCCD/CMND", "CMND/CCCD", "Số CCCD", "CCCD số", "CCCD", "Số căn cước công dân",
    "Căn cước công dân số", "Căn cước công dân", "Thẻ căn cước số", "Số căn cước", "Căn cước số", "Căn cước",
    "Giấy tờ tùy thân số", "Giấy tờ tùy thân", "Giấy tờ pháp lý số", "Số giấy tờ", "Số CMND", "CMND số", "CMND",
)  # fmt: skip


class PaperType(BaseModel):
    """One type of paper. Fields as explained at the head of the data file; titles and labels as printed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[A-Z0-9_]{2,16}$")
    name: str = Field(min_length=3)
    role: Literal["I", "R", "Q", "R/I", "I/R", "R/Q", "Q/R", "Q/I"]
    head: Head = "certificate"
    titles: tuple[str, ...] = ()
    broad: tuple[str, ...] = ()
    not_: tuple[str, ...] = Field(default=(), alias="not")
    symbols: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    owner: OwnerRule = "holder"
    issuer: str | None = None
    months: int | None = Field(default=None, ge=1, le=600)
    like: str | None = None
    labels: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    kinds: Mapping[str, Kind] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _kinds_have_labels(self) -> PaperType:
        for name in self.kinds:
            if name not in self.labels:
                raise ValueError(f"{self.code}: kind of {name} given but no label")
        return self

    def kind_of(self, name: str) -> Kind:
        """What the field's value is; the contract's nine have fixed kinds."""
        return CONTRACT_KINDS.get(name) or self.kinds.get(name, "text")

    @cached_property
    def label_items(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The labels in a form that can be a cache's key."""
        return tuple(self.labels.items())

    @cached_property
    def title_keys(self) -> tuple[str, ...]:
        return tuple(key(title) for title in self.titles)

    @cached_property
    def broad_keys(self) -> tuple[str, ...]:
        return tuple(key(title) for title in self.broad)

    @cached_property
    def not_keys(self) -> tuple[str, ...]:
        return tuple(key(title) for title in self.not_)

    @cached_property
    def back_keys(self) -> tuple[str, ...]:
        return tuple(key(heading) for heading in self.back)


class Family(BaseModel):
    """Labels and kinds that several types share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    kinds: Mapping[str, Kind] = Field(default_factory=dict)


class Catalogue(BaseModel):
    """All types by code. ``KHAC`` (unknown) is always there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    types: Mapping[str, PaperType]

    @model_validator(mode="after")
    def _has_unknown(self) -> Catalogue:
        if "KHAC" not in self.types:
            raise ValueError("the catalogue needs the type KHAC")
        return self

    def __getitem__(self, code: str) -> PaperType:
        return self.types[code]

    @cached_property
    def title_index(self) -> tuple[tuple[PaperType, str, str], ...]:
        """Every title as a key with its type and whether it is a ``title`` or only a ``broad`` beginning."""
        return tuple(
            (paper, title, how)
            for paper in self.types.values()
            for how, titles in (("title", paper.title_keys), ("broad", paper.broad_keys))
            for title in titles
        )

    def name(self, code: str) -> str:
        """The type's name, or the code itself where a model knows a type this catalogue does not."""
        return self.types[code].name if code in self.types else code

    def with_types(self, extra: Iterable[PaperType]) -> Catalogue:
        """A catalogue with a unit's own types beside the shipped ones; a shipped code cannot be replaced."""
        types = dict(self.types)
        for paper in extra:
            types.setdefault(paper.code, paper)
        return Catalogue(version=self.version, types=types)


def load_catalogue(path: Path) -> Catalogue:
    """Reads a catalogue file. Raises ``pydantic.ValidationError`` or ``tomllib.TOMLDecodeError`` with the place."""
    return _parse(path.read_text("utf-8"))


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return _parse(resources.files("services.classify").joinpath("data/paper_types.toml").read_text("utf-8"))


def _parse(text: str) -> Catalogue:
    data = tomllib.loads(text)
    families = {name: Family.model_validate(value) for name, value in data.pop("families", {}).items()}
    types = {}
    for code, value in data.pop("types", {}).items():
        family = families[value["like"]] if "like" in value else Family()
        value["labels"] = {**family.labels, **value.get("labels", {})}
        value["kinds"] = {**family.kinds, **value.get("kinds", {})}
        value["kinds"] = {name: kind for name, kind in value["kinds"].items() if name in value["labels"]}
        if "dinh_danh" in value["labels"] and value.get("owner") not in ("company", "investor"):
            value["labels"]["dinh_danh"] = tuple(dict.fromkeys((*value["labels"]["dinh_danh"], *_IDENTITY_LABELS)))
        types[code] = PaperType.model_validate({"code": code, **value})
    return Catalogue(types=types, **data)
