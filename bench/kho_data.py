"""Millions of papers for ``bench/kho.py``: invented people, by COPY and by the server itself.

Owners, whose blind index needs our key, come by COPY; what hangs on them is made from them inside PostgreSQL. Names
repeat as they do in Việt Nam: four in ten people are Nguyễn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import psycopg

from services.storage.people.identity import Keyring, mask
from services.storage.search.index import mark, with_pairs, words
from services.vietnamese import fold

PAPERS_AN_OWNER = 5  # and one dossier an owner

_FAMILIES = {
    **{"Nguyễn": 38, "Trần": 11, "Lê": 10, "Phạm": 7, "Hoàng": 5, "Huỳnh": 5, "Phan": 4},
    **dict.fromkeys(("Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh"), 2),
}
FAMILY = [name for name, weight in _FAMILIES.items() for _ in range(weight)]
MIDDLE = [
    *("Văn", "Thị", "Hữu", "Đức", "Minh", "Ngọc", "Thanh", "Quốc", "Xuân", "Hồng"),
    *("Gia", "Anh", "Kim", "Thu", "Công", "Bảo", "Đình", "Khánh", "Tuấn", "Phương"),
]
GIVEN = [
    *("An", "Bình", "Châu", "Chi", "Cường", "Dũng", "Dung", "Duy", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoa"),
    *("Hùng", "Hương", "Khoa", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Ngân", "Nhung", "Oanh", "Phong"),
    *("Phúc", "Quân", "Quang", "Sơn", "Tâm", "Thảo", "Thắng", "Thủy", "Toàn", "Trang", "Trung", "Tùng", "Vy", "Yến"),
]
NAMES = len(FAMILY) * len(MIDDLE) * len(GIVEN)
TYPES = {
    "KS": ("Giấy khai sinh", "cấp giấy khai sinh cho người đăng ký theo sổ hộ tịch"),
    "TTHN": ("Giấy xác nhận tình trạng hôn nhân", "hiện tại chưa đăng ký kết hôn với ai"),
    "GCNQSDD": ("Giấy chứng nhận quyền sử dụng đất", "đất ở nông thôn thửa đất số tờ bản đồ diện tích"),
    "GPXD": ("Giấy phép xây dựng", "nhà ở riêng lẻ diện tích xây dựng tầng một chiều cao"),
    "HKD": ("Giấy chứng nhận đăng ký hộ kinh doanh", "ngành nghề bán lẻ tạp hóa vốn kinh doanh"),
    "GKSK": ("Giấy khám sức khỏe", "kết luận đủ sức khỏe học tập và làm việc theo tiêu chuẩn"),
    "XNTN": ("Giấy xác nhận hộ nghèo", "thuộc diện hộ nghèo theo chuẩn nghèo đa chiều"),
    "LLTP": ("Phiếu lý lịch tư pháp số 1", "không có án tích theo yêu cầu của cá nhân"),
}
PLACES = [
    *("Trấn Biên", "Long Bình", "Tam Hiệp", "Xuân Lộc", "Định Quán"),
    *("Trảng Bom", "Long Thành", "Nhơn Trạch", "Đồng Xoài", "Bù Đăng"),
]
UNITS = [f"b{number:03}" for number in range(110)]
PROCEDURE = "9.000766"


def name_of(number: int) -> str:
    family, rest = number % len(FAMILY), number // len(FAMILY)
    return f"{FAMILY[family]} {MIDDLE[rest % len(MIDDLE)]} {GIVEN[rest // len(MIDDLE)]}"


def name_number(owner: int) -> int:
    return owner * 7_368_787 % NAMES


def person(owner: int) -> tuple[str, str]:
    """The name and identity number of an owner, so that a query can be made without asking the records."""
    return name_of(name_number(owner)), f"075{owner:09}"


def dossier_code(owner: int) -> str:
    return f"H19.{owner % 110}-250725-{owner:07}"


def unit_of(owner: int) -> str:
    return UNITS[owner % len(UNITS)]


def load(url: str, keys: Keyring, papers: int, say: Callable[[str], None]) -> None:
    """Fills an empty kho. Keys and indexes of the large tables are put aside for the load and made again."""
    owners = papers // PAPERS_AN_OWNER
    with psycopg.connect(url, autocommit=True) as db, db.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1500MB'; SET synchronous_commit = off")
        _small_tables(cursor)
        aside = _put_aside(db, ("owner", "dossier", "intake", "paper", "paper_text", "paper_owner", "paper_index"))
        _copy(
            cursor,
            "owner (id, kind, identifier_index, identifier_sealed, identifier_masked, name, name_folded, birth_date)",
            _owners(owners, keys),
        )
        say("owners copied")
        for what, statement in _made(papers, owners, keys):
            table = statement.split()[2]  # emptied in the same transaction, the load needs no write-ahead log
            cursor.execute(f"BEGIN; TRUNCATE {table}; {statement}; COMMIT")  # type: ignore[call-overload]
            say(what)
        for statement in aside:
            cursor.execute(statement)  # type: ignore[call-overload]
            say(statement[:90])
        for table in ("owner", "paper", "dossier"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute("DROP TABLE b_name, b_type, b_place, b_unit")
        cursor.execute("VACUUM ANALYZE")
        say("analyzed")


def _made(papers: int, owners: int, keys: Keyring) -> Iterator[tuple[str, str]]:
    """The tables that hang on owners. Paper p belongs to owner (p-1)/5+1; two papers share a scanned file."""
    details = keys.seal_json({"more": {}, "places": {}}).hex()
    when = "timestamptz '2025-07-25 08:00+07'"
    yield (
        "dossiers",
        "INSERT INTO dossier (id, code, unit, procedure, owner_id, status, declared_components, declared_results, "
        f"opened_here, changed_at, received_on) SELECT o, 'H19.' || o % 110 || '-250725-' || lpad(o::text, 7, '0'), "
        f"'b' || lpad((o % 110)::text, 3, '0'), '{PROCEDURE}', o, 2, 0, 0, false, {when}, date '2025-07-25' "
        f"FROM generate_series(1, {owners}) o",
    )
    yield (
        "files",
        "INSERT INTO intake (id, sha256, size, file_name, unit, dossier_code, priority, state, attempts, created_by, "
        "created_at) SELECT lpad(to_hex(i), 32, '0'), lpad(to_hex(i), 64, '0'), 500000, 'scan.pdf', "
        f"'b' || lpad(((i * 2 / 5 + 1) % 110)::text, 3, '0'), '', 1, 'filed', 1, 'bench', {when} "
        f"FROM generate_series(0, {papers // 2}) i",
    )
    about = (
        f"FROM generate_series(1, {papers}) p CROSS JOIN LATERAL (SELECT (p - 1) / 5 + 1 AS o) a "
        f"JOIN b_type t ON t.id = (p * 7 + o) % {len(TYPES)} JOIN b_place l ON l.id = o % {len(PLACES)} "
    )
    named = f"{about} JOIN b_name n ON n.id = o::bigint * 7368787 % {NAMES} "
    day = "date '2015-01-01' + (p::bigint * 37 % 3800)::int"
    number = f"p % 900 + 1 || '/' || extract(year FROM {day})"
    yield (
        "papers",
        "INSERT INTO paper (id, code, ordinal, type_code, type_name, copy_kind, unit, dossier_code, intake_id, "
        "first_page, last_page, object_sha256, so_ky_hieu, so_ky_hieu_folded, ngay_cap, co_quan_cap, "
        "co_quan_cap_folded, trich_yeu, details_sealed, valid_from, valid_to, validity, signature, phash, sketch, "
        "confidence, decided_by, filed_at) "
        "SELECT p, o || '.' || t.code || '.' || p, p % 5 + 1, t.code, t.name, "
        "CASE WHEN p % 7 = 0 THEN 'SAO' ELSE 'CHINH' END, 'b' || lpad((o % 110)::text, 3, '0'), '', "
        "lpad(to_hex(p / 2), 32, '0'), p % 2 + 1, p % 2 + 1, lpad(to_hex(p / 2), 64, '0'), "
        f"{number}, {number}, {day}, 'Ủy ban nhân dân ' || l.name, 'uy ban nhan dan ' || l.folded, t.said, "
        f"decode('{details}', 'hex'), {day}, "
        f"CASE t.code WHEN 'TTHN' THEN {day} + 182 WHEN 'GKSK' THEN {day} + 365 END, 'CON', "
        "CASE WHEN p % 3 = 0 THEN 'none' ELSE 'valid' END, p::bigint * 2654435761, "
        "decode(repeat(md5(p::text), 8), 'hex'), 0.97, 'bench', "
        f"{when} {about}",
    )
    yield ("owners of papers", f"INSERT INTO paper_owner (owner_id, type_code, paper_id) SELECT o, t.code, p {about}")
    head = f"t.name || ' · ' || {number} || ' · ' || n.name || ' · ' || t.said || ' · Ủy ban nhân dân ' || l.name"
    yield (
        "texts",
        f"INSERT INTO paper_text (paper_id, head, body) SELECT p, {head}, "
        "'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập Tự do Hạnh phúc ' || t.name || ' số ' || "
        f"{number} || ' họ và tên ' || n.name || ' ' || t.said || ' nơi cư trú ấp ' || p % 60 || ' xã ' || l.name || "
        f"' tỉnh Đồng Nai số tờ ' || p % 97 || ' mã ' || to_hex(p) {named}",
    )
    year = f"extract(year FROM {day})"
    yield (
        "words",
        "INSERT INTO paper_index (paper_id, unit, head, body) SELECT p, u.code, h, h || array_to_tsvector(ARRAY["
        "'cong','hoa','xa','hoi','chu','nghia','viet','nam','doc','lap','tu','do','hanh','phuc','so','ho','va','ten',"
        "'noi','cu','tru','ap', (p % 60)::text, 'xa','tinh','dong','nai','to', (p % 97)::text, 'ma', to_hex(p), "
        "'cong_hoa','hoa_xa','xa_hoi','hoi_chu','chu_nghia','nghia_viet','viet_nam','nam_doc','doc_lap','lap_tu',"
        "'tu_do','do_hanh','hanh_phuc','ho_va','va_ten','noi_cu','cu_tru','tru_ap', 'ap_' || p % 60, 'tinh_dong',"
        "'dong_nai','nai_so','so_to', 'to_' || p % 97, 'ma_' || to_hex(p)]) "
        f"{named} JOIN b_unit u ON u.id = o % 110 CROSS JOIN LATERAL (SELECT t.words || n.words || l.words || u.words "
        f"|| array_to_tsvector(ARRAY[(p % 900 + 1)::text, {year}::text, (p % 900 + 1) || '_' || {year}]) AS h) w",
    )


def _put_aside(db: psycopg.Connection[tuple[object, ...]], tables: tuple[str, ...]) -> list[str]:
    """Drops keys and indexes of the tables; the statements that make them again, foreign keys last."""
    made: list[tuple[int, str]] = []
    constraints = db.execute(
        "SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('p', 'u', 'f') "
        "OR confrelid::regclass::text = ANY(%s) AND contype = 'f' ORDER BY contype = 'f' DESC",
        (list(tables), list(tables)),
    ).fetchall()
    for table, name, kind, body in constraints:
        db.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')  # type: ignore[call-overload]
        foreign = kind == "f"
        checked = " NOT VALID" if foreign else ""
        made.append((int(foreign) * 2, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {body}{checked}'))
    indexes = db.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)",
        (list(tables),),
    ).fetchall()
    for name, body in indexes:
        db.execute(f'DROP INDEX "{name}"')  # type: ignore[call-overload]
        made.append((1, str(body).replace(" ON ONLY ", " ON ")))  # a parted table's, with its parts
    return [statement for _, statement in sorted(made, key=lambda pair: pair[0])]


def _copy(cursor: psycopg.Cursor[tuple[object, ...]], table: str, lines: Iterator[str]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:  # type: ignore[call-overload]
        block: list[str] = []
        for line in lines:
            block.append(line)
            if len(block) == 5000:
                copy.write("".join(block))
                block.clear()
        copy.write("".join(block))


def _owners(owners: int, keys: Keyring) -> Iterator[str]:
    names = [name_of(number) for number in range(NAMES)]
    folded = [fold(name) for name in names]
    for owner in range(1, owners + 1):
        number, named = f"075{owner:09}", name_number(owner)
        born = dt.date.fromordinal(711858 + owner % 25000)
        yield (
            f"{owner}\tCA_NHAN\t{keys.index(number)}\t\\\\x{keys.seal(number).hex()}\t{mask(number)}\t"
            f"{names[named]}\t{folded[named]}\t{born}\n"
        )


def _small_tables(cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
    """Units, one procedure, and the parts the large tables are put together from."""
    _copy(
        cursor,
        "unit (code, name, level, name_folded)",
        (f"{code}\tĐơn vị {code}\tXA_PHUONG\tdon vi {code}\n" for code in UNITS),
    )
    cursor.execute(
        "INSERT INTO procedure (code, name, needs_result_paper, for_citizens, has_fee, online) "
        "VALUES (%s, 'Thủ tục thử', true, true, false, true)",
        (PROCEDURE,),
    )
    for position, code in enumerate(("KS", "TTHN", "GCNQSDD", "GPXD", "XNTN", "LLTP")):
        cursor.execute(
            "INSERT INTO procedure_component (procedure, code, position, name, accepts, required) "
            "VALUES (%s, %s, %s, %s, %s, true)",
            (PROCEDURE, f"TP{position}", position, TYPES[code][0], f'["{code}"]'),
        )
    cursor.execute(
        "CREATE TABLE b_name (id int PRIMARY KEY, name text, words tsvector); "
        "CREATE TABLE b_type (id int, code text, name text, said text, words tsvector); "
        "CREATE TABLE b_place (id int, name text, folded text, words tsvector); "
        "CREATE TABLE b_unit (id int, code text, words tsvector)"
    )
    _copy(cursor, "b_name", (f"{n}\t{name_of(n)}\t{_vector(name_of(n))}\n" for n in range(NAMES)))
    _copy(
        cursor,
        "b_type",
        (
            f"{n}\t{code}\t{name}\t{said}\t{_vector(name)} {_vector(said)} {mark('type', code)}\n"
            for n, (code, (name, said)) in enumerate(TYPES.items())
        ),
    )
    _copy(
        cursor,
        "b_place",
        (f"{n}\t{name}\t{fold(name)}\t{_vector('uy ban nhan dan ' + name)}\n" for n, name in enumerate(PLACES)),
    )
    _copy(cursor, "b_unit", (f"{n}\t{code}\t{mark('unit', code)}\n" for n, code in enumerate(UNITS)))
    cursor.execute("ANALYZE b_name, b_type, b_place, b_unit")


def _vector(text: str) -> str:
    """A text's words and pairs as COPY takes a tsvector."""
    return " ".join(sorted(with_pairs(words(text))))
