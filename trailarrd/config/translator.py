"""What pydantic found wrong, in the words of this house, with what to do about it."""

from __future__ import annotations

import re
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from trailarrd.config.conflicts import DuplicateNameError
from trailarrd.config.diagnostic import Diagnostic, FieldError
from trailarrd.config.fields import Section
from trailarrd.config.masking import OPTIONS, AllowList
from trailarrd.config.shape import Model, fields_of, holds, is_list, is_secret, meanings, model_of
from trailarrd.config.units import format_duration
from trailarrd.config.wording import Address, did_you_mean, kind, nearest, quote
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.secret import Redactor, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from trailarrd.config.document import Document

_MAPPINGS: Final = frozenset({"model_type", "model_attributes_type", "dataclass_type", "dict_type"})
_LISTS: Final = frozenset({"tuple_type", "list_type", "set_type", "frozen_set_type"})
_BOUNDS: Final = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
_TRUE: Final = frozenset({"yes", "on", "y", "1", "true"})
_FALSE: Final = frozenset({"no", "off", "n", "0", "false"})
_SHOULD: Final = re.compile(r"^(?:input|value|.* type) should (?=be|have|match)", re.IGNORECASE)
_MOST_PLACES: Final = 3


class Translator:
    """Tells the mistakes in a document."""

    def __init__(self, document: Document, model: Model, allowed: AllowList) -> None:
        self._document = document
        self._model = model
        self._allowed = allowed

    def diagnostics(self, error: ValidationError) -> Iterator[Diagnostic]:
        """Every error, but for those that follow from a mistake already told."""
        # Never the input: it may be a secret.
        details = error.errors(include_url=False, include_input=False)
        unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
        misspelt = {(*loc[:-1], self._nearest(loc)) for loc in unknown}
        for detail in details:
            follows = detail["type"] == "missing" and detail["loc"] in misspelt
            if not follows and not self._document.is_broken(detail["loc"]):
                yield self._diagnostic(detail)

    def _diagnostic(self, detail: ErrorDetails) -> Diagnostic:
        loc = detail["loc"]
        match detail["type"]:
            case "missing":
                return self._document.diagnostic(self._real(loc[:-1]), *self._missing(loc))
            case "extra_forbidden":
                key = self._document.places[loc].key
                return key.diagnostic(loc[:-1], f"unknown key {quote(str(loc[-1]))}", self._for_unknown(loc))
        address = self._real(loc)
        if detail["type"] == "value_error":
            message, hint = self._own(detail, address)
        else:
            message, hint = self._unfit(detail, address)
        return self._document.diagnostic(address, *self._without_secrets(address, message, hint))

    def _real(self, loc: Address) -> Address:
        """The address as far as it is there: pydantic also tells which part of a union it tried."""
        while loc not in self._document.places:
            loc = loc[:-1]
        return loc

    def _model_at(self, address: Address) -> Model | None:
        place = self._document.places.get(address)
        return place.model if place else None

    def _nearest(self, loc: Address) -> str | None:
        return nearest(str(loc[-1]), fields_of(self._model_at(loc[:-1])))

    def _own(self, detail: ErrorDetails, address: Address) -> tuple[str, str | None]:
        """What a validator of ours said, or one of a plugin."""
        error = detail.get("ctx", {}).get("error")
        if isinstance(error, DuplicateNameError):
            here, other = (self._document.places[where].value for where in (address, error.other))
            hint = f"it is in {other.seen_from(here)}; upper and lower case make no difference"
            return error.message, hint
        if isinstance(error, FieldError):
            return error.message, error.hint
        return detail["msg"].removeprefix("Value error, "), None

    def _without_secrets(self, address: Address, message: str, hint: str | None) -> tuple[str, str | None]:
        """A plugin's own words may repeat what they are about."""
        if OPTIONS not in address:
            return message, hint
        top = address[: address.index(OPTIONS) + 1]
        shown = self._allowed.options.values | self._allowed.options.mappings
        redactor = Redactor(
            Secret(leaf.text)
            for place, leaf in self._document.leaves.items()
            if place[: len(top)] == top
            and leaf.text
            and any(isinstance(key, str) and key not in shown for key in place[len(top) :])
        )
        return redactor.clean(message), redactor.clean(hint) if hint else None

    def _unfit(self, detail: ErrorDetails, address: Address) -> tuple[str, str | None]:
        """For a value that is of another kind than its setting, or out of its bounds."""
        place, given, form = self._document.places[address], self._document.at(address), detail["type"]
        if given is None:
            return "has no value", "give it one, or delete the line"
        if form in _MAPPINGS:
            return f"must be a mapping, not {kind(given)}", _mapping_hint(place.model if address else None)
        if form in _LISTS:
            return f"must be a list, not {kind(given)}", _list_hint(place.model)
        if isinstance(given, dict | list):
            return f"must be text, not {kind(given)}", None
        told = "this" if self._is_secret(address) else quote(str(given))
        misfit = _Misfit(detail, told, str(given), place.field, _key(address), self._meaning(address))
        explain = _EXPLANATIONS.get(form)
        return explain(misfit) if explain else (_SHOULD.sub("must ", detail["msg"]), None)

    def _is_secret(self, address: Address) -> bool:
        places = (self._document.places[address[:end]] for end in range(1, len(address) + 1))
        return any(place.field and is_secret(place.field) for place in places)

    def _meaning(self, address: Address) -> str | None:
        """What the setting is for, as a hint."""
        name = _key(address)
        model = self._model_at(address[: address.index(name)])
        field = fields_of(model).get(name)
        text = field.description if field else None
        if model and issubclass(model, Section):
            text = meanings(model).get(name, "").rstrip(".")
            return text[:1].lower() + text[1:] or None
        return text

    def _missing(self, loc: Address) -> tuple[str, str | None]:
        name = str(loc[-1])
        field = fields_of(self._model_at(self._real(loc[:-1]))).get(name)
        if field and field.examples:
            return f"missing key {quote(name)}", f"for example {name}: {field.examples[0]}"
        return f"missing key {quote(name)}", field.description if field else None

    def _for_unknown(self, loc: Address) -> str:
        """Where the key belongs, what may be meant, or what there is."""
        name, known = str(loc[-1]), list(fields_of(self._model_at(loc[:-1])))
        top = self._model_at(loc[: loc.index(OPTIONS) + 1]) if OPTIONS in loc[:-1] else self._model
        mappings = _mappings(top) if top else ()
        places = [place for place, model in mappings if name in fields_of(model)][:_MOST_PLACES]
        if places:
            return "it belongs in " + " or ".join([", ".join(places[:-1]), places[-1]][len(places) == 1 :])
        return did_you_mean(name, known) or f"known keys: {', '.join(known) or 'none'}"


