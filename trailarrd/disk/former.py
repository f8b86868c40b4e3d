"""The file that was an item's trailer, of whose name only the hash is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trailarrd.disk.spelling import encodable
from trailarrd.domain.keys import file_hash

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from trailarrd.disk.roots import Scandir

_MOST_DEEP: Final = 3


def find_former(
    trailer_hash: int,
    entries: Iterable[os.DirEntry[str]],
    scandir: Scandir,
    stumble: Callable[[str, OSError], None],
    at: str = "",
) -> tuple[str, os.DirEntry[str]] | None:
    """Its path in the item's folder, from these entries downwards; None if it is not there.

    `stumble` hears of every folder that cannot be listed.
    """
    folders = []
    for entry in entries:
        path = at + entry.name
        if file_hash(encodable(path)) == trailer_hash:
            return path, entry
        if not entry.name.startswith((".", "@")) and at.count("/") < _MOST_DEEP:
            folders.append((path, entry))
    for path, entry in folders:
        try:
            if not entry.is_dir():
                continue
            with scandir(entry.path) as inside:
                listed = list(inside)
        except OSError as error:
            stumble(path, error)
            continue
        if found := find_former(trailer_hash, listed, scandir, stumble, f"{path}/"):
            return found
    return None
