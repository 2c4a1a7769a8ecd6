"""May this paper be reused (DOMAIN §3.8)? Every answer says why, in a stable code and a sentence for the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.storage.filing.paper import ORIGINALS, STANDING
from services.storage.filing.rules import Rules, months_after
from services.storage.look.views import validity, view
from services.storage.model import Judged, PaperView, Reason
from services.storage.records.tables import PaperRow
from services.storage.reuse.holdings import Held

_SUPERSEDED = Reason("superseded", "Đã có bản cấp sau thay thế; hãy dùng bản mới.")


def judge(
    held: Held,
    *,
    rules: Rules,
    on: dt.date,
    procedure: str | None,
    owner_certain: bool,
    related: bool = False,
    among: Sequence[Held] = (),
) -> Judged:
    """Everything that forbids the reuse, or, where nothing does, what allows it and what to look at. ``among`` are the
    papers of the same person: filing marks what a newer issue replaced where both carried the person's number, or
    neither did.
    """
    paper, row = view(held.row, held.owners, on), held.row
    against = _against(row, rules, on, procedure, owner_certain, held.damaged)
    if row.validity in STANDING and any(_replaces(other, held) for other in among):
        against.append(_SUPERSEDED)
    if against:
        return Judged(paper, usable=False, why=tuple(against))
    return Judged(paper, usable=True, why=tuple(_for(row)), warnings=tuple(_warnings(row, paper, related)))


def _replaces(newer: Held, older: Held) -> bool:
    """Whether it is a later issue of the same thing; of papers with one owner, who is known to be one person."""
    one, other = newer.row, older.row
    return (
        len(newer.owners) == len(older.owners) == 1
        and one.type_code == other.type_code
        and one.thing == other.thing is not None
        and {one.copy_kind, other.copy_kind} <= set(ORIGINALS)
        and one.ngay_cap is not None
        and other.ngay_cap is not None
        and one.ngay_cap > other.ngay_cap
    )


def best_first(judged: Sequence[Judged]) -> list[Judged]:
    """Signed before unsigned, then the newest issue, then the newest scan."""
    return sorted(
        judged,
        key=lambda one: (
            one.paper.signature == "valid",
            one.paper.ngay_cap or dt.date.min,
            one.paper.id,
        ),
        reverse=True,
    )


def _against(
    row: PaperRow,
    rules: Rules,
    on: dt.date,
    procedure: str | None,
    owner_certain: bool,
    damaged: bool,
) -> list[Reason]:
    rule, found = rules.of(row.type_code), []
    state = validity(row, on)
    if state == "BI_THU_HOI":
        found.append(Reason("revoked", f"Đã bị thu hồi: {row.revoked_reason or 'không ghi lý do'}."))
    if state == "BI_THAY_THE":
        found.append(_SUPERSEDED)
    if state == "HET_HAN":
        found.append(Reason("expired", f"Đã hết hiệu lực từ sau ngày {_day(row.valid_to)}."))
    if row.valid_from is not None and row.valid_from > on:
        found.append(Reason("not-yet-valid", f"Chỉ có hiệu lực từ ngày {_day(row.valid_from)}."))
    if rule.validity == "dossier":
        found.append(Reason("one-dossier", "Giấy tờ này lập riêng cho một hồ sơ, không dùng lại."))
    elif state == "KHONG_RO":
        found.append(Reason("expiry-unknown", "Chưa rõ thời hạn hiệu lực; cần người kiểm tra trước khi dùng lại."))
    if rule.shown:
        found.append(Reason("shown-only", "Loại giấy tờ này chỉ xuất trình hoặc đối chiếu dữ liệu, không lấy từ kho."))
    if rule.bound:
        found.append(Reason("purpose-bound", "Giấy tờ chỉ có giá trị cho mục đích đã ghi; cần người đối chiếu."))
    if row.copy_kind not in ORIGINALS:
        found.append(Reason("copy-only", "Kho chỉ có bản sao của giấy tờ này; cần bản chính hoặc bản điện tử ký số."))
    if row.signature == "invalid":
        found.append(Reason("signature-invalid", "Chữ ký số trên bản số hóa không hợp lệ."))
    elif row.signature != "valid" and rules.signature.policy == "required":
        found.append(Reason("signature-missing", "Bản số hóa chưa được ký số."))
    if damaged:
        found.append(Reason("file-damaged", "Tệp gốc trong kho đang bị hỏng hoặc mất; chờ khôi phục."))
    if row.same_as is not None:
        found.append(Reason("same-paper", "Là bản quét lại của một giấy tờ đã có trong kho; hãy dùng bản đã có."))
    if not owner_certain:
        found.append(
            Reason("owner-unclear", "Chưa xác định chắc chắn chủ giấy tờ (thiếu số định danh hoặc ngày sinh).")
        )
    months = rules.fresher(procedure, row.type_code)
    if months is not None and (row.ngay_cap is None or months_after(row.ngay_cap, months) < on):
        found.append(Reason("too-old", f"Thủ tục này chỉ nhận giấy tờ cấp trong vòng {months} tháng."))
    return found


def _for(row: PaperRow) -> list[Reason]:
    found = [Reason("owner", "Đúng chủ giấy tờ.")]
    if row.valid_to is not None:
        found.append(Reason("valid-until", f"Còn hiệu lực đến hết ngày {_day(row.valid_to)}."))
    else:
        found.append(Reason("no-expiry", "Có giá trị đến khi bị thay đổi, thay thế hoặc thu hồi."))
    found.append(
        Reason("born-digital", "Là bản điện tử.")
        if row.copy_kind == "DIEN_TU"
        else Reason("original", "Số hóa từ bản chính.")
    )
    if row.signature == "valid":
        found.append(Reason("signed", "Chữ ký số hợp lệ."))
    return found


def _warnings(row: PaperRow, paper: PaperView, related: bool) -> list[Reason]:
    found = []
    if row.signature == "none":
        found.append(Reason("unsigned", "Bản số hóa chưa được ký số; hãy đối chiếu trước khi dùng."))
    elif row.signature == "unchecked":
        found.append(Reason("signature-unchecked", "Chữ ký số chưa được kiểm tra."))
    if row.scope:
        found.append(Reason("scope", f"Giấy tờ ghi phạm vi sử dụng: {row.scope}. Hãy đối chiếu với hồ sơ."))
    if related:
        names = ", ".join(owner.name for owner in paper.owners)
        found.append(Reason("relation", f"Giấy tờ của {names}; hãy kiểm tra quan hệ với chủ hồ sơ."))
    return found


def _day(day: dt.date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "(không rõ)"
