"""The last lines of the log, as the daemon remembers them."""

from datetime import datetime

from trailarrd.documents import Document


class LogLine(Document, frozen=True, kw_only=True):
    """One line, without secrets."""

    at: datetime
    level: str
    event: str
    """What happened, in a word; of a library's line, the library."""
    text: str
    """All else that the line says; a traceback has lines of its own."""


class LogLines(Document, frozen=True, kw_only=True):
    """The newest first; there are only those since the start, and so many at most."""

    items: list[LogLine]
