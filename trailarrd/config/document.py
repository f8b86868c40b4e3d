"""The tree as plain data for the models, with the place of every value kept beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import BaseModel, ByteSize

from trailarrd.config.diagnostic import Address, Diagnostic, FieldError, quote
from trailarrd.config.fields import NamesFile
from trailarrd.config.masking import MASK
from trailarrd.config.shape import OPTIONS, Model, fields_of, holds, is_secret, model_of
from trailarrd.config.tree import Entries, Entry, Items, Leaf, Tree
from trailarrd.config.units import parse_duration, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from pydantic.fields import FieldInfo

    from trailarrd.config.source import Spot

_READ: Final = (
    (timedelta, parse_duration, "write it like 90s, 30m, 1h30m or 2 days"),
    (ByteSize, parse_size, "write it like 500 MB or 2 GiB"),
)
"""What pydantic would read otherwise than people write it."""


class Place(NamedTuple):
    """Where a value stands, its key, and what belongs there as far as the models know it."""

    key: Spot
    value: Spot
    field: FieldInfo | None = None
    model: Model | None = None


class Document:
    """The data of a configuration: text, None, lists and mappings with text as keys.

    Durations and sizes are read already, in the options of plugins, too, and names of files are absolute.
    """

    def __init__(
        self,
        tree: Tree,
        model: Model,
        options_of: Callable[[Tree], Model | None],
        locate: Callable[[Leaf, str], Path],
    ) -> None:
        self._options_of = options_of
        self._locate = locate
        self.places: dict[Address, Place] = {}
        self.leaves: dict[Address, Leaf] = {}
        self.diagnostics: list[Diagnostic] = []
        self._absent: dict[Address, FieldError] = {}
        self._broken: set[Address] = set()
        self.data = self._flatten(tree, (), Place(tree.spot, tree.spot, None, model))

    def is_broken(self, address: Address) -> bool:
        """Whether a mistake here is already told, so that nothing more can be said of the value."""
        return any(address[:end] in self._broken for end in range(len(address) + 1))

    def absent(self, sections: Collection[str] | None = None) -> list[Diagnostic]:
        """What stands elsewhere and cannot be had here, in these sections or in all: no mistake in itself."""
        return [
            self.diagnostic(address, error.message, error.hint)
            for address, error in self._absent.items()
            if sections is None or address[:1] == () or address[0] in sections
        ]

    def at(self, address: Address) -> object:
        value: Any = self.data
        for part in address:
            value = value[part]
        return value

    def diagnostic(self, address: Address, message: str, hint: str | None = None) -> Diagnostic:
        """What is wrong with a value; if it is not there, with what would hold it.

        What the environment or another file said is not repeated, but what stands here in its place.
        """
        there, leaf = address, self.leaves.get(address)
        while there not in self.places:
            there = there[:-1]
        if leaf and leaf.written and leaf.text:
            message = message.replace(quote(leaf.text), quote(leaf.written))
        return self.places[there].value.diagnostic(address, message, hint)

    def _break(self, address: Address, error: FieldError) -> None:
        self._broken.add(address)
        if error.absent:
            self._absent[address] = error
        else:
            self.diagnostics.append(self.diagnostic(address, error.message, error.hint))

    def _flatten(self, tree: Tree, address: Address, place: Place) -> object:
        """The tree's data; None or a secret's mask for what cannot be read, which is then known as broken."""
        self.places[address] = place
        match tree:
            case Leaf():
                return self._leaf(tree, address, place.field)
            case Items():
                return [
                    self._flatten(item, (*address, index), place._replace(key=item.spot, value=item.spot))
                    for index, item in enumerate(tree.items)
                ]
            case Entries():
                return self._mapping(tree, address, place)
        self._break(address, tree.error)
        return MASK if tree.error.absent and place.field and is_secret(place.field) else None

    def _mapping(self, tree: Entries, address: Address, place: Place) -> dict[str, object]:
        for one in tree.broken:
            self.diagnostics.append(one.spot.diagnostic(address, one.error.message, one.error.hint))
        fields, entries = fields_of(place.model), dict(tree.entries)
        if OPTIONS in fields and self._options_of(tree):
            # A plugin may need some even where none are written.
            entries.setdefault(OPTIONS, Entry(tree.spot, Entries(tree.spot, {})))
        found: dict[str, object] = {}
        for name, (key, value) in entries.items():
            field = fields.get(name) if place.model else place.field
            inner = model_of(field)
            if inner is BaseModel:
                inner = self._options_of(tree)
            found[name] = self._flatten(value, (*address, name), Place(key, value.spot, field, inner))
        return found

    def _leaf(self, leaf: Leaf, address: Address, field: FieldInfo | None) -> object:
        self.leaves[address] = leaf
        if field is None or leaf.text is None:
            return leaf.text
        if leaf.text.strip() and any(isinstance(mark, NamesFile) for mark in field.metadata):
            path = str(self._locate(leaf, leaf.text).absolute())
            self.leaves[address] = replace(leaf, text=path, written=leaf.written or leaf.text)
            return path
        for kind, read, hint in _READ:
            if holds(field, kind):
                try:
                    return read(leaf.text)
                except ValueError as error:
                    self._break(address, FieldError(f"{quote(leaf.text)} {error}", hint=hint))
        return leaf.text