def _key(address: Address) -> str:
    """The key that a value stands at, or that its list does."""
    return next((part for part in reversed(address) if isinstance(part, str)), "")


class _Misfit(NamedTuple):
    """A single value, and the setting that cannot take it."""

    detail: ErrorDetails
    told: str
    """The value as it may be repeated."""
    given: str
    field: FieldInfo | None
    key: str
    meaning: str | None
    """What the setting is for, as a hint."""

    @property
    def bounds(self) -> str:
        """Which numbers or times the setting takes."""
        bounds: dict[str, Any] = {}
        for mark in self.field.metadata if self.field else ():
            bounds |= {name: getattr(mark, name) for name in _BOUNDS if hasattr(mark, name)}
        if {"ge", "le"} <= bounds.keys():
            return f"from {bounds['ge']} to {bounds['le']}"
        return " and ".join(_BOUNDS[name].format(_told(value)) for name, value in bounds.items())


def _told(bound: object) -> object:
    return format_duration(bound) if isinstance(bound, timedelta) else bound


Explained: TypeAlias = tuple[str, str | None]


def _number(misfit: _Misfit) -> Explained:
    whole = "whole " if misfit.detail["type"].startswith("int") else ""
    bounds = misfit.bounds and (" " if misfit.bounds.startswith("from") else ", ") + misfit.bounds
    return f"must be a {whole}number{bounds}, not {misfit.told}", misfit.meaning


