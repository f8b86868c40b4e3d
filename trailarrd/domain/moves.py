"""When to look again at an item that its server has moved: its files follow minutes later, or hours."""

from datetime import datetime, timedelta
from typing import Final

PATIENCE: Final = timedelta(hours=6)
"""So long after the move; then it is a contradiction like any other."""

_SOON: Final = (1, 5, 15)
_RHYTHM: Final = 30
_MINUTES: Final = (*_SOON, *range(_SOON[-1] + _RHYTHM, PATIENCE // timedelta(minutes=1) + 1, _RHYTHM))
_MOMENTS: Final = tuple(timedelta(minutes=minutes) for minutes in _MINUTES)


def next_look(moved_at: datetime, now: datetime) -> datetime | None:
    """The next moment after now; None if there is none any more.

    After 1, 5 and 15 minutes, then every 30. It goes by the time of the move alone, so that a restart
    forgets nothing.
    """
    return next((moved_at + moment for moment in _MOMENTS if moved_at + moment > now), None)


def is_due(moved_at: datetime, since: datetime, now: datetime) -> bool:
    """Whether such a moment has come after `since`."""
    due = next_look(moved_at, since)
    return due is not None and due <= now
