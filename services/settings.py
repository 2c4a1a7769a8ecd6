"""Everything that can be set, in one place. Read once at the edge (command line, web server, Celery) and passed in.

Every name can be given by environment (``SOHOA_DATABASE_URL``) or in a ``.env`` file. The defaults run the product
on one office PC with nothing configured.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.limits import Limits

_LIMITS = Limits()


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SOHOA_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("var"), description="where the embedded kho lives: records, objects, keys, models")
    database_url: str | None = Field(None, description="SQLAlchemy URL; default SQLite in data_dir")
    s3_endpoint: str | None = Field(None, description="host:port of an S3 server; default a folder in data_dir")
    s3_bucket: str = "sohoa"
    s3_access_key: str | None = None
    s3_secret_key: SecretStr | None = None
    s3_secure: bool = True
    s3_region: str | None = None
    s3_retention_days: int | None = Field(None, gt=0, description="new objects cannot be deleted for so many days")
    broker_url: str | None = Field(None, description="Celery broker (redis://… or amqp://…); default local workers")

    identity_keys: SecretStr | None = Field(
        None, description="comma-separated base64 keys for identity numbers, newest first; default a file in data_dir"
    )
    province: str = Field("Tỉnh Đồng Nai", description="the name reports carry")

    workers: int = Field(0, ge=0, description="local worker processes; 0 means one a core")
    lease_s: float = 120.0
    max_attempts: int = 4
    desk_to_backlog: int = Field(4, ge=1, description="desk files taken for each backlog file when both wait")

    max_bytes: int = _LIMITS.max_bytes
    max_pages: int = _LIMITS.max_pages
    max_pixels: int = _LIMITS.max_pixels
    page_timeout_s: float = _LIMITS.page_timeout_s
    file_timeout_s: float = _LIMITS.file_timeout_s
    memory_mb: int = _LIMITS.memory_mb

    @property
    def limits(self) -> Limits:
        """What one untrusted file may cost."""
        return Limits(
            max_bytes=self.max_bytes,
            max_pages=self.max_pages,
            max_pixels=self.max_pixels,
            page_timeout_s=self.page_timeout_s,
            file_timeout_s=self.file_timeout_s,
            memory_mb=self.memory_mb,
        )

    @property
    def sql_url(self) -> str:
        """Where the records are."""
        return self.database_url or f"sqlite:///{self.data_dir / 'kho.sqlite'}"
