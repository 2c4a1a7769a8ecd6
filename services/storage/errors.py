"""What the kho refuses, on the tree of ``services.errors``.

InputError      empty-file, dropped, gave-up (the last two are how an intake ends, never raised)
LimitError      too-large
AccessError     role-not-allowed, other-unit, shared-file, purpose-needed, not-found, bad-key
ConflictError   lease-lost, already-decided, not-reusable, other-owner
UsageError      unknown-unit, bad-code, bad-cursor, bad-query, bad-rules
ServiceError    objects-down, objects-refused, disk-full, records-down, object-missing, object-rotten,
                wrong-keys, bad-backup
"""

from __future__ import annotations

from services.errors import AccessError, ConflictError, InputError, LimitError, ServiceError, UsageError


class EmptyUpload(InputError):
    code = "empty-file"
    vi = "Tệp rỗng, không có nội dung. Hãy quét hoặc tải lên lại."
    en = "The file is empty. Scan or upload it again."


class Dropped(InputError):
    code = "dropped"
    vi = "Người xem đã loại tệp này, không đưa vào kho."
    en = "A person looked at this file and left it out of the kho."


class GaveUp(InputError):
    code = "gave-up"
    vi = "Máy đã thử nhiều lần nhưng không đọc được tệp này; tệp gốc vẫn được giữ, hãy mở mục Chờ xem."
    en = "The machine tried several times and could not read this file; the original is kept and waits for a person."


class TooLarge(LimitError):
    code = "too-large"
    vi = "Tệp vượt quá dung lượng cho phép. Hãy quét ở 200–300 dpi hoặc tách thành nhiều tệp."
    en = "The file is over the size limit. Scan at 200–300 dpi or split it."


class RoleNotAllowed(AccessError):
    code = "role-not-allowed"
    vi = "Vai trò của tài khoản này không được thực hiện việc này."
    en = "This account's role may not do this."


class OtherUnit(AccessError):
    code = "other-unit"
    vi = "Hồ sơ, giấy tờ này thuộc đơn vị khác; tài khoản này không được xem."
    en = "This belongs to another unit; this account may not see it."


class SharedFile(AccessError):
    code = "shared-file"
    vi = "Tệp quét này của đơn vị khác còn chứa giấy tờ khác; chỉ xem được từng trang của giấy tờ này."
    en = "This scan is another unit's and holds other papers, too; only this paper's pages can be seen."


class PurposeNeeded(AccessError):
    code = "purpose-needed"
    http_status = 400
    vi = "Phải nêu mã hồ sơ làm mục đích trước khi xem giấy tờ của người dân."
    en = "Give the dossier code as the purpose before looking at a person's papers."


class NotFound(AccessError):
    code = "not-found"
    http_status = 404
    vi = "Không tìm thấy."
    en = "Not found."


class BadKey(AccessError):
    code = "bad-key"
    http_status = 401
    vi = "Khóa truy cập không đúng hoặc đã bị khóa. Hãy xin quản trị viên khóa mới."
    en = "The API key is wrong or disabled. Ask the administrator for a new one."


class LeaseLost(ConflictError):
    code = "lease-lost"
    vi = "Việc này đã được giao cho tiến trình khác; kết quả của tiến trình này không được ghi."
    en = "This work was given to another worker; nothing of this worker's was written."


class AlreadyDecided(ConflictError):
    code = "already-decided"
    vi = "Giấy tờ này đã có người xử lý. Hãy tải lại danh sách."
    en = "Someone has already decided this paper. Reload the list."


class NotReusable(ConflictError):
    code = "not-reusable"
    vi = "Giấy tờ này không đủ điều kiện tái sử dụng cho hồ sơ."
    en = "This paper may not be reused for the dossier."


class OtherOwner(ConflictError):
    code = "other-owner"
    vi = "Giấy tờ không phải của chủ hồ sơ hoặc người mà thủ tục nêu."
    en = "The paper does not belong to the dossier's owner or a person the procedure names."


class UnknownUnit(UsageError):
    code = "unknown-unit"
    vi = "Mã đơn vị không có trong danh mục. Hãy kiểm tra lại mã."
    en = "No unit has this code. Check it."


class BadCode(UsageError):
    code = "bad-code"
    vi = "Mã hồ sơ quá dài, có ký tự lạ hoặc là số định danh của một người. Hãy ghi đúng mã hồ sơ."
    en = "The dossier code is too long, holds odd characters or is a person's number. Give the dossier's own code."


class BadCursor(UsageError):
    code = "bad-cursor"
    vi = "Vị trí trang không hợp lệ. Hãy tìm lại từ đầu."
    en = "The page cursor is not valid. Start the search again."


class BadQuery(UsageError):
    code = "bad-query"
    vi = "Cần ít nhất một từ hoặc một điều kiện để tìm."
    en = "Give at least one word or one condition to search by."


class BadRules(UsageError):
    code = "bad-rules"
    vi = "Tệp quy tắc lưu kho (filing.toml) sai cấu trúc."
    en = "The filing rules (filing.toml) do not follow their schema."


class ObjectsDown(ServiceError):
    code = "objects-down"
    vi = "Kho tệp không phản hồi; tệp chưa được nhận. Hãy thử lại sau ít phút."
    en = "The object store does not answer; the file was not accepted. Try again in a few minutes."


class ObjectsRefused(ServiceError):
    code = "objects-refused"
    vi = "Kho tệp từ chối khóa truy cập. Hãy báo quản trị viên kiểm tra cấu hình S3."
    en = "The object store refused our key. Tell the administrator to check the S3 settings."


class DiskFull(ServiceError):
    code = "disk-full"
    http_status = 507
    vi = "Ổ đĩa đã đầy; tệp chưa được nhận. Hãy báo quản trị viên."
    en = "The disk is full; the file was not accepted. Tell the administrator."


class RecordsDown(ServiceError):
    code = "records-down"
    vi = "Cơ sở dữ liệu không phản hồi; chưa có gì được ghi. Hãy thử lại sau ít phút."
    en = "The database does not answer; nothing was written. Try again in a few minutes."


class ObjectMissing(ServiceError):
    code = "object-missing"
    vi = "Không thấy tệp gốc trong kho tệp. Hãy báo quản trị viên khôi phục từ bản sao lưu."
    en = "The original is not in the object store. Tell the administrator to restore it from a backup."


class ObjectRotten(ServiceError):
    code = "object-rotten"
    vi = "Tệp trong kho không còn đúng mã băm. Hãy báo quản trị viên khôi phục từ bản sao lưu."
    en = "The stored bytes no longer match their hash. Tell the administrator to restore them from a backup."


class WrongKeys(ServiceError):
    code = "wrong-keys"
    vi = "Khóa định danh không khớp với dữ liệu. Hãy đặt lại đúng tệp khóa hoặc SOHOA_IDENTITY_KEYS."
    en = "The identity keys do not fit these records. Put back the right key file or SOHOA_IDENTITY_KEYS."


class BadBackup(ServiceError):
    code = "bad-backup"
    vi = "Bản sao lưu thiếu hoặc sai tệp; chưa khôi phục gì."
    en = "The backup is incomplete or damaged; nothing was restored."
