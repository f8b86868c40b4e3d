"""Who waits for the database before anything else can happen is told what for."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from trailarrd.store.engine import parse_url, place_of

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
