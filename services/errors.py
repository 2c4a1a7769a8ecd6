"""Every refusal the product can give, as one shallow tree.

    SohoaError
    ├── InputError      a file or row that cannot be used; the rest of the batch goes on      (422, exit 1)
    ├── LimitError      a file beyond a limit on bytes, pages, pixels, time or memory         (413, exit 1)
    ├── AccessError     no key, wrong role, another unit's paper                              (401/403/404)
    ├── ConflictError   the state of the kho does not allow it                                (409)
    ├── UsageError      the command or request itself is wrong                                (400, exit 2)
    └── ServiceError    a store, a server or a program of ours is missing or down             (503, exit 2)

Concrete errors are small subclasses beside the code that raises them. Each has a stable ``code`` and one
sentence in Vietnamese and in English that tells a person what to do. ``detail`` is for the log and never holds
text of a paper.
"""

from __future__ import annotations

from typing import ClassVar


class SohoaError(Exception):
    """Base of all our errors. Class attributes: ``code`` (stable), ``http_status``, ``exit_code``, ``vi``, ``en``."""

    code: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    vi: ClassVar[str] = "Có lỗi trong hệ thống; hồ sơ vẫn được giữ nguyên, hãy báo quản trị viên."
    en: ClassVar[str] = "Something went wrong on our side; the file is kept, please tell the administrator."

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail or self.en}")
        self.detail = detail

    @property
    def message(self) -> str:
        """Both sentences, Vietnamese first."""
        return f"{self.vi} / {self.en}"


class InputError(SohoaError):
    code = "bad-input"
    http_status = 422


class LimitError(SohoaError):
    code = "over-limit"
    http_status = 413


class AccessError(SohoaError):
    code = "no-access"
    http_status = 403


class ConflictError(SohoaError):
    code = "conflict"
    http_status = 409


class UsageError(SohoaError):
    code = "bad-use"
    http_status = 400
    exit_code = 2


class ServiceError(SohoaError):
    code = "service-down"
    http_status = 503
    exit_code = 2


def error_of(code: str) -> type[SohoaError]:
    """The error class with this stable code, among the rooms imported so far; the base class where none has it."""
    todo: list[type[SohoaError]] = [SohoaError]
    while todo:
        kind = todo.pop()
        if kind.code == code:
            return kind
        todo.extend(kind.__subclasses__())
    return SohoaError
