"""A configuration as a tree in which every value knows where it was written, and how YAML becomes one.

A scalar is text, or None if nothing is written; what the text means is for its setting to say. So
`none`, `0123` and `12:30` stay what was written, and `no` is never mistaken for false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

import yaml

from trailarrd.config.diagnostic import Address, FieldError, Position, quote
from trailarrd.config.expand import TAGS, Expander
from trailarrd.config.source import Source, Spot

_YAML: Final = "tag:yaml.org,2002:"
_MAPPING, _LIST, _TEXT = _YAML + "map", _YAML + "seq", _YAML + "str"
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE: Final = "<<"
_MOST_VALUES: Final = 50_000


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


class Builder:
    def __init__(self, source: Source, expander: Expander) -> None:
        self._source = source
        self._expander = expander
        self._open: set[int] = set()
        self._count = 0
        self._broken: list[Broken] = []

    def build(self, node: yaml.Node) -> Tree:
        """The node's value; `Broken` if it has none."""
        self._count += 1
        if trouble := self._endless(node):
            return Broken(self._spot(node), FieldError(trouble))
        self._open.add(id(node))
        try:
            return self._value(node)
        except FieldError as error:
            return Broken(self._spot(node), error)
        finally:
            self._open.remove(id(node))

    def _spot(self, node: yaml.Node) -> Spot:
        return Spot(self._source, Position(node.start_mark.line + 1, node.start_mark.column + 1))

    def _endless(self, node: yaml.Node) -> str | None:
        """Aliases can make a small file boundless."""
        if id(node) in self._open:
            return "contains itself"
        return "is too much: look at its aliases" if self._count > _MOST_VALUES else None

    def _value(self, node: yaml.Node) -> Tree:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node.tag in TAGS:
            raise FieldError(f"{node.tag} needs a name", hint=f"write {node.tag} NAME")
        if isinstance(node, yaml.MappingNode) and node.tag == _MAPPING:
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode) and node.tag == _LIST:
            return Items(self._spot(node), tuple([self.build(item) for item in node.value]))
        raise _unknown_tag()

    def _scalar(self, node: yaml.ScalarNode) -> Leaf:
        if node.style is None and node.tag == _TEXT and node.value in _NOTHING:
            return Leaf(self._spot(node), None)
        if node.tag not in (_TEXT, *TAGS):
            raise _unknown_tag()
        text = self._expander.expand(node.tag, node.value)
        if node.tag != _TEXT:
            return Leaf(self._spot(node), text, f"{node.tag} {node.value}")
        return Leaf(self._spot(node), text, node.value if text != node.value else None)

    def _mapping(self, node: yaml.MappingNode) -> Entries:
        outer, self._broken = self._broken, []
        entries: dict[str, Entry] = {}
        for name, key, value in chain(self._own(node), self._merged(node)):
            if name not in entries:
                entries[name] = Entry(self._spot(key), self.build(value))
        broken, self._broken = self._broken, outer
        return Entries(self._spot(node), entries, tuple(broken))

    def _own(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """What the mapping itself says; the first of two equal keys counts."""
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._complain(key, "a key must be text", "put it in quotes if it has brackets")
            elif key.value in first:
                hint = f"first given in line {first[key.value]}"
                self._complain(key, f"duplicate key {quote(key.value)}", hint)
            else:
                first[key.value] = key.start_mark.line + 1
                if key.value != _MERGE:
                    yield key.value, key, value

    def _merged(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """What `<<` brings in, the first mapping before the others."""
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value != _MERGE:
                continue
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(source, yaml.MappingNode):
                    hint = "name the mapping to take over: '<<: *anchor'"
                    self._complain(key, "'<<' takes mappings only", hint)
                elif id(source) not in self._open:
                    yield from self._taken_over(source)

    def _taken_over(self, source: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        self._open.add(id(source))
        yield from self._own(source)
        yield from self._merged(source)
        self._open.remove(id(source))

    def _complain(self, node: yaml.Node, message: str, hint: str) -> None:
        self._broken.append(Broken(self._spot(node), FieldError(message, hint=hint)))


def _unknown_tag() -> FieldError:
    # The tag is not repeated: an API key that begins with '!' and was not quoted looks like one.
    known = ", ".join(TAGS)
    return FieldError("unknown tag", hint=f"known tags: {known}; put a value that begins with '!' in quotes")
