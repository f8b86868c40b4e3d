"""How long to wait for a connection's next refresh, asked again whenever something may have changed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from trailarrd.domain.circuit import Circuit
from trailarrd.domain.connection import Connection, Schedule

LONGEST_PAUSE: Final = timedelta(minutes=1)
"""Of a schedule: the clock on the wall may be set meanwhile, and the host may sleep."""


class Pause(NamedTuple):
    """What to do until the timer is asked again."""

    due: datetime
    """When the server is asked."""
    sleep: timedelta
    over: bool = True
    """Whether it is due after that sleep; else it is to be asked again."""


@dataclass(slots=True)
class RefreshTimer:
    """The time since a refresh has ended."""

    asked: datetime
    """When the server was asked last: when that refresh began."""
    ended: datetime
    tick: float
    """The same moment by the monotonic clock, in seconds."""
    jitter: float
    """By which part of itself an interval is longer or shorter this time."""

    def next(self, connection: Connection, circuit: Circuit, now: datetime, tick: float) -> Pause:
        """What to do now, by both clocks.

        A server in trouble is waited for as its circuit says; one that refuses us may be waited for so long
        that a command has succeeded meanwhile. An interval is counted by the monotonic clock, so a clock on
        the wall that is set changes nothing; a schedule goes by that clock.
        """
        interval = connection.interval * self.jitter
        if remaining := circuit.remaining(now):
            if circuit.needs_user:
                return Pause(now + remaining, min(remaining, interval), over=False)
            return Pause(now + remaining, remaining)
        if circuit.retry_at and circuit.retry_at > self.asked:  # else it is an old time: none could be kept
            return Pause(now, timedelta())
        if connection.schedule:
            return self._scheduled(connection.schedule, now)
        remaining = interval - timedelta(seconds=tick - self.tick)
        return Pause(now + remaining, max(remaining, timedelta()))

    def _scheduled(self, schedule: Schedule, now: datetime) -> Pause:
        since = min(self.ended, now)  # a clock that was set back comes by the same times again
        due = schedule.after(since)
        if due <= now:
            return Pause(now, timedelta())
        self.ended = now
        return Pause(due, min(due - now, LONGEST_PAUSE), over=False)
