"""Identity numbers: sealed where they are kept, found by a blind index, masked where they are shown (DOMAIN §12).

A key of 32 random bytes gives two: one seals (AES-256-GCM), one indexes (HMAC-SHA256; twelve digits are few enough to
be tried through by anyone who had a plain hash). Keys stand newest first; what older ones sealed still opens, look-up
tries all of them, and ``rotation.py`` brings every row to the newest.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.storage.errors import WrongKeys

_KEY_ID = 4  # bytes of a key's name, in front of what it sealed
_NONCE = 12
# Twelve digits (ĐDCN), nine (old CMND) or a tax code, as one run, in threes, or one box a digit as forms print them.
_NUMBER = re.compile(
    r"(?<![\w./-])(?:\d{12}|\d{10}(?:-\d{3})?|\d{9}|\d{3}(?: \d{3}){2,3}|\d(?: \d){8}(?:(?: \d){3})?)(?![\w/-])"
)


_IN_NAME = re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)")


class Keyring:
    """Raises WrongKeys where something sealed opens with none of the keys."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise WrongKeys("a key is 32 bytes in base64")
        self._seals = {_key_id(key): AESGCM(_derive(key, b"seal")) for key in keys}
        self._indexes = [_derive(key, b"index") for key in keys]
        self.newest = _key_id(keys[0])

    def seal(self, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return self.newest + nonce + self._seals[self.newest].encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        key_id, nonce, body = sealed[:_KEY_ID], sealed[_KEY_ID : _KEY_ID + _NONCE], sealed[_KEY_ID + _NONCE :]
        if key_id not in self._seals:
            raise WrongKeys(f"no key {key_id.hex()}")
        try:
            return self._seals[key_id].decrypt(nonce, body, None).decode()
        except InvalidTag as error:
            raise WrongKeys(f"key {key_id.hex()} does not open this") from error

    def seal_json(self, value: Any) -> bytes:
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def open_json(self, sealed: bytes) -> Any:
        return json.loads(self.open(sealed))

    def index(self, identifier: str) -> str:
        """The blind index under the newest key: what a new row carries."""
        return self.indexes(identifier)[0]

    def indexes(self, identifier: str) -> list[str]:
        """The blind index under each key, newest first: what a look-up tries."""
        plain = normal(identifier).encode()
        return [hmac.new(key, plain, hashlib.sha256).hexdigest() for key in self._indexes]

    @property
    def fingerprints(self) -> list[str]:
        """Names of the keys, newest first, that give nothing of them away."""
        return [key_id.hex() for key_id in self._seals]


def normal(identifier: str) -> str:
    """One writing of an identity number: no spaces, dots or dashes, capital letters."""
    return re.sub(r"[\s.\-]", "", identifier).upper()


def mask(identifier: str) -> str:
    """``075*****1234``: enough to tell two numbers apart on a screen, not enough to use one."""
    plain = normal(identifier)
    return f"{plain[:3]}*****{plain[-4:]}" if len(plain) >= 9 else "*" * len(plain)


def mask_numbers(text: str) -> str:
    """The text with everything that looks like an identity number masked."""
    return _NUMBER.sub(lambda found: mask(found.group()), text)


def find_number(text: str) -> str | None:
    """The first that looks like an identity number, as it is written."""
    found = _NUMBER.search(text)
    return found.group() if found else None


def mask_name(file_name: str) -> str:
    """The file name with identity numbers masked, whatever they are joined to: scans are often named by them."""
    return _IN_NAME.sub(lambda found: mask(found.group()), file_name)


def open_keyring(given: str | None, file: Path) -> Keyring:
    """The keys given by settings, else those of ``file``, made on first use (one line a key, newest first)."""
    if given:
        return Keyring(_decode(given.split(",")))
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_once(file, base64.b64encode(os.urandom(32)) + b"\n")
    return Keyring(_decode(file.read_text().split()))


def _write_once(file: Path, line: bytes) -> None:
    # Two first starts at once must end with one key: the key is linked into place, and the loser uses the winner's.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")  # readable by us alone
    aside = Path(name)
    with os.fdopen(handle, "wb") as out:
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(aside, file)
    aside.unlink()


def _decode(lines: Sequence[str]) -> list[bytes]:
    try:
        return [base64.b64decode(line.strip(), validate=True) for line in lines if line.strip()]
    except binascii.Error as error:
        raise WrongKeys("a key is 32 bytes in base64") from error


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"sohoa", info=purpose).derive(key)


def _key_id(key: bytes) -> bytes:
    return _derive(key, b"name")[:_KEY_ID]
