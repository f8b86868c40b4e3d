"""From the YAML nodes of one file to a tree of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from trailarrd.config.diagnostic import FieldError, Position
from trailarrd.config.expand import TAGS, Expander
from trailarrd.config.source import Source, Spot
from trailarrd.config.tree import Broken, Entries, Entry, Items, Leaf, Tree
from trailarrd.config.wording import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

_YAML: Final = "tag:yaml.org,2002:"
_MAPPING, _LIST, _TEXT = _YAML + "map", _YAML + "seq", _YAML + "str"
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE: Final = "<<"
_MOST_VALUES: Final = 50_000


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
        for name, key, value in self._own(node):
            entries[name] = Entry(self._spot(key), self.build(value))
        for name, key, value in self._merged(node):
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
