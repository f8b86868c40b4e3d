"""Settings from the environment: `TRAILARRD_LOG__LEVEL` is `log.level`.

Two underscores lead one level down; a connection is named as in the file, in capitals and with `_` for
whatever no variable's name can have. A single value is taken as it is, a list or mapping is read as YAML.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from trailarrd.config.diagnostic import Address, FieldError, InvalidConfigError, did_you_mean, nearest, quote
from trailarrd.config.location import PREFIX
from trailarrd.config.model import Settings
from trailarrd.config.shape import Model, fields_of, is_list, is_mapping, model_of
from trailarrd.config.source import Source, Spot
from trailarrd.config.tree import Broken, Items, Leaf, Tree, child, put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pydantic.fields import FieldInfo

    from trailarrd.config.files import FileReader

_BELOW: Final = "__"
_NOT_SETTINGS: Final = frozenset({"include"})
_DIGITS: Final = re.compile(r"([0-9]+)")
_ODD: Final = re.compile(r"[^A-Z0-9]")


class Overrides:
    def __init__(self, reader: FileReader, folder: Path, options_of: Callable[[Tree], Model | None]) -> None:
        self._reader = reader
        self._folder = folder
        self._options_of = options_of

    def apply(self, tree: Tree, environ: Mapping[str, str]) -> Tree:
        """The tree with every setting that a variable names; what names none is a mistake."""
        for variable in sorted(environ, key=_turn):
            # As in a shell, a variable that is set to nothing is as good as none.
            if environ[variable] and self._is_meant(variable):
                tree = self._put(tree, variable, environ[variable])
        return tree

    def _is_meant(self, variable: str) -> bool:
        """Whether it is about a setting at all, rightly spelled or not; others may begin like ours."""
        if not variable.upper().startswith(PREFIX):
            return False
        rest = _rest(variable)
        if _BELOW in rest or rest.lower() in Settings.model_fields.keys() - _NOT_SETTINGS:
            return True
        lacks_one = rest.startswith("CONNECTIONS_") or rest in (
            name.replace(_BELOW, "_") for name in _names(Settings)
        )
        return lacks_one and variable not in self._reader.variables

    def _put(self, tree: Tree, variable: str, text: str) -> Tree:
        source = Source(f"${variable}", text, self._reader.allowed, self._folder)
        self._reader.sources.append(source)
        try:
            address, field = self._target(_rest(variable), Settings, tree)
            source.key = next(part for part in reversed(address) if isinstance(part, str))
            return put(tree, address, self._value(source, field))
        except FieldError as error:
            # What is wrong with a variable's name is not about the setting that it fails to name.
            top = _rest(variable).split(_BELOW)[0].lower()
            section = top if top in Settings.model_fields else ""
            found = Spot(source, None).diagnostic((), error.message, error.hint)
            self._reader.diagnostics.append(replace(found, section=section))
        except InvalidConfigError as error:
            self._reader.diagnostics += error.diagnostics
            self._reader.lacks_a_file = True
        return tree

    def _value(self, source: Source, field: FieldInfo | None) -> Tree:
        """Text as it is for a single value, YAML for all else; commas do for a list of single values."""
        spot = Spot(source, None)
        is_plain = field is not None and model_of(field) is None and not is_mapping(field)
        if field and is_plain and not is_list(field):
            return Leaf(spot, source.text)
        if is_plain and not source.text.lstrip().startswith("["):
            return Items(spot, tuple(Leaf(spot, item.strip()) for item in source.text.split(",")))
        return self._reader.parse(source) or Broken(spot, FieldError("has no value"))

    def _target(
        self, rest: str, model: Model, tree: Tree | None, address: Address = (), before: str = PREFIX
    ) -> tuple[Address, FieldInfo | None]:
        """The setting that a variable names, with its field, if it is not a whole item of a list.

        `before` is the part of the variable that is understood.
        """
        fields = _fields(model)
        name = _first(rest, {_spelled(name): name for name in fields})
        if name is None:
            raise FieldError("names no setting", hint=_hint(rest, model, before))
        field, below = fields[name], _after(rest, name)
        address, holder, tree = (*address, name), tree, child(tree, name)
        if below is None:
            return address, field
        if is_list(field):
            number, tree, below = _index(below, tree, name)
            address = (*address, number)
            if below is None:
                return address, None
        inner = model_of(field)
        if inner is BaseModel and holder is not None:
            inner = self._options_of(holder)
        if inner is None:
            raise FieldError(f"names no setting: there is nothing below {quote(name)}")
        return self._target(below, inner, tree, address, before + rest.removesuffix(below))


def _index(rest: str, tree: Tree | None, name: str) -> tuple[int, Tree | None, str | None]:
    """Which item is meant, by its name or its place (counted from 0; one more is new), and what follows."""
    items = tree.items if isinstance(tree, Items) else ()
    names = [text for item in items if (text := _name_of(item))]
    given = _first(rest, {_spelled(text): text for text in names})
    if given is not None:
        alike = [text for text in names if _spelled(text) == _spelled(given)]
        if len(alike) > 1:
            raise FieldError(
                f"could mean {' or '.join(map(quote, alike))}",
                hint="give the place in the list, counted from 0, instead of the name",
            )
        number = [_name_of(item) for item in items].index(given)
        return number, items[number], _after(rest, given)
    place = rest.split(_BELOW, maxsplit=1)[0]
    if place.isdecimal() and int(place) <= len(items) - bool(names):
        number = int(place)
        return number, items[number] if number < len(items) else None, _after(rest, place)
    if name != "connections":
        hint = f"items are counted from 0; the next is {len(items)}"
        raise FieldError(f"names no setting: {name} has no item {place}", hint=hint)
    spelled = sorted({_spelled(text) for text in names})
    hint = did_you_mean(place, spelled) or f"there are: {', '.join(spelled) or 'none'}"
    raise FieldError(f"names no setting: there is no connection {quote(place)}", hint=hint)


def _name_of(item: Tree) -> str | None:
    named = child(item, "name")
    return named.text if isinstance(named, Leaf) else None


def _rest(variable: str) -> str:
    return variable.upper().removeprefix(PREFIX)


def _spelled(name: str) -> str:
    return _ODD.sub("_", name.upper())


def _first(rest: str, names: Mapping[str, str]) -> str | None:
    fitting = [name for name in names if rest == name or rest.startswith(name + _BELOW)]
    return names[max(fitting, key=len)] if fitting else None


def _after(rest: str, name: str) -> str | None:
    """What follows below a name; None at the end."""
    return None if rest == _spelled(name) else rest[len(name) + len(_BELOW) :]


def _fields(model: Model) -> dict[str, FieldInfo]:
    return {key: field for key, field in fields_of(model).items() if key not in _NOT_SETTINGS}


def _names(model: Model) -> Iterator[str]:
    """What the variables of a model's settings are called, as far as no list is in between."""
    for key, field in _fields(model).items():
        inner = model_of(field)
        if inner and not is_list(field):
            yield from (f"{_spelled(key)}{_BELOW}{name}" for name in _names(inner))
        else:
            yield _spelled(key)


def _hint(rest: str, model: Model, before: str) -> str:
    names = list(_names(model))
    for name in names:
        if name.replace(_BELOW, "_") == rest:
            return f"two underscores lead one level down: {before}{name}"
    if rest.startswith("CONNECTIONS_"):
        return f"two underscores lead one level down: {before}CONNECTIONS__NAME__URL"
    if meant := nearest(rest, names):
        return f"did you mean {before}{meant}?"
    return f"known below {before}: {', '.join(map(_spelled, _fields(model)))}"


def _turn(variable: str) -> tuple[int, list[tuple[int, str]]]:
    """Numbers by their size; a provider before its options, a new name after all that goes by the old."""
    rank = 2 if variable.upper().endswith(f"{_BELOW}NAME") else int(f"{_BELOW}OPTIONS" in variable.upper())
    return rank, [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(variable)]
