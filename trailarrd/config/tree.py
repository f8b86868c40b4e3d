"""A configuration as a tree in which every value knows where it was written.

A scalar is text, or None if nothing is written; what the text means is for its setting to say. So
`none`, `0123` and `12:30` stay what was written, and `no` is never mistaken for false.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from trailarrd.config.diagnostic import FieldError
from trailarrd.config.wording import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trailarrd.config.source import Spot
    from trailarrd.config.wording import Address


@dataclass(frozen=True, slots=True)
class Leaf:
    spot: Spot
    text: str | None
    written: str | None = None
    """What the file says, if it only says where the text is."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands where a value should, and cannot be read."""

    spot: Spot
    error: FieldError


@dataclass(frozen=True, slots=True)
class Items:
    spot: Spot
    items: tuple[Tree, ...]


class Entry(NamedTuple):
    """One value of a mapping, and where its key stands."""

    key: Spot
    value: Tree


@dataclass(frozen=True, slots=True)
class Entries:
    spot: Spot
    entries: Mapping[str, Entry]
    broken: tuple[Broken, ...] = ()
    """What is wrong with its keys."""


Tree: TypeAlias = Leaf | Broken | Items | Entries


def child(tree: Tree | None, key: str) -> Tree | None:
    entry = tree.entries.get(key) if isinstance(tree, Entries) else None
    return entry.value if entry else None


def inherit(near: Entries, far: Entries) -> Entries:
    """Both mappings as one; what `near` says outranks `far`, and its lists stay its own."""
    entries = dict(near.entries)
    for key, entry in far.entries.items():
        own = entries.setdefault(key, entry).value
        if isinstance(own, Entries) and isinstance(entry.value, Entries) and own is not entry.value:
            entries[key] = Entry(entries[key].key, inherit(own, entry.value))
    return replace(near, entries=entries)


def join(near: Entries, far: Entries, *, equals: bool = False) -> Entries:
    """What two files say as one: mappings merged, lists one behind the other; else `near` counts.

    Between `equals` neither outranks the other, so a value in both is a mistake.
    """
    entries, broken = dict(near.entries), near.broken + far.broken
    for key, entry in far.entries.items():
        # Anchors are of their file alone, and so is what they hang on.
        if (own := entries.setdefault(key, entry)) is entry or key.startswith("x-"):
            continue
        joined = _joined(own.value, entry.value, equals=equals)
        if joined is not None:
            entries[key] = Entry(own.key, joined)
        elif equals:
            broken += (_twice(key, own, entry),)
    return replace(near, entries=entries, broken=broken)


def _joined(near: Tree, far: Tree, *, equals: bool) -> Tree | None:
    """Both as one; None if only one of them can count."""
    if isinstance(near, Items) and isinstance(far, Items):
        return replace(near, items=near.items + far.items)
    if isinstance(near, Entries) and isinstance(far, Entries):
        return join(near, far, equals=equals)
    return None


def _twice(key: str, first: Entry, second: Entry) -> Broken:
    hint = f"it is also in {first.key}: keep one of the two, or say it in the file that includes both"
    return Broken(second.key, FieldError(f"{quote(key)} is set by another included file, too", hint=hint))


def put(tree: Tree, address: Address, value: Tree) -> Tree:
    """The tree with another value at an address; what is missing on the way to it is made."""
    if not address:
        return value
    part, rest = address[0], address[1:]
    if isinstance(part, int):
        items = list(tree.items) if isinstance(tree, Items) else []
        inner = items[part] if part < len(items) else Entries(value.spot, {})
        items[part : part + 1] = [put(inner, rest, value)]
        return Items(tree.spot if isinstance(tree, Items) else value.spot, tuple(items))
    base = tree if isinstance(tree, Entries) else Entries(value.spot, {})
    entry = base.entries.get(part) or Entry(value.spot, Entries(value.spot, {}))
    return replace(base, entries={**base.entries, part: Entry(entry.key, put(entry.value, rest, value))})


def without(tree: Entries, keys: Iterable[str]) -> Entries:
    gone = frozenset(keys)
    return replace(tree, entries={key: entry for key, entry in tree.entries.items() if key not in gone})
