"""The HTTP server while it runs, as services of the daemon."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from trailarrd.web.application import local_application, public_application
from trailarrd.web.sockets import address_of, listen, listen_beside

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from trailarrd.config.model import HttpSettings
    from trailarrd.web.services import Services

log = structlog.get_logger()

_SHUTDOWN: Final = 2.0
"""Seconds that answers in progress have at the end."""


async def serve_network(
    services: Services,
    settings: HttpSettings,
    up: Callable[[], None],
    *,
    passed: Sequence[socket.socket] = (),
) -> None:
    """Answer on `http.listen` until cancelled; `up` is called when it does.

    `passed` are sockets that listen already, in place of that; they are left open.

    Raises:
        ListenError: the address cannot be had.
    """
    opened = [one.dup() for one in passed] or [listen(settings.host, settings.port)]
    async with serving(public_application(services, settings), *opened):
        for one in opened:
            log.info("http.listening", address=address_of(one), base_path=settings.base_path or "/")
        up()
        await _for_ever()


async def serve_commands(services: Services, path: Path, up: Callable[[], None]) -> None:
    """Answer this host's own commands on a socket at `path` until cancelled; raises the same."""
    with listen_beside(path) as opened:
        async with serving(local_application(services), opened):
            up()
            await _for_ever()


@asynccontextmanager
async def serving(application: web.Application, *opened: socket.socket) -> AsyncIterator[None]:
    """The application answers on these sockets, which are closed in the end."""
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN)
    await runner.setup()
    try:
        for one in opened:
            await web.SockSite(runner, one).start()
        yield
    finally:
        await runner.cleanup()


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a line is about us: that a stranger cannot speak HTTP is his trouble, and fills logs."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()
