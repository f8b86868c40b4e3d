"""A simulated server in a thread of its own: for plain functions, and for clients that may block."""

from __future__ import annotations

import asyncio
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType

    from trailarrd.testing.server import SimulatedArr

_PATIENCE: Final = 30.0


class ThreadedArr:
    """Serves `arr` while the `with` block lasts::

    with ThreadedArr(SimulatedArr(library)) as arr:
        urllib.request.urlopen(arr.url + "/ping")
    """

    def __init__(self, arr: SimulatedArr) -> None:
        self._arr = arr
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="simulated-arr", daemon=True)

    def __enter__(self) -> SimulatedArr:
        self._thread.start()
        try:
            self._wait_for(self._arr.start())
        except BaseException:
            self._close()
            raise
        return self._arr

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._wait_for(self._arr.stop())
        finally:
            self._close()

    def _wait_for(self, work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def _close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()
