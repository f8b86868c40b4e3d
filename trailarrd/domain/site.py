"""How a video site is treated: pauses, so many a day, and a circuit for a wall that all would run into."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

from trailarrd.domain.failure import Blame, Failure
from trailarrd.domain.retry import Backoff

_BLOCKED: Final = Backoff(first=3600.0, longest=86_400.0)
"""Seconds that a site that lets nobody in is left alone: 1 h, 2, 4, … 24 h."""
LONGEST_RETRY_AFTER: Final = timedelta(days=7)
_TROUBLE: Final = 5
"""Tries in a row that the site failed, of whichever items, after which it is taken for down."""
_FAILED: Final = frozenset({Failure.UNAVAILABLE, Failure.UNUSABLE, Failure.STALLED, Failure.TOO_SLOW})
"""What the site may be to blame for as well as the video."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a site may be asked."""

    per_day: int = 50
    pause: tuple[timedelta, timedelta] = (timedelta(seconds=60), timedelta(seconds=180))
    zone: tzinfo = UTC
    """Whose midnight begins a day."""

    def days(self, tries: int, open_a_day: timedelta) -> int:
        """How many days so many tries take at the least, at a site that is asked so long each day."""
        if not tries or not self.per_day:
            return 0
        by_pause = -(-self.pause[0] * tries // max(open_a_day, timedelta(minutes=1)))
        return max(-(-tries // self.per_day), by_pause)


class Held(NamedTuple):
    """Why nothing is asked of a site now, and until when."""

    by: str
    """`blocked`, `quota` or `pause`."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the last tries at a site mean for the next one; a pure value, kept in the database."""

    name: str
    walls: int = 0
    """How often in a row it let nobody in."""
    troubles: int = 0
    """Tries in a row that it failed."""
    blocked_until: datetime | None = None
    told: str | None = None
    """What it said then, without secrets."""
    next_at: datetime | None = None
    """When the pause after the last try is over."""
    day: date | None = None
    used: int = 0
    """Tries on that day."""

    def left(self, pace: Pace, now: datetime) -> int:
        """How many more may be tried today."""
        return max(0, pace.per_day - (self.used if self.day == _day(pace, now) else 0))

    def wall(self, now: datetime) -> Held | None:
        """What no hurry gets round."""
        if self.blocked_until and now < self.blocked_until:
            return Held("blocked", self.blocked_until)
        return None

    def held(self, pace: Pace, now: datetime) -> Held | None:
        """Why it is not asked now; None if it may be."""
        if wall := self.wall(now):
            return wall
        if not self.left(pace, now):
            return Held("quota", _tomorrow(pace, now))
        if self.next_at and now < self.next_at:
            return Held("pause", self.next_at)
        return None

    def began(self, pace: Pace, now: datetime, *, spread: float) -> Site:
        """One try is made now; `spread`, from 0 to 1, says where between its bounds the pause lies."""
        day = _day(pace, now)
        shortest, longest = pace.pause
        return replace(
            self,
            day=day,
            used=(self.used if self.day == day else 0) + 1,
            next_at=now + shortest + (longest - shortest) * spread,
        )

    def ended(
        self, failure: Failure | None, told: str, now: datetime, *, retry_after: float | None = None
    ) -> Site:
        """After a try, which None says went well; a single one that goes well opens the site again."""
        if failure is not None and failure.blame is Blame.SITE:
            return self._walled(told, now, retry_after)
        if failure in _FAILED:
            if self.troubles + 1 >= _TROUBLE or self.blocked_until:
                return replace(self._walled(told, now, retry_after), troubles=0)
            return replace(self, troubles=self.troubles + 1)
        if failure is None or failure.is_verdict:
            return replace(self, walls=0, troubles=0, blocked_until=None, told=None)
        return self

    def opened(self) -> Site:
        """The user says that it is worth another try."""
        return replace(self, walls=0, troubles=0, blocked_until=None, told=None)

    def _walled(self, told: str, now: datetime, retry_after: float | None) -> Site:
        wait = timedelta(seconds=_BLOCKED.after(self.walls + 1))
        if retry_after is not None and retry_after > 0:
            wait = max(wait, timedelta(seconds=min(retry_after, LONGEST_RETRY_AFTER.total_seconds())))
        return replace(self, walls=self.walls + 1, blocked_until=now + wait, told=told)


def _day(pace: Pace, now: datetime) -> date:
    return now.astimezone(pace.zone).date()


def _tomorrow(pace: Pace, now: datetime) -> datetime:
    return datetime.combine(_day(pace, now) + timedelta(days=1), time(), pace.zone).astimezone(UTC)
