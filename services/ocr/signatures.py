"""Digital signatures of a PDF: who, when, where the mark stands, and whether the bytes are still those signed.

Reads the PKCS#7 of each signature field. ``intact`` compares the digest in the signed attributes with that of the
byte ranges and checks the signature over the attributes with the signer's own certificate. It says nothing about
whether that certificate is to be trusted: that takes the state's root certificates and a network.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Literal, NamedTuple

import pikepdf
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from services.ocr.model import Signature
from services.vietnamese import nfc

_MOST_FIELDS = 200
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+\-Z])(\d\d)?'?(\d\d)?)?")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # OID 1.2.840.113549.1.9.4
_SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
    bytes.fromhex("2b0e03021a"): hashes.SHA1(),  # noqa: S303  old signatures are read, none is made
}


def find_signatures(path: Path) -> tuple[Signature, ...]:
    """All filled signature fields in the order of the form; empty where the form cannot be read."""
    try:
        with pikepdf.open(path) as pdf:
            form = pdf.Root.get("/AcroForm")
            fields = list(form.get("/Fields", [])) if form is not None else []
            data = path.read_bytes() if fields else b""
            return tuple(
                signature for field in _leaves(fields) if (signature := _signature(pdf, field, data)) is not None
            )
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError):
        return ()  # a form too broken to read has no signature that anyone could rely on


def _leaves(fields: list[pikepdf.Object]) -> list[pikepdf.Object]:
    found: list[pikepdf.Object] = []
    waiting = list(fields)
    seen = 0
    while waiting and seen < _MOST_FIELDS:
        field = waiting.pop(0)
        seen += 1
        if not isinstance(field, pikepdf.Dictionary):
            continue
        kids = field.get("/Kids")
        if kids is not None and "/V" not in field:
            waiting.extend(list(kids))
        elif field.get("/FT") == pikepdf.Name.Sig and "/V" in field:
            found.append(field)
    return found


def _signature(pdf: pikepdf.Pdf, field: pikepdf.Object, data: bytes) -> Signature | None:
    value = field["/V"]
    if not isinstance(value, pikepdf.Dictionary) or "/Contents" not in value:
        return None
    ranges = [int(number) for number in value.get("/ByteRange", [])]
    sealed = _sealed(bytes(value["/Contents"]))
    whole = len(ranges) == 4 and ranges[0] == 0 and ranges[2] + ranges[3] >= len(data) - 2
    written = str(value["/M"]) if "/M" in value else ""
    named = str(value["/Name"]) if "/Name" in value else ""
    return Signature(
        signer=nfc((sealed.signer if sealed else None) or named or "?"),
        signed_at=_iso(written) or (sealed.signed_at if sealed else None),
        side=_side(pdf, field),
        covers_whole_file=whole,
        intact=_intact(sealed, data, ranges) if sealed else None,
    )


def _side(pdf: pikepdf.Pdf, field: pikepdf.Object) -> Literal["left", "right"] | None:
    """Where the mark stands on page 1; None for an invisible one or one on a later page."""
    widget = field
    if "/Rect" not in widget and "/Kids" in field:
        widget = field["/Kids"][0]
    rect = [float(number) for number in widget.get("/Rect", [])]
    if len(rect) != 4 or abs(rect[2] - rect[0]) < 1 or abs(rect[3] - rect[1]) < 1:
        return None
    first = pdf.pages[0]
    on_first = any(annotation.objgen == widget.objgen for annotation in first.obj.get("/Annots", []))
    if not on_first:
        return None
    left, _, right, _ = (float(number) for number in first.cropbox)
    return "left" if (rect[0] + rect[2]) / 2 < (left + right) / 2 else "right"


class _Sealed(NamedTuple):
    signer: str | None
    certificate: x509.Certificate | None
    attributes: bytes  # DER of the signed attributes, as a SET
    digest: bytes | None  # the messageDigest among them
    signed_at: str | None
    digest_algorithm: hashes.HashAlgorithm | None
    signature: bytes


def _sealed(contents: bytes) -> _Sealed | None:
    """What a PKCS#7 says of its first signer; None where it is none."""
    contents = _unpadded(contents)
    try:
        certificates = pkcs7.load_der_pkcs7_certificates(contents)
    except (ValueError, UnsupportedAlgorithm):
        certificates = []
    try:
        info = _signer_info(contents)
    except (ValueError, IndexError):
        return None
    certificate = next((c for c in certificates if c.serial_number == info.serial), None)
    signer = None
    if certificate is not None:
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        signer = str(common[0].value) if common else None
    return _Sealed(
        signer, certificate, info.attributes, info.digest, info.signed_at, info.digest_algorithm, info.signature
    )


