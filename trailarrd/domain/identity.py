"""Which item is which, when its arr id says something else than before.

A server that was reinstalled or restored, or an item that was deleted and added again, gives known
items new arr ids and known arr ids to other items. What stays is the id elsewhere by which the
provider itself tells its items apart, and then the folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.domain.mark import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from trailarrd.domain.known import KnownItems
    from trailarrd.domain.media import Media
    from trailarrd.domain.paths import RemotePath

_DIGITS: Final = 17
"""Numbers of so many digits stand for themselves."""


class Marks(NamedTuple):
    """All that an item is known by."""

    arr_id: int
    identity: int
    """`identity_mark` of its id elsewhere; 0: it has none."""
    folder: int
    """`folder_mark` of its remote path."""


def identity_of(media: Media, name: str | None) -> str | None:
    """The item's id elsewhere under the provider's own name for it, such as `tmdb`."""
    return media.external_ids.get(name) if name else None


def identity_mark(identity: str | None) -> int:
    """64 bits in place of an id elsewhere, 0 for none; most ids are numbers and stand for themselves."""
    if identity is None:
        return 0
    if len(identity) <= _DIGITS and identity.isascii() and identity.isdigit() and identity[0] != "0":
        return int(identity)
    return mark_of(identity) | -(2**63)


def folder_mark(path: RemotePath) -> int:
    """64 bits in place of a path: enough to recognise a folder, and little to remember."""
    return mark_of(path.rstrip("/\\"))


def recognise(strangers: Iterable[Marks], known: KnownItems, pool: Iterable[int]) -> dict[int, int]:
    """Rows of the pool among the strangers, by the strangers' arr ids.

    By identity and folder together first, then by identity, then by folder, then by the arr id where
    no identity says otherwise: it is the same, or there is none on one side. What is not unique on
    both sides is left alone: two rows too many are better than two items in one row.
    """
    found: dict[int, int] = {}
    rows = list(pool)
    items = list(strangers) if rows else []
    for of_item, of_known in _KEYS:
        if not (rows and items):
            break
        pairs = _pairs(items, known, rows, of_item, of_known)
        if pairs:
            found |= pairs
            taken = set(pairs.values())
            items = [item for item in items if item.arr_id not in pairs]
            rows = [row for row in rows if row not in taken]
    return found


def _pairs(
    items: Iterable[Marks],
    known: KnownItems,
    rows: Iterable[int],
    of_item: Callable[[Marks], Hashable],
    of_known: Callable[[Marks], Hashable],
) -> dict[int, int]:
    candidates: dict[Hashable, list[int]] = {}
    for row in rows:
        if (key := of_known(known.marks(row))) is not None:
            candidates.setdefault(key, []).append(row)
    askers: dict[Hashable, list[int]] = {}
    for item in items:
        if (key := of_item(item)) in candidates:
            askers.setdefault(key, []).append(item.arr_id)
    pairs = {}
    for key, arr_ids in askers.items():
        only = _only(known, candidates[key])
        if len(arr_ids) == 1 and only is not None:
            pairs[arr_ids[0]] = only
    return pairs


def _only(known: KnownItems, rows: list[int]) -> int | None:
    """The one that is meant: the only living one, or else the one that was removed last."""
    living = [row for row in rows if not known.is_removed(row)]
    if living:
        return living[0] if len(living) == 1 else None
    return max(rows, key=lambda row: known[row].id)


def _place(marks: Marks) -> tuple[int, int] | None:
    return (marks.identity, marks.folder) if marks.identity else None


def _ids(marks: Marks) -> tuple[int, int] | None:
    return (marks.arr_id, marks.identity) if marks.identity else None


def _identity(marks: Marks) -> int | None:
    return marks.identity or None


def _folder(marks: Marks) -> int | None:
    return marks.folder or None


def _arr_id(marks: Marks) -> int:
    return marks.arr_id


def _arr_id_alone(marks: Marks) -> int | None:
    return None if marks.identity else marks.arr_id


_KEYS: Final[tuple[tuple[Callable[[Marks], Hashable], Callable[[Marks], Hashable]], ...]] = (
    (_place, _place),
    (_identity, _identity),
    (_folder, _folder),
    (_ids, _ids),
    (_arr_id_alone, _arr_id),
    (_arr_id, _arr_id_alone),
)
