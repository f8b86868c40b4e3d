"""What pydantic found wrong, in the words of this house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from trailarrd.config.model import Section, Settings
from trailarrd.config.problem import FieldError, Flaw
from trailarrd.config.wording import did_you_mean, kind, nearest, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from trailarrd.config.document import Document
    from trailarrd.config.wording import Address

_NO_VALUE: Final = ("has no value", "give it one, or delete the line")


def explain(error: ValidationError, document: Document) -> Iterator[Flaw]:
    """Every error as a flaw, but for those that follow from a flaw already known."""
    # Never the input: it may be a secret.
    details = error.errors(include_url=False, include_input=False)
    misspelt = {
        (*detail["loc"][:-1], nearest(str(detail["loc"][-1]), _known_keys(detail["loc"][:-1])))
        for detail in details
        if detail["type"] == "extra_forbidden"
    }
    for detail in details:
        follows = detail["type"] == "missing" and detail["loc"] in misspelt
        if not follows and not document.is_broken(detail["loc"]):
            yield _flaw(detail, document)


def _flaw(detail: ErrorDetails, document: Document) -> Flaw:
    address = detail["loc"]
    match detail["type"]:
        case "missing":
            return _missing(address)
        case "extra_forbidden":
            return _unknown(address, document)
        case "value_error":
            return _own(address, detail.get("ctx", {}).get("error"), detail["msg"])
        case "model_type" | "dict_type":
            return _wrong_kind(address, document, "a mapping")
        case "tuple_type":
            return _wrong_kind(address, document, "a list")
    return Flaw(address, detail["msg"].lower())


def _missing(address: Address) -> Flaw:
    name = str(address[-1])
    example = (_section_at(address[:-1]).model_fields[name].examples or [""])[0]
    return Flaw(address[:-1], f"missing key {quote(name)}", f"for example {name}: {example}")


def _unknown(address: Address, document: Document) -> Flaw:
    name, known = str(address[-1]), _known_keys(address[:-1])
    hint = did_you_mean(name, known) or f"known keys: {', '.join(known)}"
    place = document.places[address].key
    return Flaw(address[:-1], f"unknown key {quote(name)}", hint, place)


def _own(address: Address, error: object, message: str) -> Flaw:
    if isinstance(error, FieldError):
        return Flaw(address, error.message, error.hint)
    return Flaw(address, message)


def _wrong_kind(address: Address, document: Document, wanted: str) -> Flaw:
    given = document.at(address)
    if given is None:
        return Flaw(address, *_NO_VALUE)
    hint = "write it as 'key: value'" if wanted == "a mapping" else "begin each item with '- '"
    return Flaw(address, f"must be {wanted}, not {kind(given)}", hint)


def _known_keys(address: Address) -> list[str]:
    return list(_section_at(address).model_fields)


def _section_at(address: Address) -> type[Section]:
    """The model of the mapping at an address."""
    section: type[Section] = Settings
    for part in address:
        if isinstance(part, str):
            annotation: Any = section.model_fields[part].annotation
            is_list = get_origin(annotation) is tuple
            section = get_args(annotation)[0] if is_list else annotation
    return section
