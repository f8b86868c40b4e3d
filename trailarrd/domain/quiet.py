"""Hours in which the disks are left alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo  # pydantic looks at windows


@dataclass(frozen=True, slots=True)
class Window:
    """From one time of the day up to, but not including, another; over midnight if that is earlier."""

    begin: time
    end: time

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def holds(self, now: time) -> bool:
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Windows by the clock on the wall of a time zone."""

    windows: tuple[Window, ...] = ()
    zone: tzinfo = UTC

    def hold(self, moment: datetime) -> bool:
        if not self.windows:
            return False
        now = moment.astimezone(self.zone).time()
        return any(window.holds(now) for window in self.windows)

    @property
    def a_day(self) -> timedelta:
        """How long they last of a day."""
        minutes = (time(hour, minute) for hour in range(24) for minute in range(60))
        return timedelta(minutes=sum(any(one.holds(now) for one in self.windows) for now in minutes))

    def ends_after(self, moment: datetime) -> datetime | None:
        """When they are over, however they follow on each other; None if they do not hold at that moment."""
        end = moment
        for _ in self.windows:
            if self.hold(end):
                end = min(
                    one for one in self._edges(end, [window.end for window in self.windows]) if one > end
                )
        return None if end == moment or self.hold(end) else end

    def begins_after(self, moment: datetime) -> datetime | None:
        """When the next window begins after that moment; None if there is none."""
        starts = self._edges(moment, [window.begin for window in self.windows])
        return min((start for start in starts if start > moment), default=None)

    def _edges(self, moment: datetime, times: Iterable[time]) -> Iterator[datetime]:
        """These times of that day and of the next."""
        today = moment.astimezone(self.zone).date()
        for now in times:
            for day in (today, today + timedelta(days=1)):
                yield datetime.combine(day, now, self.zone).astimezone(UTC)
