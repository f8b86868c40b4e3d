"""Some items of a library alone: what can be told of them without looking at all the others.

A library that is seen whole shows which item is which: who is gone, and who has another's id now. Of
some items alone that can be told only if nothing contradicts it. Whatever is not beyond doubt waits for
the whole library, and nothing is ever removed because of a few items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.domain.planner import marks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.domain.identity import Marks
    from trailarrd.domain.known import KnownItems
    from trailarrd.domain.plan import Item, Known


def beyond_doubt(items: Sequence[Item], known: KnownItems) -> tuple[list[Item], list[Known]]:
    """The items that can be settled alone, and the known ones that they may be.

    `known` has every item with the arr id, the identity or the folder of any of these.
    """
    living = [one for one in known if not one.removed]
    removed = [one for one in known if one.removed]
    sure: list[Item] = []
    theirs: list[Known] = []
    for item in items:
        marks = marks_of(item)
        same_id = [one for one in living if one.arr_id == item.media.arr_id]
        if any(_is_alike(one, marks) for one in same_id) and len(same_id) == 1:
            sure.append(item)
            theirs += same_id
        elif not same_id and not any(_is_alike(one, marks) for one in living):
            sure.append(item)
    return sure, [*theirs, *removed]


def _is_alike(known: Known, marks: Marks) -> bool:
    """Whether a known item lies in the same folder or has the same identity."""
    return known.folder == marks.folder or (marks.identity != 0 and known.identity == marks.identity)
