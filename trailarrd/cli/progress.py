"""A sign of life for the person at the terminal, while something takes longer than a second."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_AFTER: Final = 1.0
_CLEAR: Final = "\r\x1b[K"


@contextmanager
def working(what: str, *, after: float = _AFTER) -> Iterator[None]:
    """Say on a terminal what is going on, and for how long; nothing of that is left when it has ended.

    Nothing else may be printed meanwhile.
    """
    if not sys.stderr.isatty():
        yield
        return
    ended, began = threading.Event(), time.monotonic()

    def tell() -> None:
        while not ended.wait(after):
            sys.stderr.write(f"{_CLEAR}{what} … {time.monotonic() - began:.0f} s")
            sys.stderr.flush()

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
