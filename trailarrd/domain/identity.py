"""Which item is which, when its arr id says something else than before.

A server that was reinstalled or restored, or an item that was deleted and added again, gives known
items new arr ids and known arr ids to other items. What stays is the id elsewhere by which the
provider itself tells its items apart, and then the folder.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final

from trailarrd.domain.keys import ItemKeys
from trailarrd.domain.known import Known, KnownItems
from trailarrd.domain.plan import Item


def recognise(unmatched: Iterable[ItemKeys], known: KnownItems, pool: Iterable[int]) -> dict[int, int]:
    """Which row of the pool each unmatched item is, by the item's arr id.

    By identity and folder together first, then by identity, then by folder, then by the arr id where
    no identity says otherwise: it is the same, or there is none on one side. What is not unique on
    both sides is left alone: two rows too many are better than two items in one row.
    """
    found: dict[int, int] = {}
    rows = list(pool)
    items = list(unmatched) if rows else []
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
    items: Iterable[ItemKeys],
    known: KnownItems,
    rows: Iterable[int],
    of_item: Callable[[ItemKeys], Hashable],
    of_known: Callable[[ItemKeys], Hashable],
) -> dict[int, int]:
    candidates: dict[Hashable, list[int]] = {}
    for row in rows:
        if (key := of_known(known.keys(row))) is not None:
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


def _place(keys: ItemKeys) -> tuple[int, int] | None:
    return (keys.identity, keys.folder) if keys.identity else None


def _ids(keys: ItemKeys) -> tuple[int, int] | None:
    return (keys.arr_id, keys.identity) if keys.identity else None


def _identity(keys: ItemKeys) -> int | None:
    return keys.identity or None


def _folder(keys: ItemKeys) -> int | None:
    return keys.folder or None


def _arr_id(keys: ItemKeys) -> int:
    return keys.arr_id


def _arr_id_alone(keys: ItemKeys) -> int | None:
    return None if keys.identity else keys.arr_id


_KEYS: Final[tuple[tuple[Callable[[ItemKeys], Hashable], Callable[[ItemKeys], Hashable]], ...]] = (
    (_place, _place),
    (_identity, _identity),
    (_folder, _folder),
    (_ids, _ids),
    (_arr_id_alone, _arr_id),
    (_arr_id, _arr_id_alone),
)


def beyond_doubt(items: Sequence[Item], known: KnownItems) -> tuple[list[Item], list[Known]]:
    """Those of some items that can be settled without the others, and the known ones that they may be.

    A library that is seen whole shows who is gone, and who has another's id now. Of some items alone
    that can be told only if nothing contradicts it; whatever is not beyond doubt waits for the whole
    library. `known` has every item with the arr id, the identity or the folder of any of these.
    """
    living = [one for one in known if not one.removed]
    removed = [one for one in known if one.removed]
    sure: list[Item] = []
    theirs: list[Known] = []
    for item in items:
        keys = item.keys
        same_id = [one for one in living if one.arr_id == keys.arr_id]
        if len(same_id) == 1 and _is_alike(same_id[0], keys):
            sure.append(item)
            theirs += same_id
        elif not same_id and not any(_is_alike(one, keys) for one in living):
            sure.append(item)
    return sure, [*theirs, *removed]


def _is_alike(known: Known, keys: ItemKeys) -> bool:
    return known.folder == keys.folder or (keys.identity != 0 and known.identity == keys.identity)
