"""A file that trailarrd put into a library."""

from dataclasses import dataclass
from datetime import datetime

from trailarrd.domain.paths import LocalPath


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFile:
    """What it was when it was placed; another one at the same place is not ours."""

    path: LocalPath
    size: int
    mtime_ns: int
    digest: bytes
    """SHA-256 of its first MiB."""
    url: str
    downloader: str
    at: datetime
    id: int = 0
    """Its number; 0 before it has one."""
