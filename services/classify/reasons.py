"""Why a paper waits for a person: a sentence for each code of ``Piece.reason``, and for a file nobody could read."""

from __future__ import annotations

_SENTENCES = {
    "unknown-type": "Máy không nhận ra loại giấy tờ.",
    "unsure-type": "Máy chưa chắc về loại giấy tờ.",
    "symbol-conflict": "Tên loại và ký hiệu trên giấy tờ không khớp nhau.",
    "field-conflict": "Số định danh hoặc ngày trên giấy tờ mâu thuẫn với thông tin khác.",
    "owner-conflict": "Chủ giấy tờ không khớp với chủ hồ sơ.",
    "handwritten": "Số hoặc ngày viết tay; cần người đọc.",
    "unsure": "Máy chưa chắc; hãy đối chiếu với bản quét.",
    "gave-up": "Máy đã thử nhiều lần nhưng không đọc được tệp này; tệp gốc vẫn được giữ.",
}


def why(reason: str) -> str:
    """The Vietnamese sentence of a reason; a code without one is shown as it is, never hidden."""
    return _SENTENCES.get(reason, reason)
