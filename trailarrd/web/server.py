"""The HTTP server while it runs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Iterable

_SHUTDOWN: Final = 2.0
"""Seconds that answers in progress have at the end."""


@asynccontextmanager
async def serving(application: web.Application, sockets: Iterable[socket.socket]) -> AsyncIterator[None]:
    """The application answers on these sockets until the block is left."""
    runner = web.AppRunner(
        application,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_SHUTDOWN,
        handler_cancellation=False,
    )
    await runner.setup()
    try:
        for opened in sockets:
            await web.SockSite(runner, opened).start()
        yield
    finally:
        await runner.cleanup()
