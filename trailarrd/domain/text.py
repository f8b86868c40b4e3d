"""Values as people read them, wherever they are shown."""

from datetime import timedelta
from typing import Final

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def printable(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """The text without what would steer a terminal: titles and paths come from strangers.

    It stays on one line, and every character keeps its place.
    """
    return "".join(char if char.isprintable() else instead for char in text)


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
