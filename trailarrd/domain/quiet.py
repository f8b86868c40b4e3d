"""Hours in which the disks are left alone."""

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

    def begins_after(self, moment: datetime) -> datetime | None:
        """When the next window begins after that moment; None if there is none."""
        here = moment.astimezone(self.zone)
        days = [here.date() + timedelta(days=later) for later in (0, 1)]
        starts = (
            datetime.combine(day, window.begin, self.zone).astimezone(UTC)
            for day in days
            for window in self.windows
        )
        return min((start for start in starts if start > moment), default=None)
