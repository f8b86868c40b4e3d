"""Posters as Arr servers have them, kept on disk beside the database up to a bound."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

_MOST: Final = 4000
"""Posters; of the smallest size that servers have, some 25 kB each: a hundred megabytes."""
_FRESH: Final = 7 * 24 * 3600.0
"""Seconds for which one is not asked for again."""
_LACKING: Final = 3600.0
"""Seconds for which a server is not asked again that had none, or did not answer."""
_LARGEST: Final = 5 * 2**20
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
"""How a JPEG, a PNG and a WebP begin."""
_AT_ONCE: Final = 2
"""Questions: the servers' four connections are there for refreshes first of all."""


class Posters:
    def __init__(self, folder: Path | None, *, most: int = _MOST) -> None:
        """`folder` is the one of the database; without any, nothing is kept."""
        self._folder = folder / "posters" if folder else None
        self._most = most
        self._lacking: dict[str, float] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def get(self, of: str, ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        """The poster of what `of` names, from disk, or by asking; None if there is none to be had now."""
        name = blake2b(of.encode(), digest_size=16).hexdigest()
        kept, age = await asyncio.to_thread(self._read, name)
        if kept and age < _FRESH:
            return kept
        if time.monotonic() - self._lacking.get(name, -_LACKING) < _LACKING:
            return kept
        async with self._turn:
            picture = await _asked(ask)
        if picture is None:
            self._note_lack(name)
            return kept
        await asyncio.to_thread(self._write, name, picture)
        return picture

    def _note_lack(self, name: str) -> None:
        if len(self._lacking) >= self._most:
            self._lacking.clear()
        self._lacking[name] = time.monotonic()

    def _read(self, name: str) -> tuple[bytes | None, float]:
        """What is kept, and its age in seconds."""
        if self._folder is None:
            return None, 0.0
        try:
            file = self._folder / name
            return file.read_bytes(), time.time() - file.stat().st_mtime
        except OSError:
            return None, 0.0

    def _write(self, name: str, picture: bytes) -> None:
        """A disk that takes nothing costs a question more next time, and no more."""
        if self._folder is None:
            return
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            new = self._folder / f".{name}"
            new.write_bytes(picture)
            new.replace(self._folder / name)
            _prune(self._folder, self._most)


def _prune(folder: Path, most: int) -> None:
    """Of too many the oldest go, a tenth at a time."""
    kept = sorted((one.stat().st_mtime, one) for one in folder.iterdir())
    if len(kept) > most:
        for _, file in kept[: len(kept) - most * 9 // 10]:
            file.unlink()


async def _asked(ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
    """What a plugin gives, if it is a picture of sane size; a plugin's bug costs its picture and no more."""
    with suppress(Exception):
        picture: object = await ask()
        if isinstance(picture, bytes) and len(picture) <= _LARGEST and picture.startswith(_PICTURES):
            return picture
    return None
