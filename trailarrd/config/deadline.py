"""Files of a configuration may lie on a share that hangs: who reads them gives up in time, and says where."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from trailarrd.concurrency import within
from trailarrd.errors import ConfigTimeoutError

T = TypeVar("T")

LONGEST: Final = 20.0
"""Seconds for all files of a configuration."""


def in_time(read: Callable[[list[Path]], T], *, seconds: float | None = None) -> T:
    """What `read` returns, which notes each file before it looks at it.

    Raises `ConfigTimeoutError`, with the file that was noted last, if that takes longer than so many seconds,
    or than `LONGEST`.
    """
    files, most = list[Path](), seconds or LONGEST
    try:
        return within(most, partial(read, files), "config")
    except TimeoutError:
        last = files[-1] if files else "the configuration"
        hint = "does the share hang that it lies on?"
        raise ConfigTimeoutError(f"{last}: not read within {most:g} s\n    hint: {hint}") from None
