"""Every way a file can refuse to be read.

    InputError
    ├── EmptyFile        empty-file        no bytes
    ├── NotADocument     not-a-document    no PDF, TIFF, JPEG, PNG, WebP or HEIC
    ├── DamagedFile      truncated-file    begins like one, but cannot be decoded
    ├── EncryptedPdf     encrypted-pdf     a password is needed to open it
    ├── CannotArchive    cannot-archive    no PDF/A copy can be made of it
    └── NoPages          no-pages          a document without a page
    LimitError
    ├── TooLarge         too-large         more bytes than allowed
    ├── TooManyPages     too-many-pages
    ├── TooManyPixels    too-many-pixels   one page holds more pixels than allowed
    ├── TimeLimit        time-limit        a page or the file took too long
    └── MemoryLimit      memory-limit      the reading child ran out of its memory, or was killed for it
    ServiceError
    └── NoReader         no-reader         neither Tesseract nor the second reader is on this machine

``read_error(code)`` finds the class again after a code crossed a process boundary.
"""

from __future__ import annotations

from typing import ClassVar

from services.errors import InputError, LimitError, ServiceError, SohoaError


class ReadError(SohoaError):
    """Any of the errors below; what ``read_file`` raises for a file it cannot read."""


class BlankScan(InputError):
    """The file opens and holds no paper: what the pipeline says of it, not ``read_file``."""

    code: ClassVar[str] = "blank-scan"
    vi: ClassVar[str] = "Mọi trang đều trắng; hãy kiểm tra mặt giấy đã đặt đúng chiều rồi quét lại."
    en: ClassVar[str] = "Every page is blank; check which side faces the glass and scan again."


class EmptyFile(ReadError, InputError):
    code: ClassVar[str] = "empty-file"
    vi: ClassVar[str] = "Tệp rỗng, không có dữ liệu. Hãy quét hoặc tải lên lại tệp này."
    en: ClassVar[str] = "The file is empty. Scan or upload it again."


class NotADocument(ReadError, InputError):
    code: ClassVar[str] = "not-a-document"
    vi: ClassVar[str] = "Tệp không phải là PDF hoặc ảnh (TIFF, JPEG, PNG, WebP, HEIC). Hãy chọn đúng tệp quét."
    en: ClassVar[str] = "This is neither a PDF nor a picture (TIFF, JPEG, PNG, WebP, HEIC). Choose the scanned file."


class DamagedFile(ReadError, InputError):
    code: ClassVar[str] = "truncated-file"
    vi: ClassVar[str] = "Tệp bị hỏng hoặc bị cắt cụt nên không mở được. Hãy quét hoặc sao chép lại tệp gốc."
    en: ClassVar[str] = "The file is damaged or cut short and cannot be opened. Scan it or copy it again."


class EncryptedPdf(ReadError, InputError):
    code: ClassVar[str] = "encrypted-pdf"
    vi: ClassVar[str] = "Tệp PDF có mật khẩu. Hãy gỡ mật khẩu rồi tải lên lại."
    en: ClassVar[str] = "The PDF is protected by a password. Remove the password and upload it again."


class CannotArchive(ReadError, InputError):
    code: ClassVar[str] = "cannot-archive"
    vi: ClassVar[str] = "Không tạo được bản lưu trữ PDF/A từ tệp này; tệp gốc vẫn được giữ nguyên."
    en: ClassVar[str] = "No PDF/A copy can be made of this file; the original is kept as it is."


class NoPages(ReadError, InputError):
    code: ClassVar[str] = "no-pages"
    vi: ClassVar[str] = "Tệp không có trang nào. Hãy kiểm tra lại tệp quét."
    en: ClassVar[str] = "The document has no pages. Check the scanned file."


class TooLarge(ReadError, LimitError):
    code: ClassVar[str] = "too-large"
    vi: ClassVar[str] = "Tệp lớn hơn dung lượng cho phép. Hãy tách tệp hoặc giảm độ phân giải quét."
    en: ClassVar[str] = "The file is larger than allowed. Split it or scan at a lower resolution."


class TooManyPages(ReadError, LimitError):
    code: ClassVar[str] = "too-many-pages"
    vi: ClassVar[str] = "Tệp có nhiều trang hơn mức cho phép. Hãy tách thành nhiều tệp nhỏ."
    en: ClassVar[str] = "The file has more pages than allowed. Split it into smaller files."


class TooManyPixels(ReadError, LimitError):
    code: ClassVar[str] = "too-many-pixels"
    vi: ClassVar[str] = "Trang có kích thước ảnh quá lớn. Hãy quét lại ở 200–300 dpi."
    en: ClassVar[str] = "A page's picture is too large. Scan it again at 200–300 dpi."


class TimeLimit(ReadError, LimitError):
    code: ClassVar[str] = "time-limit"
    vi: ClassVar[str] = "Đọc tệp quá lâu nên đã dừng lại. Hãy tách tệp hoặc quét lại trang này."
    en: ClassVar[str] = "Reading took too long and was stopped. Split the file or scan the page again."


class MemoryLimit(ReadError, LimitError):
    code: ClassVar[str] = "memory-limit"
    vi: ClassVar[str] = "Tệp cần quá nhiều bộ nhớ để mở. Hãy quét lại ở 200–300 dpi hoặc tách tệp."
    en: ClassVar[str] = "The file needs too much memory to open. Scan it again at 200–300 dpi or split it."


class NoReader(ReadError, ServiceError):
    code: ClassVar[str] = "no-reader"
    vi: ClassVar[str] = "Máy này chưa cài bộ nhận dạng chữ. Hãy cài tesseract-ocr-vie hoặc gói trueocr."
    en: ClassVar[str] = "No text reader is installed on this machine. Install tesseract-ocr-vie or the trueocr package."


_BY_CODE: dict[str, type[ReadError]] = {
    cls.code: cls
    for cls in (
        EmptyFile,
        NotADocument,
        DamagedFile,
        EncryptedPdf,
        CannotArchive,
        NoPages,
        TooLarge,
        TooManyPages,
        TooManyPixels,
        TimeLimit,
        MemoryLimit,
        NoReader,
    )
}


def read_error(code: str, detail: str = "") -> ReadError:
    """The error with this stable code; an unknown code means the child broke on the file: ``truncated-file``."""
    return _BY_CODE.get(code, DamagedFile)(detail)
