"""Amounts as people write them: durations (`90s`, `1h30m`, `2 days`) and sizes (`500 MB`, `1.5 GiB`).

Raises `ValueError` in words that follow the text; nothing here needs pydantic.
"""

import re
from datetime import timedelta
from types import MappingProxyType
from typing import Final

_MILLISECOND: Final = timedelta(milliseconds=1)
_LONGEST: Final = timedelta(days=3650)
_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)"

_TIMES: Final = (
    ("w", timedelta(weeks=1), "w|weeks?"),
    ("d", timedelta(days=1), "d|days?"),
    ("h", timedelta(hours=1), "h|hrs?|hours?"),
    ("m", timedelta(minutes=1), "m|mins?|minutes?"),
    ("s", timedelta(seconds=1), "s|secs?|seconds?"),
    ("ms", _MILLISECOND, "ms|milliseconds?"),
)
"""From large to small: how a unit is printed, how long it is, and how it may be written."""

_DURATION: Final = re.compile(
    r"\s*".join(rf"(?:{_NUMBER}\s*(?:{spellings})(?![a-z]))?" for _, _, spellings in _TIMES)
)

_SIZES: Final = MappingProxyType(
    {
        "B": 1,
        **{f"{prefix}B": 1000 ** (power + 1) for power, prefix in enumerate("kMGTP")},
        **{f"{prefix}iB": 1024 ** (power + 1) for power, prefix in enumerate("KMGTP")},
    }
)
_SIZE_BY_SPELLING: Final = MappingProxyType({unit.lower(): size for unit, size in _SIZES.items()})
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)")
_LARGEST_SIZE: Final = 2**63 - 1


def parse_duration(text: str) -> timedelta:
    """The duration that a text means, to the millisecond; units go from large to small."""
    text = text.strip()
    if re.fullmatch(_NUMBER, text):
        raise ValueError("has no unit")
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise ValueError("is not a duration")
    try:
        total = sum((float(number) * length for number, (_, length, _) in _written(match)), timedelta())
    except OverflowError:
        total = timedelta.max
    if total > _LONGEST:
        raise ValueError(f"is longer than {format_duration(_LONGEST)}")
    return round(total / _MILLISECOND) * _MILLISECOND


def _written(match: re.Match[str]) -> list[tuple[str, tuple[str, timedelta, str]]]:
    pairs = zip(match.groups(), _TIMES, strict=True)
    return [(number, unit) for number, unit in pairs if number is not None]


def format_duration(duration: timedelta) -> str:
    """As `parse_duration` reads it: `1h30m`, `2d`, `0s`; never negative, weeks as days."""
    if duration < timedelta():
        raise ValueError("a negative duration cannot be written")
    rest, pieces = duration, []
    for name, length, _ in _TIMES[1:]:
        count, rest = divmod(rest, length)
        if count:
            pieces.append(f"{count}{name}")
    return "".join(pieces) or "0s"


def parse_size(text: str) -> int:
    """The bytes that a text means, rounded; units are of thousands (`MB`) or of 1024 (`MiB`)."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError("is not a size")
    number, unit = match.groups()
    if not unit:
        raise ValueError("has no unit")
    if unit.lower() not in _SIZE_BY_SPELLING:
        raise ValueError("has a unit that is not known")
    size: int = round(float(number) * _SIZE_BY_SPELLING[unit.lower()])
    if size > _LARGEST_SIZE:
        raise ValueError(f"is larger than {format_size(2**63)}")
    return size


def format_size(size: int) -> str:
    """As `parse_size` reads it, exactly: `500 MB`, `2 GiB`, `0 B`; never negative."""
    if size < 0:
        raise ValueError("a negative size cannot be written")
    exact = [(amount, unit) for unit, amount in _SIZES.items() if size and size % amount == 0]
    amount, unit = max(exact, default=(1, "B"))
    return f"{size // amount} {unit}"
