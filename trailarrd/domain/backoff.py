"""How long to wait after so many failures in a row: each time twice as long, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MOST_DOUBLINGS: Final = 64  # a float overflows at the 1,024th, and no wait needs so many


@dataclass(frozen=True, slots=True)
class Backoff:
    """The waits of whoever tries again by itself, in seconds."""

    first: float
    longest: float

    def after(self, failures: int, jitter: float = 1.0) -> float:
        """Seconds to wait after that many failures in a row, by which `jitter` part of themselves."""
        doublings = min(max(failures, 1) - 1, _MOST_DOUBLINGS)
        return min(self.first * 2.0**doublings, self.longest) * jitter
