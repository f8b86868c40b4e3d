"""How long to wait for a connection's next refresh, asked again whenever something may have changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from trailarrd.domain.circuit import Circuit
    from trailarrd.domain.connection import Connection, Schedule

LONGEST_SLEEP: Final = timedelta(minutes=1)
"""Of a schedule: the clock on the wall may be set meanwhile, and the host may sleep."""


@dataclass(slots=True)
class Wait:
    """The wait after a refresh that has ended."""

    ended: datetime
    tick: float
    """The same moment by the monotonic clock, in seconds."""
    jitter: float
    """By which part of itself an interval is longer or shorter this time."""

    def next(self, connection: Connection, circuit: Circuit, now: datetime, tick: float) -> Step:
        """What to do now, by both clocks.

        A server in trouble is waited for as its circuit says. An interval is counted by the monotonic
        clock, so a clock on the wall that is set changes nothing; a schedule goes by that clock.
        """
        if remaining := circuit.remaining(now):
            return Step(now + remaining, remaining)
        if circuit.needs_user:
            return Step(None, connection.interval * self.jitter, over=False)
        if connection.schedule:
            return self._scheduled(connection.schedule, now)
        remaining = connection.interval * self.jitter - timedelta(seconds=tick - self.tick)
        return Step(now + remaining, max(remaining, timedelta()))

    def _scheduled(self, schedule: Schedule, now: datetime) -> Step:
        since = min(self.ended, now)  # a clock that was set back comes by the same times again
        due = schedule.after(since)
        if due <= now:
            return Step(now, timedelta())
        self.ended = now
        return Step(due, min(due - now, LONGEST_SLEEP), over=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One sleep of a wait."""

    due: datetime | None
    """When the refresh is due; None if only the user can help."""
    sleep: timedelta
    over: bool = True
    """Whether it is due after that sleep; else it is to be asked again."""
