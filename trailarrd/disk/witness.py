"""Whether an item's folder shows the item's own file; links are not followed: they may lead far away."""

import os
from collections.abc import Iterable

from trailarrd.disk.spelling import spellings
from trailarrd.domain.trailers import TrailerRules
from trailarrd.domain.witness import is_own_file, is_own_folder


def is_there(path: str) -> bool | None:
    """Whether something of this name is there; None if the disk does not tell."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return None
    return True


def lies_in(folder: str, file: str) -> bool | None:
    """Whether a file is in a folder, in whichever spelling; None if the disk does not tell."""
    found = [is_there(f"{folder}/{spelling}") for spelling in spellings(file)]
    return True if True in found else None if None in found else False


def shows_any(entries: Iterable[os.DirEntry[str]], rules: TrailerRules) -> bool:
    """Whether among these there is a file that must be the item's own, or a folder of such."""
    return any(
        is_own_folder(rules, entry.name) if _is_folder(entry) else is_own_file(rules, entry.name)
        for entry in entries
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """A link that leads nowhere just now is taken for one if its name has no extension."""
    try:
        return entry.is_dir() or (entry.is_symlink() and "." not in entry.name)
    except OSError:
        return "." not in entry.name