def _intact(sealed: _Sealed, data: bytes, ranges: list[int]) -> bool | None:
    """Whether the bytes are those that were signed; None where this cannot be checked here."""
    if len(ranges) != 4 or min(ranges) < 0 or sealed.digest is None or sealed.digest_algorithm is None:
        return None
    hashed = hashlib.new(sealed.digest_algorithm.name)
    for start, length in (ranges[:2], ranges[2:]):
        hashed.update(data[start : start + length])
    if hashed.digest() != sealed.digest:
        return False
    key = sealed.certificate.public_key() if sealed.certificate else None
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(sealed.signature, sealed.attributes, padding.PKCS1v15(), sealed.digest_algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(sealed.signature, sealed.attributes, ec.ECDSA(sealed.digest_algorithm))
        else:
            return None
    except InvalidSignature:
        return False
    except UnsupportedAlgorithm:
        return None
    return True


class _Info(NamedTuple):
    serial: int
    attributes: bytes
    digest: bytes | None
    signed_at: str | None
    digest_algorithm: hashes.HashAlgorithm | None
    signature: bytes


class _Der(NamedTuple):
    """One DER element: its tag, its content and the whole of it."""

    tag: int
    content: bytes
    whole: bytes


def _elements(data: bytes) -> list[_Der]:
    """The elements a constructed DER value holds. Raises ValueError, IndexError on nonsense."""
    found, at = [], 0
    while at < len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("indefinite or absurd length")
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        if start + length > len(data):
            raise ValueError("longer than what holds it")
        found.append(_Der(tag, data[start : start + length], data[at : start + length]))
        at = start + length
    return found


def _unpadded(contents: bytes) -> bytes:
    """/Contents is padded with zeros to the room reserved for it; the DER value says how long it is itself."""
    if len(contents) < 2 or not contents[1] & 0x80:
        return contents
    count = contents[1] & 0x7F
    return contents[: 2 + count + int.from_bytes(contents[2 : 2 + count], "big")]


def _signer_info(contents: bytes) -> _Info:
    """The first SignerInfo of a SignedData (RFC 5652 §5.3)."""
    outer = _elements(contents)[0]
    signed = _elements(_elements(outer.content)[1].content)[0]
    infos = [element for element in _elements(signed.content) if element.tag == 0x31][-1]
    parts = _elements(_elements(infos.content)[0].content)
    serial = int.from_bytes(_elements(parts[1].content)[1].content, "big", signed=True)
    algorithm = _HASHES.get(_elements(parts[2].content)[0].content)
    attributes, digest, signed_at = b"", None, None
    rest = parts[3:]
    if rest[0].tag == 0xA0:
        attributes = b"\x31" + rest[0].whole[1:]  # signed as a SET (RFC 5652 §5.4)
        for attribute in _elements(rest[0].content):
            name, values = _elements(attribute.content)[:2]
            if name.whole == _MESSAGE_DIGEST:
                digest = _elements(values.content)[0].content
            elif name.whole == _SIGNING_TIME:
                signed_at = _utc(_elements(values.content)[0])
        rest = rest[1:]
    return _Info(serial, attributes, digest, signed_at, algorithm, rest[1].content)


def _utc(element: _Der) -> str | None:
    text = element.content.decode("ascii", "replace")
    try:
        shape = "%y%m%d%H%M%SZ" if element.tag == 0x17 else "%Y%m%d%H%M%SZ"
        return dt.datetime.strptime(text, shape).replace(tzinfo=dt.UTC).isoformat()
    except ValueError:
        return None


def _iso(date: str) -> str | None:
    """A PDF date (D:YYYYMMDDHHmmSS+07'00') as ISO 8601."""
    match = _DATE.match(date)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    sign, off_h, off_m = match.groups()[6:]
    offset = dt.timedelta(hours=int(off_h or 0), minutes=int(off_m or 0))
    zone = None if sign is None else dt.timezone(-offset if sign == "-" else offset)
    try:
        return dt.datetime(
            year or 1, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=zone
        ).isoformat()
    except ValueError:
        return None
