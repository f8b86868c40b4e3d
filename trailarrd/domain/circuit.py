"""When a connection in trouble is asked again: a pure value, kept in the database between refreshes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from trailarrd.domain.report import ErrorKind
from trailarrd.domain.retry import Backoff

JITTER: Final = (0.9, 1.1)
"""By which part of itself every wait of the schedule varies, so that connections don't march in step."""

_FIRST_WAIT: Final = 30.0
LONGEST_RETRY_AFTER: Final = timedelta(days=1)
AFTER_REFUSAL: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
"""How long a server that refuses us is left alone before each try; the last wait counts for all others."""


class CircuitState(StrEnum):
    """Whether the schedule asks a connection."""

    CLOSED = "closed"
    """By its interval."""
    OPEN = "open"
    """Not now."""
    HALF_OPEN = "half-open"
    """Once, at the next chance: that closes it, or opens it again."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """What the last refreshes of a connection mean for the next one."""

    failures: int = 0
    """Refreshes in a row that failed."""
    kind: ErrorKind | None = None
    """Whose move it is after the last one; None if that went well."""
    retry_at: datetime | None = None
    """When a server in trouble is asked again."""
    failed_at: datetime | None = field(default=None, compare=False)
    """When the last of them ended: from then on the present wait is counted."""

    def failed(
        self,
        kind: ErrorKind,
        *,
        at: datetime,
        interval: timedelta,
        retry_after: float | None = None,
        jitter: float = 1.0,
    ) -> Circuit:
        """The circuit after one more failure: 30 s, 1, 2, 4, … min, but no longer than the interval.

        What the server asked for (`retry_after`, in seconds) is waited for in any case. One that refuses
        us has its own waits, and a mistake of a programmer's does not heal by waiting.
        """
        failures = self.failures + 1
        match kind:
            case ErrorKind.INTERNAL:
                return Circuit(failures, kind, failed_at=at)
            case ErrorKind.REJECTED:
                return Circuit(failures, kind, self.refused_until(at), at)
        wait = Backoff(_FIRST_WAIT, interval.total_seconds()).after(failures, jitter)
        return Circuit(failures, kind, at + max(timedelta(seconds=wait), _asked_for(retry_after)), at)

    def refused_until(self, at: datetime) -> datetime:
        """When a server that refuses us, as it did just now, is asked again.

        Who asks before its time has changed something: the waits begin anew.
        """
        waited = timedelta()
        if self.needs_user and self.retry_at and self.failed_at and not self.remaining(at):
            waited = self.retry_at - self.failed_at
        return at + next((wait for wait in AFTER_REFUSAL if waited < wait), AFTER_REFUSAL[-1])

    def state(self, now: datetime) -> CircuitState:
        """What the schedule makes of it at that moment."""
        if self.kind in (None, ErrorKind.INTERNAL):
            return CircuitState.CLOSED
        return CircuitState.OPEN if self.remaining(now) else CircuitState.HALF_OPEN

    def remaining(self, now: datetime) -> timedelta:
        """How long until the server may be asked again; zero if that is now or not a matter of time."""
        return max(self.retry_at - now, timedelta()) if self.retry_at else timedelta()

    @property
    def needs_user(self) -> bool:
        """Whether it refuses us: nothing but who it is is asked until it takes us."""
        return self.kind is ErrorKind.REJECTED


def _asked_for(retry_after: float | None) -> timedelta:
    """A server's wish as far as it makes sense."""
    if retry_after is None or not retry_after > 0:
        return timedelta()
    return timedelta(seconds=min(retry_after, LONGEST_RETRY_AFTER.total_seconds()))
