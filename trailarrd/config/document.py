"""YAML nodes as plain data, with the place of every value kept beside it.

A scalar is text, or None if nothing is written; what the text means is for its setting to say. So
`none`, `0123` and `12:30` stay what was written, and `no` is never mistaken for false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from trailarrd.config.expand import TAGS
from trailarrd.config.problem import FieldError, Flaw, Position
from trailarrd.config.syntax import start_of
from trailarrd.config.wording import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailarrd.config.expand import Expander
    from trailarrd.config.wording import Address

_YAML: Final = "tag:yaml.org,2002:"
_MAPPING, _LIST, _TEXT = _YAML + "map", _YAML + "seq", _YAML + "str"
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE: Final = "<<"
_MOST_VALUES: Final = 50_000


class Place(NamedTuple):
    """Where a value stands, and its key."""

    key: Position
    value: Position


class Document:
    """The data of a configuration file: text, None, lists and mappings with text as keys."""

    def __init__(self, root: yaml.Node, expander: Expander) -> None:
        self.places: dict[Address, Place] = {}
        self.flaws: list[Flaw] = []
        self._expander = expander
        self._open: set[int] = set()
        self._broken: set[Address] = set()
        self._written: dict[Address, tuple[str, str]] = {}
        self.data = self._build(root, (), start_of(root))

    def is_broken(self, address: Address) -> bool:
        """Whether a flaw here is already known, so that nothing more can be said of the value."""
        return any(address[:end] in self._broken for end in range(len(address) + 1))

    def as_written(self, flaw: Flaw) -> Flaw:
        """The flaw with what the file says, where it quotes what the environment or a file said."""
        if flaw.address not in self._written:
            return flaw
        value, text = map(quote, self._written[flaw.address])
        return flaw._replace(message=flaw.message.replace(value, text))

    def position(self, flaw: Flaw) -> Position:
        """Where to point for a flaw: for a value that is not in the file, at what would hold it."""
        address = flaw.address
        while address not in self.places:
            address = address[:-1]
        return flaw.position or self.places[address].value

    def at(self, address: Address) -> object:
        """The value at an address that is in the file."""
        value: Any = self.data
        for part in address:
            value = value[part]
        return value

    def _build(self, node: yaml.Node, address: Address, key: Position) -> object:
        """The node's data; None for what cannot be read, which is then known as broken."""
        self.places[address] = Place(key, start_of(node))
        if trouble := self._endless(node):
            self._reject(address, FieldError(trouble))
            return None
        self._open.add(id(node))
        try:
            return self._value(node, address)
        except FieldError as error:
            self._reject(address, error)
            return None
        finally:
            self._open.remove(id(node))

    def _endless(self, node: yaml.Node) -> str | None:
        """Aliases can make a small file boundless."""
        if id(node) in self._open:
            return "contains itself"
        return "is too much: look at its aliases" if len(self.places) > _MOST_VALUES else None

    def _value(self, node: yaml.Node, address: Address) -> object:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, address)
        if node.tag in TAGS:
            raise FieldError(f"{node.tag} needs a name", hint=f"write {node.tag} NAME")
        if isinstance(node, yaml.MappingNode) and node.tag == _MAPPING:
            return self._mapping(node, address)
        if isinstance(node, yaml.SequenceNode) and node.tag == _LIST:
            return [
                self._build(item, (*address, index), start_of(item)) for index, item in enumerate(node.value)
            ]
        raise _unknown_tag()

    def _scalar(self, node: yaml.ScalarNode, address: Address) -> str | None:
        if node.style is None and node.tag == _TEXT and node.value in _NOTHING:
            return None
        if node.tag not in (_TEXT, *TAGS):
            raise _unknown_tag()
        text = self._expander.expand(node.tag, node.value)
        if node.tag != _TEXT:
            self._written[address] = text, f"{node.tag} {node.value}"
        elif text != node.value:
            self._written[address] = text, node.value
        return text

    def _mapping(self, node: yaml.MappingNode, address: Address) -> dict[str, object]:
        data: dict[str, object] = {}
        for name, key, value in self._own(node, address):
            data[name] = self._build(value, (*address, name), start_of(key))
        for name, key, value in self._merged(node, address):
            if name not in data:
                data[name] = self._build(value, (*address, name), start_of(key))
        return data

    def _own(self, node: yaml.MappingNode, address: Address) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """What the mapping itself says; the first of two equal keys counts."""
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._flaw(address, key, "a key must be text", "put it in quotes if it has brackets")
            elif key.value in first:
                hint = f"first given in line {first[key.value]}"
                self._flaw(address, key, f"duplicate key {quote(key.value)}", hint)
            else:
                first[key.value] = start_of(key).line
                if key.value != _MERGE:
                    yield key.value, key, value

    def _merged(self, node: yaml.MappingNode, address: Address) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """What `<<` brings in, the first mapping before the others."""
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value != _MERGE:
                continue
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(source, yaml.MappingNode):
                    hint = "name the mapping to take over: '<<: *anchor'"
                    self._flaw(address, key, "'<<' takes mappings only", hint)
                elif id(source) not in self._open:
                    yield from self._taken_over(source, address)

    def _taken_over(
        self, source: yaml.MappingNode, address: Address
    ) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        self._open.add(id(source))
        yield from self._own(source, address)
        yield from self._merged(source, address)
        self._open.remove(id(source))

    def _reject(self, address: Address, error: FieldError) -> None:
        self._broken.add(address)
        self.flaws.append(Flaw(address, error.message, error.hint))

    def _flaw(self, address: Address, node: yaml.Node, message: str, hint: str) -> None:
        self.flaws.append(Flaw(address, message, hint, start_of(node)))


def _unknown_tag() -> FieldError:
    # The tag is not repeated: an API key that begins with '!' and was not quoted looks like one.
    known = ", ".join(TAGS)
    return FieldError("unknown tag", hint=f"known tags: {known}; put a value that begins with '!' in quotes")
