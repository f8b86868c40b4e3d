"""Which items are due for what is done to all of them, but not to all at once."""

from datetime import datetime, timedelta
from typing import Final

_GOLDEN: Final = 0x9E3779B97F4A7C15
"""A number times this, without what overflows, lies anywhere: neighbours are spread over all of it."""
_BITS: Final = 64
_ALL: Final = 2**_BITS - 1


class ScanRotation:
    """Everybody's turn comes once in every `period`, spread over it by number.

    Whose turn came between `last` and `now` is due. So every refresh has its share, however often or
    seldom it runs, and nobody is left out by one that failed. All are due after a pause as long as the
    period, when the clock was set back, and if there was no turn yet (`last` is None).
    """

    def __init__(self, period: timedelta, last: datetime | None, now: datetime) -> None:
        self._width = 2**_BITS
        self._now = 0
        if last is not None and last <= now < last + period:
            length = period.total_seconds()
            self._width = int((now - last).total_seconds() / length * 2**_BITS)
            self._now = int(now.timestamp() / length % 1.0 * 2**_BITS)

    def is_due(self, number: int) -> bool:
        return bool((self._now - number * _GOLDEN & _ALL) < self._width)
