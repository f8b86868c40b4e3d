"""What the settings are in the end, value by value, each with where it comes from; secrets are masked."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from pydantic import BaseModel, ByteSize, SecretBytes, SecretStr

from trailarrd.config.duration import format_duration
from trailarrd.config.masking import MASK, OPTIONS, conceal, is_secret_name
from trailarrd.config.origin import DEFAULT
from trailarrd.config.shape import fields_of
from trailarrd.config.size import format_size
from trailarrd.domain.secret import Secret
from trailarrd.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trailarrd.config.model import Settings
    from trailarrd.config.origin import Origin
    from trailarrd.config.wording import Address

Plain: TypeAlias = str | int | float | bool | None

_MERGED: Final = frozenset({"include", "defaults"})
"""What they say is already where it belongs."""


class Value(NamedTuple):
    """One value as it would be written into the file, and where it comes from."""

    address: Address
    value: Plain
    """None for an empty list."""
    origin: Origin


def effective(settings: Settings) -> Iterator[Value]:
    """Every value in the order of the settings; what has none and no default is left out."""
    for name in type(settings).model_fields:
        if name not in _MERGED:
            yield from _values(getattr(settings, name), (name,), settings.origins)


def _values(value: object, address: Address, origins: Mapping[Address, Origin]) -> Iterator[Value]:
    inner = list(_inner(value))
    for key, item in inner:
        yield from _values(item, (*address, key), origins)
    if not inner and value is not None and not isinstance(value, BaseModel | dict):
        yield Value(address, _masked(value, address), origins.get(address, DEFAULT))


def _inner(value: object) -> Iterator[tuple[str | int, object]]:
    """What a mapping or a list holds."""
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
    """As it is written in the file."""
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
    return conceal(printable(str(value), " "))
