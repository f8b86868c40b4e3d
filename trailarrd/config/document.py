"""The tree as plain data for the model, with the place of every value kept beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trailarrd.config.flaw import Flaw
from trailarrd.config.tree import Broken, Entries, Items
from trailarrd.config.wording import quote

if TYPE_CHECKING:
    from trailarrd.config.flaw import Spot
    from trailarrd.config.tree import Leaf, Tree
    from trailarrd.config.wording import Address


class Place(NamedTuple):
    """Where a value stands, and its key."""

    key: Spot
    value: Spot


class Document:
    """The data of a configuration: text, None, lists and mappings with text as keys."""

    def __init__(self, tree: Tree) -> None:
        self.places: dict[Address, Place] = {}
        self.leaves: dict[Address, Leaf] = {}
        self.flaws: list[Flaw] = []
        self._broken: set[Address] = set()
        self.data = self._flatten(tree, (), tree.spot)

    def is_broken(self, address: Address) -> bool:
        """Whether a flaw here is already known, so that nothing more can be said of the value."""
        return any(address[:end] in self._broken for end in range(len(address) + 1))

    def mark_broken(self, address: Address) -> None:
        """A flaw here is reported by others: nothing more is to be said of the value."""
        self._broken.add(address)

    def as_written(self, flaw: Flaw) -> Flaw:
        """The flaw with what the file says, where it quotes what the environment or a file said."""
        leaf = self.leaves.get(flaw.address)
        if leaf is None or leaf.written is None or leaf.text is None:
            return flaw
        return flaw._replace(message=flaw.message.replace(quote(leaf.text), quote(leaf.written)))

    def spot(self, flaw: Flaw) -> Spot:
        """Where to point for a flaw: for a value that is not there, at what would hold it."""
        address = flaw.address
        while address not in self.places:
            address = address[:-1]
        return flaw.spot or self.places[address].value

    def at(self, address: Address) -> object:
        """The value at an address that is there."""
        value: Any = self.data
        for part in address:
            value = value[part]
        return value

    def _flatten(self, tree: Tree, address: Address, key: Spot) -> object:
        """The tree's data; None for what cannot be read, which is then known as broken."""
        self.places[address] = Place(key, tree.spot)
        match tree:
            case Broken():
                self._broken.add(address)
                self.flaws.append(Flaw(address, tree.error.message, tree.error.hint))
                return None
            case Items():
                return [
                    self._flatten(item, (*address, index), item.spot) for index, item in enumerate(tree.items)
                ]
            case Entries():
                for spot, message, hint in tree.complaints:
                    self.flaws.append(Flaw(address, message, hint, spot))
                return {
                    name: self._flatten(value, (*address, name), spot)
                    for name, (spot, value) in tree.entries.items()
                }
        self.leaves[address] = tree
        return tree.text
