"""SIGHUP, which may come at any moment: before anybody listens, while we end, and twice in a row."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Hangup:
    """Takes SIGHUP for the whole life of the process; until somebody listens, it is remembered.

    An event loop's own handler would give the signal back to the system when the loop closes, and then
    it kills.
    """

    def __init__(self) -> None:
        self._came = False
        self._listener: Callable[[], object] | None = None

    def catch(self) -> None:
        """From now on; in the main thread only."""
        signal.signal(signal.SIGHUP, lambda *_: self.note())

    def note(self) -> None:
        """It came."""
        if self._listener:
            self._listener()
        else:
            self._came = True

    def listen(self, listener: Callable[[], object]) -> None:
        """Call `listener`, which must be safe in a signal handler, each time; at once if it came already."""
        self._listener = listener
        if self._came:
            self._came = False
            listener()

    def ignore(self) -> None:
        """From now on nobody cares, to the very end of the process."""
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
