"""Which files a daemon goes by; apart from what they say, which takes the models to tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from trailarrd.documents import Document

if TYPE_CHECKING:
    from trailarrd.config import Settings


class ConfigSource(Document, frozen=True, kw_only=True):
    """Which files the daemon goes by, by their absolute paths, and how they were when it read them."""

    path: str
    files: dict[str, list[int] | None]
    """Of each file device, inode, size, and times of change in nanoseconds; null if it was not there."""

    @property
    def signs(self) -> dict[Path, tuple[int, ...] | None]:
        """The same as the configuration's own `Sign`s."""
        return {Path(file): None if sign is None else tuple(sign) for file, sign in self.files.items()}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        files = {str(file): None if sign is None else list(sign) for file, sign in settings.signs.items()}
        return cls(path=str(settings.path.absolute()), files=files)
