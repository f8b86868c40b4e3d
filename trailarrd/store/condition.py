"""How a database is, for a doctor: there, sound, writable, with room around it. Nothing is changed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trailarrd.errors import DatabaseError
from trailarrd.store.engine import file_of, parse_url, place_of
from trailarrd.store.health import check

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a look at a database shows."""

    place: str
    """What to call it."""
    is_file: bool = True
    """Only a SQLite file can be looked at without asking its server."""
    exists: bool = False
    revision: str | None = None
    is_current: bool = False
    damages: tuple[str, ...] = ()
    trouble: str | None = None
    """Why it cannot even be read."""
    not_writable: str | None = None
    """The file or folder that this user may not write."""
    free: int | None = None
    """Bytes that are left on its disk."""
    size: int = 0
    """Its own bytes."""


def examine(url: str) -> Condition:
    """Look at the database; raises nothing, whatever is wrong with it."""
    try:
        address = parse_url(url)
    except DatabaseError as error:
        return Condition(place="database.url", trouble=str(error))
    file = file_of(address)
    if file is None:
        return Condition(place=place_of(address), is_file=False)
    try:
        return _examine(file)
    except (DatabaseError, OSError) as error:
        return Condition(place=str(file), exists=True, trouble=str(error))


def _examine(file: Path) -> Condition:
    folder = _existing(file.parent)
    free = shutil.disk_usage(folder).free
    barred = _barred(file, folder)
    if not file.exists():
        return Condition(place=str(file), not_writable=barred, free=free)
    health = check(file)
    return Condition(
        place=str(file),
        exists=True,
        revision=health.revision,
        is_current=health.is_current,
        damages=health.problems,
        not_writable=barred,
        free=free,
        size=file.stat().st_size,
    )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there: what is missing would be made."""
    return next((one for one in (folder, *folder.parents) if one.is_dir()), folder)


def _barred(file: Path, folder: Path) -> str | None:
    places = [folder, *([file] if file.exists() else [])]
    return next((str(place) for place in places if not os.access(place, os.W_OK)), None)
