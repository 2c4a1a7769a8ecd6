"""The PKCS#7 inside a PDF's signature: its signer, its time, and whether the bytes are still those signed.

``is_intact`` compares the digest in the signed attributes with that of the byte ranges and checks the signature over
the attributes with the signer's own certificate. It says nothing about whether that certificate is to be trusted: that
takes the state's root certificates and a network.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")  # OID 1.2.840.113549.1.9.4
_SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
    bytes.fromhex("2b0e03021a"): hashes.SHA1(),  # noqa: S303  old signatures are read, none is made
}


class Seal(NamedTuple):
    """What a PKCS#7 says of its first signer."""

    signer: str | None
    certificate: x509.Certificate | None
    attributes: bytes  # DER of the signed attributes, as a SET
    digest: bytes | None  # the messageDigest among them
    signed_at: str | None
    digest_algorithm: hashes.HashAlgorithm | None
    signature: bytes


def read_seal(contents: bytes) -> Seal | None:
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
    return Seal(
        signer, certificate, info.attributes, info.digest, info.signed_at, info.digest_algorithm, info.signature
    )


def is_intact(seal: Seal, data: bytes, ranges: list[int]) -> bool | None:
    """Whether the bytes are those that were signed; None where this cannot be checked here."""
    if len(ranges) != 4 or min(ranges) < 0 or seal.digest is None or seal.digest_algorithm is None:
        return None
    hashed = hashlib.new(seal.digest_algorithm.name)
    for start, length in (ranges[:2], ranges[2:]):
        hashed.update(data[start : start + length])
    if hashed.digest() != seal.digest:
        return False
    key = seal.certificate.public_key() if seal.certificate else None
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(seal.signature, seal.attributes, padding.PKCS1v15(), seal.digest_algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(seal.signature, seal.attributes, ec.ECDSA(seal.digest_algorithm))
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
