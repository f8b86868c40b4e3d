"""Asking again within one refresh: for a server that is unavailable for a moment only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trailarrd.domain.backoff import Backoff

JITTER: Final = (0.5, 1.0)
"""By which part of itself a wait may vary, so that connections don't ask again in step."""

_FIRST_WAIT: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How patient one refresh is; what takes longer is left to the circuit."""

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
