"""Durations as people write them: `90s`, `30m`, `1h30m`, `2 days`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_MILLISECOND: Final = timedelta(milliseconds=1)
_LONGEST: Final = timedelta(days=3650)
_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)"

_UNITS: Final = (
    ("w", timedelta(weeks=1), "w|weeks?"),
    ("d", timedelta(days=1), "d|days?"),
    ("h", timedelta(hours=1), "h|hrs?|hours?"),
    ("m", timedelta(minutes=1), "m|mins?|minutes?"),
    ("s", timedelta(seconds=1), "s|secs?|seconds?"),
    ("ms", _MILLISECOND, "ms|milliseconds?"),
)
"""From large to small: how a unit is printed, how long it is, and how it may be written."""

_DURATION: Final = re.compile(
    r"\s*".join(rf"(?:{_NUMBER}\s*(?:{spellings})(?![a-z]))?" for _, _, spellings in _UNITS)
)


def parse_duration(text: str) -> timedelta:
    """The duration that a text means, to the millisecond; units go from large to small.

    Raises `ValueError` with a message for users.
    """
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
    """The numbers that were given, each with its unit."""
    pairs = zip(match.groups(), _UNITS, strict=True)
    return [(number, unit) for number, unit in pairs if number is not None]


def format_duration(duration: timedelta) -> str:
    """As `parse_duration` reads it: `1h30m`, `2d`, `0s`; never negative, weeks as days."""
    if duration < timedelta():
        raise ValueError("a negative duration cannot be written")
    rest, pieces = duration, []
    for name, length, _ in _UNITS[1:]:
        count, rest = divmod(rest, length)
        if count:
            pieces.append(f"{count}{name}")
    return "".join(pieces) or "0s"
