"""What the settings are in the end, value by value, each with where it comes from; secrets are masked."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import yaml
from pydantic import BaseModel, ByteSize, SecretBytes, SecretStr

from trailarrd.config.context import DEFAULT, Provenance
from trailarrd.config.masking import MASK, conceal, is_secret_name
from trailarrd.config.shape import OPTIONS, fields_of
from trailarrd.config.units import format_duration, format_size
from trailarrd.domain.secret import Secret
from trailarrd.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trailarrd.config.diagnostic import Address
    from trailarrd.config.model import Settings

Plain: TypeAlias = str | int | float | bool | None
Line: TypeAlias = tuple[str, str]

_MERGED: Final = frozenset({"include", "defaults"})
"""What they say is already where it belongs."""
_WIDEST: Final = 60
"""Comments stand below each other, unless a line is longer than that."""


class Value(NamedTuple):
    """One value as it would be written into the file, and where it comes from."""

    address: Address
    value: Plain
    """None for an empty list."""
    origin: Provenance


def effective(settings: Settings) -> Iterator[Value]:
    """Every value in the order of the settings; what has none and no default is left out."""
    for name in type(settings).model_fields:
        if name not in _MERGED:
            yield from _values(getattr(settings, name), (name,), settings.provenance)


def _values(value: object, address: Address, origins: Mapping[Address, Provenance]) -> Iterator[Value]:
    inner = list(_inner(value))
    for key, item in inner:
        yield from _values(item, (*address, key), origins)
    if not inner and value is not None and not isinstance(value, BaseModel | dict):
        yield Value(address, _masked(value, address), origins.get(address, DEFAULT))


def _inner(value: object) -> Iterator[tuple[str | int, object]]:
    match value:
        case BaseModel():
            for key, name in zip(fields_of(type(value)), type(value).model_fields, strict=True):
                yield key, getattr(value, name)
        case dict():
            yield from ((str(key), item) for key, item in value.items())
        case list() | tuple():
            yield from enumerate(value)
        case set() | frozenset():
            yield from enumerate(sorted(value, key=str))


def _masked(value: object, address: Address) -> Plain:
    within = address[address.index(OPTIONS) :] if OPTIONS in address else ()
    if isinstance(value, Secret | SecretStr | SecretBytes) or any(is_secret_name(str(key)) for key in within):
        return MASK
    return _plain(value)


def _plain(value: object) -> Plain:
    match value:
        case timedelta() if value >= timedelta():
            return format_duration(value)
        case ByteSize():
            return format_size(value)
        case Enum():
            return str(value.value)
        case bool() | int() | float():
            return value
        case list() | tuple() | set() | frozenset():
            return None
    return conceal(printable(str(value), " "), MASK)


def as_yaml(values: Iterable[Value]) -> Iterator[str]:
    lines = list(_lines(_nested(values), ""))
    width = max((len(line) for line, _ in lines if len(line) <= _WIDEST), default=0)
    for line, origin in lines:
        yield f"{line:{width}}  # {origin}" if origin else line


def _nested(values: Iterable[Value]) -> dict[str | int, Any]:
    """The values as mappings within mappings; a list is one with numbers as keys."""
    root: dict[str | int, Any] = {}
    for value in values:
        holder = root
        for part in value.address[:-1]:
            holder = holder.setdefault(part, {})
        holder[value.address[-1]] = value
    return root


def _lines(items: dict[str | int, Any], indent: str) -> Iterator[Line]:
    is_list = 0 in items
    for key, item in items.items():
        name = "-" if is_list else f"{_scalar(str(key))}:"
        if isinstance(item, Value):
            yield f"{indent}{name} {_scalar(item.value)}", str(item.origin)
            continue
        inner = _lines(item, indent + "  ")
        first, origin = next(inner) if is_list else ("", "")
        yield f"{indent}{name} {first.lstrip()}".rstrip(), origin
        yield from inner


def _scalar(value: Plain) -> str:
    if value is None:
        return "[]"
    return yaml.safe_dump(value, width=10_000, allow_unicode=True).split("\n")[0]
