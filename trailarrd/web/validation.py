"""What a request says, checked against its types: every mistake at once, each with what is allowed."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from http import HTTPStatus
from typing import Any, Final, get_args

import msgspec

from trailarrd.web.problem import Mistake, ProblemError

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_PLACE: Final = re.compile(r" - at `(?:key in )?\$(.*)`$")


class _NoQuery(msgspec.Struct):
    pass


def parameter(text: str, kind: Any, where: str) -> Any:
    """The text as what its type wants: numbers, true and false are written as in JSON; raises a problem."""
    try:
        return _typed(text, kind)
    except msgspec.ValidationError as error:
        raise _problem([_mistake(error, where, kind)]) from None


def query(given: Iterable[tuple[str, str]], kind: Any) -> Any:
    """The Struct of a query's parameters, None for a route that takes none; raises a problem."""
    types = _types(kind or _NoQuery)
    values: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for name, text in given:
        where = f"query.{name}"
        if name not in types:
            known = ", ".join(types) or "none"
            mistakes.append(Mistake(where=where, message=f"unknown parameter; known: {known}"))
        elif name in values:
            mistakes.append(Mistake(where=where, message="given twice"))
        else:
            try:
                values[name] = _typed(text, types[name])
            except msgspec.ValidationError as error:
                mistakes.append(_mistake(error, where, types[name]))
    if mistakes:
        raise _problem(mistakes)
    return _whole_of(values, kind, "query") if kind else None


def body(content: bytes, kind: Any) -> Any:
    """The Struct that a JSON text is; raises a problem."""
    try:
        value = _integral(msgspec.json.decode(content))
    except msgspec.ValidationError as error:  # of a number that nothing can hold
        raise _problem([_mistake(error, "body", kind)]) from None
    except RecursionError:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}") from None
    if isinstance(value, dict) and (mistakes := list(_mistakes_in(value, kind))):
        raise _problem(mistakes)
    return _whole_of(value, kind, "body")


def _mistakes_in(value: Mapping[str, Any], kind: Any) -> Iterator[Mistake]:
    """Of each field by itself."""
    types = _types(kind)
    for name in value.keys() - types.keys():
        message = f"Object contains unknown field `{name}`; known: {', '.join(types)}"
        yield Mistake(where="body", message=message)
    for name, its_kind in types.items():
        if name in value:
            try:
                msgspec.convert(value[name], its_kind)
            except msgspec.ValidationError as error:
                yield _mistake(error, f"body.{name}", its_kind)


@cache  # msgspec reads all annotations anew each time
def _types(kind: Any) -> Mapping[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}


def _typed(text: str, kind: Any) -> Any:
    try:
        return msgspec.convert(text, kind)
    except msgspec.ValidationError:
        if _NUMBER.fullmatch(text) or text in ("true", "false"):
            return msgspec.convert(json.loads(text), kind)
        raise


def _whole_of(value: Any, kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _problem([_mistake(error, where, kind)]) from None


def _integral(value: Any) -> Any:
    """The value with 1.0 as 1: JSON knows no difference, and some programs write no other numbers."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_integral(one) for one in value]
        case dict():
            return {name: _integral(one) for name, one in value.items()}
    return value


def _mistake(error: msgspec.ValidationError, where: str, kind: Any) -> Mistake:
    """Where msgspec found it, what it says of it, and which words would have been right."""
    text = str(error)
    place = _PLACE.search(text)
    message = text[: place.start()] if place else text
    allowed = () if place else _allowed(kind)
    more = f"; one of: {', '.join(allowed)}" if allowed else ""
    return Mistake(where=where + (place[1] if place else ""), message=message + more, allowed=allowed)


def _allowed(kind: Any) -> tuple[str, ...]:
    """The words that a type takes; empty if it takes more than words."""
    kinds = [one for one in get_args(kind) or (kind,) if one is not type(None)]
    if kinds == [bool]:
        return ("true", "false")
    if len(kinds) == 1 and isinstance(kinds[0], type) and issubclass(kinds[0], Enum):
        return tuple(str(one.value) for one in kinds[0])
    return ()


def _problem(mistakes: Sequence[Mistake]) -> ProblemError:
    detail = "\n".join(f"{one.where}: {one.message}" for one in mistakes)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, mistakes=mistakes)
