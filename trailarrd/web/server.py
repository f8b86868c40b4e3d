"""The HTTP server while it runs, as services of the daemon, and the sockets on which it is asked."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Final, cast

import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from trailarrd.errors import ListenError
from trailarrd.intercom import short_name
from trailarrd.store.files import private_mode
from trailarrd.web.application import local_application, public_application
from trailarrd.web.sockets import SOCKETS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from trailarrd.config.model import HttpSettings
    from trailarrd.web.services import Services

log = structlog.get_logger()

_SHUTDOWN: Final = 2.0
"""Seconds that answers in progress have at the end."""
_BACKLOG: Final = 128


def listen(host: str, port: int) -> socket.socket:
    """A socket of the network; port 0 takes any that is free.

    Raises:
        ListenError: it cannot be had, and why.
    """
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host != "::"))
            opened.bind(address)
            opened.listen(_BACKLOG)
        except OSError:
            opened.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise ListenError(f"cannot listen on {shown}: {reason.lower()}; http.listen names another") from error
    return opened


def address_of(opened: socket.socket) -> str:
    name = opened.getsockname()
    if opened.family == socket.AF_UNIX:
        return str(name)
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def listen_beside(path: Path) -> Iterator[socket.socket]:
    """A Unix socket for who may open the database there, deleted in the end; the caller is alone here.

    Raises:
        ListenError: it cannot be had, and why.
    """
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with opened:
        try:
            path.unlink(missing_ok=True)
            with short_name(path) as name:
                opened.bind(name)
            path.chmod(private_mode(path.parent))  # nobody can connect before it listens
            opened.listen(_BACKLOG)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ListenError(f"cannot listen on {path}: {reason}") from error
        try:
            yield opened
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)


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
    # Not unpacked: a body that unpacks to a thousand times its size would stop the loop.
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN, auto_decompress=False)
    await runner.setup()
    make = cast("Callable[[], asyncio.Protocol]", runner.server)
    if SOCKETS in application:
        make = application[SOCKETS].guarded(make)
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(make, sock=one, backlog=_BACKLOG) for one in opened]
    try:
        yield
    finally:
        for server in servers:
            server.close()
        await runner.cleanup()


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a line is about us: that a stranger cannot speak HTTP is his trouble, and fills logs."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()
