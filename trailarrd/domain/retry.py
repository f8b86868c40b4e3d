"""Trying again: after how long, and within one refresh how often."""

from dataclasses import dataclass
from typing import Final

_MOST_DOUBLINGS: Final = 64  # a float overflows at the 1,024th, and no wait needs so many


@dataclass(frozen=True, slots=True)
class Backoff:
    """The waits of whoever tries again by itself, in seconds: each twice as long, up to a limit."""

    first: float
    longest: float

    def after(self, failures: int, jitter: float = 1.0) -> float:
        """Seconds to wait after that many failures in a row, by which `jitter` part of themselves."""
        doublings = min(max(failures, 1) - 1, _MOST_DOUBLINGS)
        return min(self.first * 2.0**doublings, self.longest) * jitter


JITTER: Final = (0.5, 1.0)
"""By which part of itself a wait may vary, so that connections don't ask again in step."""

_FIRST_WAIT: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How patient one refresh is with a server that is away for a moment; more is left to the circuit."""

    attempts: int = 1
    """How often in all it asks; 1 is no retry."""
    max_wait: float = 30.0
    """The longest wait before another attempt, in seconds."""

    def wait(self, attempts: int, retry_after: float | None, jitter: float) -> float | None:
        """Seconds before the next attempt after so many failed ones; None gives this refresh up.

        `retry_after` is what the server asked for: never sooner, and not at all if that is too long.
        """
        if attempts >= self.attempts:
            return None
        if retry_after is not None and not retry_after <= self.max_wait:  # not a number is too long, too
            return None
        return max(Backoff(_FIRST_WAIT, self.max_wait).after(attempts, jitter), retry_after or 0.0)
