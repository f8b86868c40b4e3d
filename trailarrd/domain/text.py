"""Values as people read them, wherever they are shown."""

import re
from datetime import timedelta
from typing import Final

_STEERING: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Commands, and what turns the order of letters round."""
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def printable(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """The text without what would steer a terminal: titles and paths come from strangers.

    It stays on one line, and every character keeps its place.
    """
    return "".join(char if char.isprintable() else instead for char in text)


def escaped(text: str) -> str:
    """The text with what would steer a terminal as `\\x1b`; unlike `printable` it keeps its lines."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def is_encodable(text: str) -> bool:
    """Whether a database can store it: half a surrogate pair it cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def span(duration: timedelta) -> str:
    """A length of time, in the largest fitting unit: 5 min."""
    seconds = max(0, int(duration.total_seconds()))
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), "0 s")
