"""What pydantic found wrong, in words of our own, with what to do about it."""

from __future__ import annotations

import re
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from trailarrd.config.diagnostic import Address, Diagnostic, FieldError, did_you_mean, kind, nearest, quote
from trailarrd.config.fields import Section
from trailarrd.config.masking import AllowList
from trailarrd.config.shape import OPTIONS, Model, fields_of, holds, is_list, is_secret, meanings, model_of
from trailarrd.config.units import format_duration
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.secret import Redactor, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from trailarrd.config.document import Document

_FORMS: Final = MappingProxyType(
    {
        **dict.fromkeys(("model_type", "model_attributes_type", "dataclass_type", "dict_type"), "a mapping"),
        **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), "a list"),
    }
)
_BOUNDS: Final = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
_BOUND: Final = "must be {bounds}"
_WORDS: Final = MappingProxyType(
    {
        **dict.fromkeys(
            ("int_parsing", "int_parsing_size", "int_from_float"), "must be a whole number{of}, not {told}"
        ),
        **dict.fromkeys(
            ("float_parsing", "finite_number", "decimal_parsing"), "must be a number{of}, not {told}"
        ),
        **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), _BOUND),
        **dict.fromkeys(("enum", "literal_error"), "{told} is not one of {choices}"),
        "bool_parsing": "must be true or false, not {told}",
        "string_pattern_mismatch": "{told} is not a valid {key}",
        "ip_any_network": "{told} is not an address or a network",
    }
)
_TRUE: Final = frozenset({"yes", "on", "y", "1", "true"})
_FALSE: Final = frozenset({"no", "off", "n", "0", "false"})
_SHOULD: Final = re.compile(r"^(?:input|value|.* type) should (?=be|have|match)", re.IGNORECASE)
_MOST_PLACES: Final = 3


