"""Objects on an S3 server, through the ``minio`` client: MinIO, SeaweedFS, Ceph, AWS. The one place that speaks S3.

An upload is spooled here first, because its SHA-256 is its name. It is then put with the checksum for the server to
compare, under the condition that no such object exists (one winner of many writers; a large one goes up in parts, which
know no condition: there the last of many equal writers stands), and read back and hashed: nothing is promised before
the bytes that the server gives are the bytes that came in. The bucket is made with object lock where
the server has it, else with versions, else plain.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import urllib3
from minio import Minio
from minio.commonconfig import ENABLED, GOVERNANCE, CopySource
from minio.error import MinioException, S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import VersioningConfig

from services.settings import Settings
from services.storage.errors import DiskFull, ObjectMissing, ObjectRotten, ObjectsDown, ObjectsRefused
from services.storage.objects.contract import CHUNK, Stored, checked, copy_hashed, is_name

_TIMEOUT = urllib3.Timeout(connect=5.0, read=60.0)
_SPOOL = 8 * CHUNK  # kept in memory up to here
_PART = 16 * CHUNK  # larger objects go up in parts, one in memory at a time
_REFUSED = {
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidTokenId",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
}
_FULL = {"InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded"}
_MISSING = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "ResourceNotFound"}
_NOT_OFFERED = {"NotImplemented", "MethodNotAllowed", "InvalidRequest", "InvalidBucketState"}


class _PastEnd(Exception):
    """A range that begins where the object has ended."""


class S3Store:
    def __init__(self, settings: Settings) -> None:
        pool = urllib3.PoolManager(
            timeout=_TIMEOUT,
            maxsize=32,
            retries=urllib3.Retry(
                total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], raise_on_status=False
            ),
        )
        secret = settings.s3_secret_key.get_secret_value() if settings.s3_secret_key else None
        self._client = Minio(
            str(settings.s3_endpoint),
            access_key=settings.s3_access_key,
            secret_key=secret,
            secure=settings.s3_secure,
            region=settings.s3_region,
            http_client=pool,
        )
        self.bucket = settings.s3_bucket
        self._retention_days = settings.s3_retention_days
        with _told():
            self._ensure_bucket()

    def put(self, stream: BinaryIO, *, limit_bytes: int) -> Stored:
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
            sha256, size = copy_hashed(stream, cast(BinaryIO, spool), limit_bytes=limit_bytes)
            with _told():
                if self.size(sha256) == size and self._hash_of(sha256) == sha256:
                    return Stored(sha256, size, existed=True)
                spool.seek(0)
                won = self._upload(sha256, size, cast(BinaryIO, spool))
                if self._hash_of(sha256) != sha256:
                    where = self.quarantine(sha256)
                    raise ObjectsDown(f"{sha256} came back changed, moved to {where}")
                return Stored(sha256, size, existed=not won)

    def _upload(self, sha256: str, size: int, body: BinaryIO) -> bool:
        """False where another writer of the same bytes was first."""
        if size > _PART:
            self._client.put_object(self.bucket, self._key(sha256), body, size, part_size=_PART, num_parallel_uploads=1)
            return True
        headers = {
            "Content-Type": "application/octet-stream",
            "If-None-Match": "*",
            "x-amz-checksum-sha256": base64.b64encode(binascii.unhexlify(sha256)).decode(),
        }
        try:
            # put_object of the client knows no conditions; the call under it takes any header and signs it.
            self._client._put_object(self.bucket, self._key(sha256), body.read(), cast(Any, headers))
        except S3Error as error:
            if error.code not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
            if self._hash_of(sha256) != sha256:  # what stands there is rotten: aside with it, good bytes are at hand
                self.quarantine(sha256)
                body.seek(0)
                return self._upload(sha256, size, body)
            return False
        return True

    def size(self, sha256: str) -> int | None:
        with _told():
            try:
                return self._client.stat_object(self.bucket, self._key(sha256)).size
            except S3Error as error:
                if error.code in _MISSING:
                    return None
                raise

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        if length == 0:  # the client would give the whole object
            return b""
        try:
            with self._get(sha256, start, length) as response:
                return response.read()
        except _PastEnd:
            return b""

    def chunks(self, sha256: str) -> Iterator[bytes]:
        with self._get(sha256) as response:
            yield from response.stream(CHUNK)

    @contextlib.contextmanager
    def fetch(self, sha256: str) -> Iterator[Path]:
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(prefix="sohoa-", delete=False) as out:
            path = Path(out.name)
            try:
                for chunk in self.chunks(sha256):
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                if digest.hexdigest() != sha256:
                    raise ObjectRotten(sha256)
                os.fchmod(out.fileno(), 0o440)
                yield path
            finally:
                path.unlink(missing_ok=True)

    def link(self, sha256: str, *, life: dt.timedelta, file_name: str | None = None) -> str | None:
        said = None
        if file_name is not None:
            said = {"response-content-disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"}
        with _told():
            return str(
                self._client.presigned_get_object(
                    self.bucket, self._key(sha256), expires=life, response_headers=cast(Any, said)
                )
            )

    def names(self) -> Iterator[str]:
        with _told():
            for found in self._client.list_objects(self.bucket, prefix="objects/", recursive=True):
                if is_name(name := str(found.object_name).rsplit("/", 1)[-1]):
                    yield name

    def quarantine(self, sha256: str) -> str:
        aside = f"quarantine/{checked(sha256)}.{time.time_ns()}"
        with _told():
            try:
                self._client.copy_object(self.bucket, aside, CopySource(self.bucket, self._key(sha256)))
                self._client.remove_object(self.bucket, self._key(sha256))  # a version of it stays where versions are
            except S3Error as error:
                if error.code not in _MISSING:  # someone else moved it first
                    raise
        return aside

    def _key(self, sha256: str) -> str:
        return f"objects/{checked(sha256)[:3]}/{sha256}"

    def _hash_of(self, sha256: str) -> str | None:
        digest = hashlib.sha256()
        try:
            for chunk in self.chunks(sha256):
                digest.update(chunk)
        except ObjectMissing:
            return None
        return digest.hexdigest()

    @contextlib.contextmanager
    def _get(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[urllib3.BaseHTTPResponse]:
        with _told():
            try:
                response = self._client.get_object(self.bucket, self._key(sha256), offset=start, length=length or 0)
            except S3Error as error:
                if error.code in _MISSING:
                    raise ObjectMissing(sha256) from error
                if error.code == "InvalidRange":
                    raise _PastEnd from error
                raise
            try:
                yield response
            finally:
                response.close()
                response.release_conn()

    def _ensure_bucket(self) -> None:
        if not self._client.bucket_exists(self.bucket):
            try:
                self._client.make_bucket(self.bucket, object_lock=True)
            except S3Error as error:
                if error.code in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                    return  # another process of ours was first
                if error.code not in _NOT_OFFERED:
                    raise
                self._client.make_bucket(self.bucket)
                with _if_offered():
                    self._client.set_bucket_versioning(self.bucket, VersioningConfig(ENABLED))
        if self._retention_days is not None:
            self._client.set_object_lock_config(self.bucket, ObjectLockConfig(GOVERNANCE, self._retention_days, DAYS))


@contextlib.contextmanager
def _if_offered() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code not in _NOT_OFFERED:
            raise


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """The server's refusal, or its silence, as ours."""
    try:
        yield
    except S3Error as error:
        detail = f"{error.code} {error.message}"
        if error.code in _REFUSED:
            raise ObjectsRefused(detail) from error
        if error.code in _FULL or error.response.status == 507:
            raise DiskFull(detail) from error
        raise ObjectsDown(detail) from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise ObjectsDown(f"{type(error).__name__} {error}") from error
