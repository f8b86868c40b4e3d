"""All that strangers reach over HTTP: a real daemon in this process, asked by whatever they send."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from re import fullmatch
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import quote_from_bytes

import pytest
import structlog

from tests.household import open_household
from tests.shipped import shipped_plugins
from trailarrd.config import load
from trailarrd.config.model import HttpSettings
from trailarrd.daemon.daemon import start_daemon
from trailarrd.discovery.plugins import providers_by_name
from trailarrd.domain.apikey import digest_of
from trailarrd.store.credentials import ApiKey
from trailarrd.web import hooks
from trailarrd.web.application import public_application
from trailarrd.web.server import listen, serving

KEY: Final = "key"
"""One that may do everything."""
TOKEN: Final = "token"
"""The one of the webhook of `movies`."""
_METHODS: Final = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE"})
_FRAMING: Final = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
"""Headers that say where a request ends, beside the two that are added."""
_WIDEST: Final = 4000


class Front:
    """Works while it is asked, and rests between two requests."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self.asked: deque[bytes] = deque(maxlen=20)
        """What came last: an answer may hang on what was asked before."""
        self._host, self._port = self._loop.run_until_complete(self._open())

    def close(self) -> None:
        """End it, and leave nothing behind."""
        self._loop.run_until_complete(self._stack.aclose())
        self._loop.close()

    def ask(self, data: bytes) -> int:
        """The status of the answer to it: `METHOD target`, lines of headers, an empty one, a body."""
        self.asked.append(data)
        return self._loop.run_until_complete(self._ask(request_of(data)))

    async def _ask(self, request: bytes) -> int:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(request)
            async with asyncio.timeout(20):
                line = await reader.readline()
        finally:
            writer.transport.abort()
        found = fullmatch(rb"HTTP/1\.[01] (\d{3}) .*\r\n", line)
        assert found, line
        return int(found[1])

    async def _open(self) -> tuple[str, int]:
        self._stack.callback(structlog.configure, **structlog.get_config())
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        home = Path(self._stack.enter_context(TemporaryDirectory()))
        household = await self._stack.enter_async_context(open_household(home / "home"))
        household.http = "{enabled: false}"
        household.settings = "refresh: {interval: 1h}\n"
        household.write_config()
        plugins = shipped_plugins()
        providers = providers_by_name(plugins)
        settings = load(household.config, providers=providers, environ=household.environ)
        daemon = await self._stack.enter_async_context(start_daemon(settings, providers, plugins))
        now = datetime.now(UTC)
        await daemon.store.add_api_key(ApiKey("all", digest_of(KEY), may_write=True, created_at=now))
        await daemon.store.put_webhook_token("movies", digest_of(TOKEN), now)
        patience = self._stack.enter_context(pytest.MonkeyPatch.context())
        patience.setattr(hooks, "_DOUBT", 0.0)  # of wrong tokens there are many
        opened = listen("127.0.0.1", 0)
        limits = HttpSettings(rate_limit=0, sockets=500, sockets_per_client=500)
        # Who adds a connection has it looked for at any address of the network.
        application = public_application(replace(daemon.asked(), detector=None), limits)
        await self._stack.enter_async_context(serving(application, opened))
        address: Any = opened.getsockname()
        return address[0], address[1]


def request_of(data: bytes) -> bytes:
    """What it means as HTTP that passes every parser, so that it is read behind that."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.replace(b"\r", b"").replace(b"\0", b"").split(b"\n")
    method, _, target = first.partition(b" ")
    path = quote_from_bytes(b"/" + target.lstrip(b"/"), safe="/?&=%:;,+*'()!$@[]")
    method = method if method in _METHODS else b"GET"
    fields = [line for line in lines if fullmatch(rb"[A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*", line)]
    told = {line.partition(b":")[0].lower(): line for line in fields if len(line) < _WIDEST}
    ours = (b"Content-Length: %d" % len(body), b"Connection: close")
    told = {b"host": b"Host: localhost"} | told | {line.partition(b":")[0].lower(): line for line in ours}
    first = b"%b %b HTTP/1.1" % (method, path[:_WIDEST].encode())
    return b"\r\n".join([first, *(line for name, line in told.items() if name not in _FRAMING), b"", body])
