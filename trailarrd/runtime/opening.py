"""Who waits for the database before anything else can happen is told what for."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog

from trailarrd.store.engine import parse_url, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger()

_SOON: Final = 1.0
"""Seconds."""


@contextmanager
def told_if_slow(url: str) -> Iterator[None]:
    """The database is opened in this block; the log hears of it once if that takes longer than a moment."""
    waiting = asyncio.get_running_loop().call_later(_SOON, _tell, url)
    try:
        yield
    finally:
        waiting.cancel()


def _tell(url: str) -> None:
    log.warning("database.waiting", database=place_of(parse_url(url)))
