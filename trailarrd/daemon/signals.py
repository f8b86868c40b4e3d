"""SIGHUP, which may come at any moment, and an end that comes in time whatever hangs."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger()

LATEST_END: Final = 9.0
"""Seconds; who stops us waits for ten."""


def end_by_force(after: float = LATEST_END) -> None:
    """End the process after so many seconds, if it still is there: something hangs that cannot be left.

    That is safe for the database, as a crash is, and for everything else that trailarrd has in hand.
    """

    def end() -> None:
        log.critical("daemon.forced", after_s=after)
        os._exit(1)

    timer = threading.Timer(after, end)
    timer.daemon = True
    timer.start()


class SighupHandler:
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
