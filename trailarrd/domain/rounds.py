"""Which items are due for what is done to all of them, but not to all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_GOLDEN: Final = 0x9E3779B97F4A7C15
_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Rounds:
    """Everybody's turn comes once in every `period`, spread over it by number.

    Whose turn came between `last` and `now` is due. So every refresh has its share, however often or
    seldom it runs, and nobody is left out by one that failed.
    """

    period: timedelta
    last: datetime | None
    """When the last turn was over; None if there was none."""
    now: datetime

    def is_due(self, number: int) -> bool:
        """Whether it is that one's turn; all are due after a pause, and when the clock was set back."""
        if self.last is None or not self.last <= self.now < self.last + self.period:
            return True
        length = self.period.total_seconds()
        turn = (number * _GOLDEN) % 2**_BITS / 2**_BITS
        since = (self.now.timestamp() / length - turn) % 1.0 * length
        elapsed = (self.now - self.last).total_seconds()
        return bool(since < elapsed)
