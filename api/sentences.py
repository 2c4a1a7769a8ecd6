"""Stable codes as sentences a clerk reads. A code without a sentence is shown as it is, never hidden."""

from __future__ import annotations

import services.ocr.errors
import services.storage.errors  # noqa: F401  (with the line above: every error an intake can end with)
from services.errors import error_of

# What is wrong with a scanned page (``Quality.faults``).
FAULTS = {
    "too-blurred": "Trang bị mờ; hãy quét lại.",
    "low-dpi": "Độ phân giải thấp hơn 200 dpi; hãy quét lại ở 200–300 dpi.",
    "skewed": "Trang bị lệch hơn 2°; hãy đặt giấy ngay ngắn rồi quét lại.",
    "blank": "Trang trắng.",
    "cut-edge": "Chữ bị cắt ở mép trang; hãy quét lại cả trang.",
    "low-contrast": "Chữ quá nhạt; hãy tăng độ đậm khi quét.",
    "uneven-light": "Ánh sáng không đều, có bóng; hãy chụp lại ở chỗ sáng đều.",
    "perspective": "Ảnh chụp nghiêng; hãy chụp thẳng từ trên xuống.",
    "no-colour": "Bản quét không có màu; giấy tờ có dấu đỏ cần quét màu.",
}

COPY_KINDS = {
    "CHINH": "Bản chính",
    "SAO": "Bản chụp",
    "SAO_CHUNG_THUC": "Bản sao có chứng thực",
    "SAO_Y": "Bản sao y",
    "DIEN_TU": "Bản điện tử ký số",
}

VALIDITY = {
    "CON": ("Còn hiệu lực", "good"),
    "HET_HAN": ("Hết hiệu lực", "warn"),
    "BI_THAY_THE": ("Đã có bản mới thay thế", "warn"),
    "BI_THU_HOI": ("Bị thu hồi", "bad"),
    "KHONG_RO": ("Chưa rõ hiệu lực", ""),
}

FIELDS = {
    "so_ky_hieu": "Số, ký hiệu",
    "ngay_cap": "Ngày cấp",
    "co_quan_cap": "Cơ quan cấp",
    "trich_yeu": "Trích yếu",
    "chu_so_huu": "Chủ giấy tờ",
    "dinh_danh": "Số định danh / mã số thuế",
    "nguoi_ky": "Người ký",
    "thoi_han": "Có giá trị đến",
    "ma_ho_so": "Mã hồ sơ",
}


def fault(code: str) -> str:
    """What is wrong with a page."""
    return FAULTS.get(code) or error_of(code).vi
