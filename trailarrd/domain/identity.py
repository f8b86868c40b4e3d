"""Which item is which, when its arr id says something else than before.

A server that was reinstalled or restored, or an item that was deleted and added again, gives known
items new arr ids and known arr ids to other items. What stays is the id elsewhere by which the
provider itself tells its items apart, and then the folder.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from trailarrd.domain.media import Media
    from trailarrd.domain.paths import RemotePath
    from trailarrd.domain.plan import Item, Known

T = TypeVar("T")


def identity_of(media: Media, name: str | None) -> str | None:
    """The item's id elsewhere under the provider's own name for it, such as `tmdb`."""
    return media.external_ids.get(name) if name else None


def folder_mark(path: RemotePath) -> int:
    """64 bits in place of a path: enough to recognise a folder, and little to remember."""
    digest = hashlib.blake2b(path.rstrip("/\\").encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def is_same(known: Known, item: Item) -> bool:
    """Whether an item under a known arr id is the known item beyond doubt: it lies in the same folder.

    Anything else is told by a look at all that is not beyond doubt, as `recognise` does: a folder
    that was moved keeps its identity, and a server that deals its ids out anew keeps the folders.
    """
    return known.folder == folder_mark(item.media.path)


def recognise(strangers: Iterable[Item], pool: Iterable[Known]) -> dict[int, Known]:
    """Known items of the pool among the strangers, by the strangers' arr ids.

    By identity and folder together first, then by identity, then by folder, then by the arr id where
    no identity says otherwise: it is the same, or there is none on one side. What is not unique on
    both sides is left alone: two rows too many are better than two items in one row.
    """
    found: dict[int, Known] = {}
    items, rows = list(strangers), list(pool)
    for of_item, of_known in _KEYS:
        pairs = _pairs(items, rows, of_item, of_known)
        found.update((item.media.arr_id, known) for item, known in pairs)
        taken = {known.id for _, known in pairs}
        items = [item for item in items if item.media.arr_id not in found]
        rows = [known for known in rows if known.id not in taken]
    return found


def _pairs(
    items: Sequence[Item],
    rows: Sequence[Known],
    of_item: Callable[[Item], Hashable],
    of_known: Callable[[Known], Hashable],
) -> list[tuple[Item, Known]]:
    candidates = _by(rows, of_known)
    pairs = []
    for key, ours in _by(items, of_item).items():
        known = _only(candidates.get(key, []))
        if len(ours) == 1 and known:
            pairs.append((ours[0], known))
    return pairs


def _by(things: Iterable[T], key_of: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    groups: dict[Hashable, list[T]] = {}
    for thing in things:
        if (key := key_of(thing)) is not None:
            groups.setdefault(key, []).append(thing)
    return groups


def _only(rows: Sequence[Known]) -> Known | None:
    """The one that is meant: the only living one, or else the one that was removed last."""
    living = [known for known in rows if not known.removed]
    if living:
        return living[0] if len(living) == 1 else None
    return max(rows, key=lambda known: known.id, default=None)


def _place_of_item(item: Item) -> tuple[str, int] | None:
    return (item.identity, folder_mark(item.media.path)) if item.identity is not None else None


def _place_of_known(known: Known) -> tuple[str, int | None] | None:
    return (known.identity, known.folder) if known.identity is not None else None


def _ids_of_item(item: Item) -> tuple[int, str] | None:
    return (item.media.arr_id, item.identity) if item.identity is not None else None


def _ids_of_known(known: Known) -> tuple[int, str] | None:
    return (known.arr_id, known.identity) if known.identity is not None else None


def _arr_id_of_item(item: Item) -> int | None:
    return item.media.arr_id if item.identity is None else None


def _arr_id_of_known(known: Known) -> int | None:
    return known.arr_id if known.identity is None else None


_KEYS: tuple[tuple[Callable[[Item], Hashable], Callable[[Known], Hashable]], ...] = (
    (_place_of_item, _place_of_known),
    (lambda item: item.identity, lambda known: known.identity),
    (lambda item: folder_mark(item.media.path), lambda known: known.folder),
    (_ids_of_item, _ids_of_known),
    (_arr_id_of_item, lambda known: known.arr_id),
    (lambda item: item.media.arr_id, _arr_id_of_known),
)
