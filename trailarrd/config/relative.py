"""Files that settings name: relative to the file that names them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from trailarrd.config.fields import NamesFile
from trailarrd.config.shape import fields_of, model_of
from trailarrd.config.tree import Entries, Entry, Items, Leaf

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic.fields import FieldInfo

    from trailarrd.config.shape import Model
    from trailarrd.config.tree import Tree


class Locates(Protocol):
    """Finds the file that a value names."""

    def __call__(self, leaf: Leaf, text: str) -> Path: ...


def with_files(tree: Tree, model: Model, locate: Locates) -> Tree:
    """The tree with absolute paths wherever the model says that a value names a file."""
    if not isinstance(tree, Entries):
        return tree
    fields = fields_of(model)
    entries = {
        key: Entry(spot, _with_file(value, fields[key], locate)) if key in fields else Entry(spot, value)
        for key, (spot, value) in tree.entries.items()
    }
    return replace(tree, entries=entries)


def _with_file(tree: Tree, field: FieldInfo, locate: Locates) -> Tree:
    if any(isinstance(mark, NamesFile) for mark in field.metadata):
        if not isinstance(tree, Leaf) or not tree.text or not tree.text.strip():
            return tree
        file = locate(tree, tree.text).absolute()
        return Leaf(tree.spot, str(file), tree.written or tree.text)
    model = model_of(field)
    if model is None:
        return tree
    if isinstance(tree, Items):
        return replace(tree, items=tuple([with_files(item, model, locate) for item in tree.items]))
    return with_files(tree, model, locate)
