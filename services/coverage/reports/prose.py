"""The words of the report: what the figures say (order of DOMAIN §11); praise goes by figures too."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from services.coverage import metrics, notices
from services.coverage.report import CoverageReport, UnitReport
from services.coverage.reports import words
from services.coverage.reports.book import Book

_NAMED = 10


def body(book: Book) -> Iterator[tuple[Literal["heading", "text"], str]]:
    """Headings and paragraphs."""
    of = book.report
    yield (
        "text",
        "Căn cứ Kế hoạch số 18/KH-UBND ngày 24/7/2025 của Ủy ban nhân dân tỉnh; Quyết định số 766/QĐ-TTg ngày "
        "23/6/2022 của Thủ tướng Chính phủ; Thông tư số 01/2023/TT-VPCP ngày 05/4/2023 của Văn phòng Chính phủ, kết "
        "quả số hóa hồ sơ, kết quả giải quyết thủ tục hành chính "
        f"{_lower(of.period.title)} như sau:",
    )
    yield "heading", "I. KẾT QUẢ CHUNG"
    yield from (("text", line) for line in _overall(of))
    yield "heading", "II. KẾT QUẢ CỦA CÁC ĐƠN VỊ"
    yield from (("text", line) for line in _units(of))
    yield "heading", "III. TỒN TẠI, HẠN CHẾ VÀ NGUYÊN NHÂN"
    yield from (("text", line) for line in _causes(of))
    yield "heading", "IV. GIẢI PHÁP, KIẾN NGHỊ"
    yield from (("text", line) for line in _asks(of))
    if book.is_last_week:
        yield "heading", "V. BIỂU DƯƠNG"
        yield "text", _praise(of)
    yield "text", "Số liệu chi tiết tại các bảng kèm theo./."


def whole(of: CoverageReport) -> str:
    """Whom the sum is of."""
    return "Toàn tỉnh" if of.province.level == "TINH" else of.province.name


def _overall(of: CoverageReport) -> Iterator[str]:
    p = of.province
    rate, parts, results, sync = (
        m(p.figures) for m in (metrics.digitization, metrics.components, metrics.results, metrics.sync)
    )
    yield (
        f"1. {whole(of)} tiếp nhận {words.number(rate.den)} hồ sơ; số hóa {words.number(rate.num)} hồ sơ, đạt tỷ lệ "
        f"{words.percent(rate.value)}{_change(p.trend)}."
    )
    yield (
        f"2. Hồ sơ có thành phần được số hóa: {words.number(parts.num)}/{words.number(parts.den)}, đạt "
        f"{words.percent(parts.value)}; kết quả giải quyết được số hóa: {words.number(results.num)}/"
        f"{words.number(results.den)}, đạt {words.percent(results.value)}."
    )
    yield (
        f"3. Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia: {words.number(sync.num)}/{words.number(sync.den)}, đạt "
        f"{words.percent(sync.value)} (yêu cầu 100%)."
    )
    yield (
        f"4. Điểm nhóm chỉ số số hóa hồ sơ: {words.number(p.points)}/{of.group_max} điểm ({of.profile_title}; "
        "chỉ số chứng thực bản sao điện tử không đo được nên không tính)."
    )
    if p.published is not None:
        place = f", xếp hạng {p.published.rank}" if p.published.rank else ""
        yield (
            "5. Theo số liệu công khai trên Cổng Dịch vụ công quốc gia đến ngày "
            f"{words.day(p.published.as_of)}: {words.number(p.published.points)} điểm{place}."
        )


def _units(of: CoverageReport) -> Iterator[str]:
    number = 0
    for level, name in (("SO_BAN_NGANH", "sở, ban, ngành"), ("XA_PHUONG", "xã, phường")):
        measured = [u for u in of.units if u.level == level and u.digitization.met is not None]
        if not measured:
            continue
        number += 1
        met, target = [u for u in measured if u.digitization.met], measured[0].digitization.target
        wanted, source = (target.percent, f" ({target.source})") if target else (0, "")
        yield f"{number}. Có {len(met)}/{len(measured)} {name} đạt chỉ tiêu từ {wanted}% trở lên{source}."
    missed = notices.below_target(of)
    if missed:
        shown = "; ".join(
            f"{m.unit.name} ({words.percent(m.goal.rate.value)}, còn thiếu {words.number(m.goal.missing)} hồ sơ)"
            for m in missed[:_NAMED]
        )
        more = f" và {len(missed) - _NAMED} đơn vị khác tại Bảng 1" if len(missed) > _NAMED else ""
        number += 1
        yield f"{number}. Các đơn vị chưa đạt chỉ tiêu, từ thấp đến cao: {shown}{more}."
    low = notices.low_scores(of)
    if low:
        shown = "; ".join(
            f"{s.name} ({f'hạng {s.rank}, ' if s.rank else ''}{words.number(s.points)} điểm)" for s in low[: 2 * _NAMED]
        )
        yield f"{number + 1}. Các địa phương dưới {low[0].target} điểm theo số liệu công bố: {shown}."


def _causes(of: CoverageReport) -> Iterator[str]:
    p = of.province
    failing, received = p.figures["failing"], p.figures["received"]
    yield (
        f"Có {words.number(failing)}/{words.number(received)} hồ sơ còn lỗi làm giảm điểm số hóa (một hồ sơ có thể có "
        "nhiều lỗi), xếp theo số lượng:"
    )
    for c in sorted((c for c in p.causes if c.dossiers), key=lambda c: (-c.dossiers, c.code)):
        share = Fraction(c.dossiers, failing) if failing else None
        gained = f"; khắc phục hết tăng thêm {words.number(c.points)} điểm" if c.points else ""
        yield f"- {of.check_titles[c.code]}: {words.number(c.dossiers)} hồ sơ ({words.percent(share)}){gained}."
    if p.low_not_improved:
        names = {s.id: s.name for s in p.scores}
        listed = "; ".join(f"{i} {names[i]}" for i in p.low_not_improved)
        yield f"Các chỉ số điểm thấp và không cải thiện so với kỳ trước: {listed}."


def _asks(of: CoverageReport) -> Iterator[str]:
    n = {c.code: words.number(c.dossiers) for c in of.province.causes}
    incomplete = words.number(of.province.figures["c2"] + of.province.figures["c2b"])
    yield (
        f"1. {len(notices.below_target(of))} đơn vị chưa đạt chỉ tiêu phân công rõ người, rõ việc, rõ thời gian, rõ "
        f"kết quả, rõ trách nhiệm, rõ thẩm quyền; bổ sung tệp kết quả cho {n['C1']} hồ sơ, thành phần cho "
        f"{incomplete} hồ sơ và văn bản từ chối, dừng, rút cho {n['C4']} hồ sơ."
    )
    yield (
        f"2. Sở Khoa học và Công nghệ hướng dẫn kiểm tra danh tính số ({n['C3']} hồ sơ), ký số và lưu kho kết quả "
        f"({n['C7']} hồ sơ), khai thác giấy tờ từ kho ({n['C5']} hồ sơ)."
    )
    yield f"3. VNPT Đồng Nai rà soát, đồng bộ lại {n['C6']} hồ sơ chưa có trên Cổng Dịch vụ công quốc gia."


def _praise(of: CoverageReport) -> str:
    best: list[UnitReport] = sorted(
        (u for u in of.units if u.digitization.met),
        key=lambda u: (-(u.digitization.rate.value or Fraction(0)), u.code),
    )
    if not best:
        return "Chưa có đơn vị đạt chỉ tiêu trong kỳ."
    shown = "; ".join(f"{u.name} ({words.percent(u.digitization.rate.value)})" for u in best[:_NAMED])
    return f"Các đơn vị đạt và vượt chỉ tiêu, tỷ lệ cao nhất: {shown}."


def _change(trend: Fraction | None) -> str:
    if trend is None:
        return ""
    if trend == 0:
        return ", không đổi so với kỳ trước"
    way = "tăng" if trend > 0 else "giảm"
    return f", {way} {words.number(abs(trend) * 100)} điểm phần trăm so với kỳ trước"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