def _bound(misfit: _Misfit) -> Explained:
    if not misfit.bounds:  # the bound of one of several types
        return _SHOULD.sub("must ", misfit.detail["msg"]), misfit.meaning
    is_time = misfit.field is not None and holds(misfit.field, timedelta)
    return f"must be {misfit.bounds}", None if is_time else misfit.meaning


def _choice(misfit: _Misfit) -> Explained:
    expected, word = str(misfit.detail["ctx"]["expected"]), misfit.given.lower()
    choices = re.findall("'([^']*)'", expected)
    hint = did_you_mean(misfit.given, choices)
    if misfit.field and holds(misfit.field, MonitorMode):
        if word in _FALSE:
            hint = "write none to monitor nothing"
        elif word in _TRUE | {"all"}:
            hint = "write missing to monitor every item without a trailer"
    return f"{misfit.told} is not one of {', '.join(choices) or expected}", hint


def _truth(misfit: _Misfit) -> Explained:
    word = misfit.given.lower()
    hint = "write true" if word in _TRUE else "write false" if word in _FALSE else None
    return f"must be true or false, not {misfit.told}", hint


def _length(misfit: _Misfit) -> Explained:
    return ("is empty" if not misfit.given.strip() else _SHOULD.sub("must ", misfit.detail["msg"])), None


def _pattern(misfit: _Misfit) -> Explained:
    return f"{misfit.told} is not a valid {misfit.key}", misfit.meaning


def _network(misfit: _Misfit) -> Explained:
    hint = "for example 127.0.0.1 or 172.16.0.0/12; a name is not enough to be trusted"
    return f"{misfit.told} is not an address or a network", hint


_EXPLANATIONS: Final[Mapping[str, Callable[[_Misfit], Explained]]] = MappingProxyType(
    {
        **dict.fromkeys(("int_parsing", "int_parsing_size", "int_from_float"), _number),
        **dict.fromkeys(("float_parsing", "finite_number", "decimal_parsing"), _number),
        **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), _bound),
        "enum": _choice,
        "literal_error": _choice,
        "bool_parsing": _truth,
        "string_too_short": _length,
        "string_pattern_mismatch": _pattern,
        "ip_any_network": _network,
    }
)


def _mapping_hint(model: Model | None) -> str:
    """How the mapping is written that belongs here."""
    if examples := _examples(model):
        return f"for example {{{', '.join(examples)}}}"
    return "write it as 'key: value'" + (f"; known keys: {', '.join(fields_of(model))}" if model else "")


def _list_hint(model: Model | None) -> str:
    """How the list is written that belongs here; with a model it is one of mappings."""
    examples = _examples(model)
    return "begin each item with '- '" + (f", as in '- {examples[0]}'" if examples else "")


def _examples(model: Model | None) -> list[str]:
    """The keys that must be there, each with a value."""
    return [
        f"{name}: {field.examples[0]}"
        for name, field in fields_of(model).items()
        if field.is_required() and field.examples
    ]


def _mappings(model: Model, before: str = "") -> Iterator[tuple[str, Model]]:
    """Every mapping in the file below the top, the outer ones first."""
    inner = [(name, field, found) for name, field in fields_of(model).items() if (found := model_of(field))]
    for name, field, found in inner:
        yield f"an item of {quote(before + name)}" if is_list(field) else quote(before + name), found
    for name, _, found in inner:
        yield from _mappings(found, f"{before}{name}.")
