"""What pydantic found wrong, in the words of this house."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from trailarrd.config.advice import for_list, for_mapping, for_unknown_key
from trailarrd.config.flaw import Flaw
from trailarrd.config.problem import FieldError
from trailarrd.config.shape import fields_of, is_secret, model_of
from trailarrd.config.wording import kind, nearest, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from trailarrd.config.document import Document
    from trailarrd.config.shape import Model
    from trailarrd.config.wording import Address

_NO_VALUE: Final = ("has no value", "give it one, or delete the line")
_KINDS: Final = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
}
_WANTED: Final = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "decimal_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
}
_SHOULD: Final = re.compile(r"^(?:input|value|.* type) should (?=be|have|match)", re.IGNORECASE)


class Translator:
    """Tells the mistakes in a document, or in that part of it which a plugin's model is for."""

    def __init__(self, document: Document, model: Model, at: Address = ()) -> None:
        self._document = document
        self._model = model
        self._at = at

    def flaws(self, error: ValidationError) -> Iterator[Flaw]:
        """Every error as a flaw, but for those that follow from a flaw already known."""
        # Never the input: it may be a secret.
        details = error.errors(include_url=False, include_input=False)
        misspelt = {
            (*detail["loc"][:-1], nearest(str(detail["loc"][-1]), self._known_keys(detail["loc"][:-1])))
            for detail in details
            if detail["type"] == "extra_forbidden"
        }
        for detail in details:
            follows = detail["type"] == "missing" and detail["loc"] in misspelt
            if not follows and not self._document.is_broken((*self._at, *detail["loc"])):
                yield self._flaw(detail)

    def _flaw(self, detail: ErrorDetails) -> Flaw:
        match detail["type"]:
            case "missing":
                return self._missing(detail["loc"])
            case "extra_forbidden":
                return self._unknown(detail["loc"])
            case "value_error":
                return _own(self._real(detail["loc"]), detail.get("ctx", {}).get("error"), detail["msg"])
        return self._unfit(detail["loc"], detail["type"], detail["msg"])

    def _unfit(self, loc: Address, form: str, message: str) -> Flaw:
        """For a value that is of another kind than its setting."""
        address = self._real(loc)
        given = self._document.at(address) if address in self._document.places else None
        if given is None:
            return Flaw(address, *_NO_VALUE)
        if wanted := _KINDS.get(form):
            model = self._model_at(loc) if loc else None
            hint = for_mapping(model) if wanted == "a mapping" else for_list(model)
            return Flaw(address, f"must be {wanted}, not {kind(given)}", hint)
        if wanted := _WANTED.get(form):
            return Flaw(address, f"{wanted}, not {self._quoted(loc, given)}")
        return Flaw(address, _SHOULD.sub("must ", message))

    def _real(self, loc: Address) -> Address:
        """The address as far as it is there: pydantic also tells which part of a union it tried."""
        address = (*self._at, *loc)
        while len(address) > len(self._at) and address not in self._document.places:
            address = address[:-1]
        return address

    def _quoted(self, loc: Address, given: object) -> str:
        if not isinstance(given, str):
            return kind(given)
        return "this" if self._is_secret(loc) else quote(given)

    def _is_secret(self, loc: Address) -> bool:
        keys = [end for end, part in enumerate(loc) if isinstance(part, str)]
        fields = (fields_of(model).get(str(loc[end])) for end in keys if (model := self._model_at(loc[:end])))
        return any(field is not None and is_secret(field) for field in fields)

    def _missing(self, loc: Address) -> Flaw:
        name, model = str(loc[-1]), self._model_at(loc[:-1])
        field = fields_of(model).get(name) if model else None
        example = field.examples[0] if field and field.examples else None
        hint = f"for example {name}: {example}" if example is not None else None
        if hint is None and field and field.description:
            hint = field.description
        return Flaw(self._real(loc[:-1]), f"missing key {quote(name)}", hint)

    def _unknown(self, loc: Address) -> Flaw:
        name = str(loc[-1])
        hint = for_unknown_key(name, self._model_at(loc[:-1]), self._model)
        address = (*self._at, *loc)
        return Flaw(address[:-1], f"unknown key {quote(name)}", hint, self._document.places[address].key)

    def _known_keys(self, loc: Address) -> list[str]:
        model = self._model_at(loc)
        return list(fields_of(model)) if model else []

    def _model_at(self, loc: Address) -> Model | None:
        """The model of the mapping at a place."""
        model: Model | None = self._model
        for part in loc:
            if isinstance(part, str) and model:
                model = model_of(fields_of(model).get(part))
        return model


def _own(address: Address, error: object, message: str) -> Flaw:
    if isinstance(error, FieldError):
        return Flaw(address, error.message, error.hint)
    return Flaw(address, message.removeprefix("Value error, "))
