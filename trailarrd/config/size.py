"""Amounts of data as people write them: `500 MB`, `10 kB`, `1.5 GiB`."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "B": 1,
        **{f"{prefix}B": 1000 ** (power + 1) for power, prefix in enumerate("kMGTP")},
        **{f"{prefix}iB": 1024 ** (power + 1) for power, prefix in enumerate("KMGTP")},
    }
)
_BY_SPELLING: Final = MappingProxyType({unit.lower(): size for unit, size in _UNITS.items()})
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)")
_LARGEST: Final = 2**63 - 1


def parse_size(text: str) -> int:
    """The bytes that a text means, rounded; units are of thousands (`MB`) or of 1024 (`MiB`).

    Raises `ValueError` with a message for users.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError("is not a size")
    number, unit = match.groups()
    if not unit:
        raise ValueError("has no unit")
    if unit.lower() not in _BY_SPELLING:
        raise ValueError("has a unit that is not known")
    size = round(float(number) * _BY_SPELLING[unit.lower()])
    if size > _LARGEST:
        raise ValueError(f"is larger than {format_size(2**63)}")
    return size


def format_size(size: int) -> str:
    """As `parse_size` reads it, exactly: `500 MB`, `2 GiB`, `0 B`; never negative."""
    if size < 0:
        raise ValueError("a negative size cannot be written")
    exact = [(amount, unit) for unit, amount in _UNITS.items() if size and size % amount == 0]
    amount, unit = max(exact, default=(1, "B"))
    return f"{size // amount} {unit}"