class Translator:
    def __init__(self, document: Document, model: Model, allowed: AllowList) -> None:
        self._document = document
        self._model = model
        self._allowed = allowed

    def diagnostics(self, error: ValidationError) -> Iterator[Diagnostic]:
        """Every error, but for those that follow from a mistake already told."""
        # Never the input: it may be a secret.
        details = error.errors(include_url=False, include_input=False)
        unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
        misspelt = {(*loc[:-1], nearest(str(loc[-1]), self._keys(loc[:-1]))) for loc in unknown}
        for detail in details:
            follows = detail["type"] == "missing" and detail["loc"] in misspelt
            follows = follows or self._is_other_kind(detail, details)
            if not follows and not self._document.is_broken(detail["loc"]):
                yield self._diagnostic(detail)

    def _is_other_kind(self, detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
        """Whether it only says of a setting that has a mistake that nothing would be right as well."""
        where = self._real(detail["loc"])
        others = (one for one in details if one is not detail)
        return detail["type"] == "none_required" and any(self._real(one["loc"]) == where for one in others)

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

    def _keys(self, address: Address) -> list[str]:
        return list(fields_of(self._model_at(address)))

    def _own(self, detail: ErrorDetails, address: Address) -> tuple[str, str | None]:
        """What a validator of ours said, or one of a plugin."""
        error = detail.get("ctx", {}).get("error")
        if not isinstance(error, FieldError):
            return detail["msg"].removeprefix("Value error, "), None
        if error.hint and error.twin:
            here, twin = (self._document.places[where].value for where in (address, error.twin))
            return error.message, error.hint.format(twin.seen_from(here))
        return error.message, error.hint

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
        if wanted := _FORMS.get(form) or (isinstance(given, dict | list) and "text"):
            is_word = isinstance(given, str) and given.lower() in ("true", "false")
            return f"must be {wanted}, not {given if is_word else kind(given)}", _form_hint(
                wanted, place.model if address else None
            )
        if not (text := str(given)).strip():
            return "is empty", None
        bounds, choices = _bounds(place.field), str(detail.get("ctx", {}).get("expected"))
        if form not in _WORDS or (_WORDS[form] == _BOUND and not bounds):
            return _SHOULD.sub("must ", detail["msg"]), None
        message = _WORDS[form].format(
            told="this" if self._is_hidden(address) else quote(text),
            key=_key(address),
            bounds=bounds,
            of=f", {bounds}" if bounds else "",
            choices=choices.replace(" or ", ", ").replace("'", ""),
        )
        is_word = "{choices}" in _WORDS[form] or form == "bool_parsing"
        return message, _word_hint(text, place.field, choices) if is_word else self._meaning(address)

    def _is_hidden(self, address: Address) -> bool:
        """Whether its value may be a secret."""
        if OPTIONS in address and _key(address) not in self._allowed.options.values:
            return True
        field = self._document.places[address].field
        return field is not None and is_secret(field)

    def _meaning(self, address: Address) -> str | None:
        """What the setting is for, as a hint."""
        name = _key(address)
        model = self._model_at(address[: len(address) - 1 - address[::-1].index(name)])
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
        name, known = str(loc[-1]), self._keys(loc[:-1])
        top = self._model_at(loc[: loc.index(OPTIONS) + 1]) if OPTIONS in loc[:-1] else self._model
        mappings = _mappings(top) if top else ()
        places = [place for place, model in mappings if name in fields_of(model)][:_MOST_PLACES]
        if places:
            return "it belongs in " + " or ".join([", ".join(places[:-1]), places[-1]][len(places) == 1 :])
        return did_you_mean(name, known) or f"known keys: {', '.join(known) or 'none'}"


def _key(address: Address) -> str:
    """The key that a value stands at, or that its list does."""
    return next((part for part in reversed(address) if isinstance(part, str)), "")


def _bounds(field: FieldInfo | None) -> str:
    """Which numbers or times a setting takes."""
    marks = field.metadata if field else []
    bounds = {name: getattr(mark, name) for mark in marks for name in _BOUNDS if hasattr(mark, name)}
    return " and ".join(
        _BOUNDS[name].format(format_duration(value) if isinstance(value, timedelta) else value)
        for name, value in bounds.items()
    )


def _word_hint(given: str, field: FieldInfo | None, choices: str) -> str | None:
    """What may be meant by a word."""
    word = given.lower()
    if field and holds(field, MonitorMode):
        # A yes or no is not enough to tell what to monitor.
        if word in _FALSE:
            return "write none to monitor nothing"
        if word in _TRUE | {"all"}:
            return "write missing to monitor every item without a trailer"
    elif field and holds(field, bool) and word in _TRUE | _FALSE:
        return "write true" if word in _TRUE else "write false"
    return did_you_mean(given, re.findall("'([^']*)'", choices))


def _form_hint(wanted: str, model: Model | None) -> str | None:
    """How the mapping is written that belongs here, or the list; with a model, that is one of mappings."""
    fields = fields_of(model)
    needed = [
        f"{name}: {one.examples[0]}" for name, one in fields.items() if one.is_required() and one.examples
    ]
    if wanted == "a list":
        return "begin each item with '- '" + (f", as in '- {needed[0]}'" if needed else "")
    if wanted == "a mapping":
        known = f"; known keys: {', '.join(fields)}" if fields else ""
        return f"for example {{{', '.join(needed)}}}" if needed else f"write it as 'key: value'{known}"
    return None


def _mappings(model: Model, before: str = "", above: tuple[Model, ...] = ()) -> Iterator[tuple[str, Model]]:
    """Every mapping in the file below the top, the outer ones first; a plugin's may hold its like."""
    inner = [(name, field, found) for name, field in fields_of(model).items() if (found := model_of(field))]
    inner = [one for one in inner if one[2] not in above]
    for name, field, found in inner:
        yield f"an item of {quote(before + name)}" if is_list(field) else quote(before + name), found
    for name, _, found in inner:
        yield from _mappings(found, f"{before}{name}.", (*above, model))
