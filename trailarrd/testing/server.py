"""A simulated Arr server: real HTTP on loopback."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self

from aiohttp import web

from trailarrd.testing.application import Application
from trailarrd.testing.delivery import deliver
from trailarrd.testing.hub import Hub, News, speak

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from trailarrd.testing.answers import Answer
    from trailarrd.testing.asked import Asked
    from trailarrd.testing.faults import Fault
    from trailarrd.testing.gate import Gate
    from trailarrd.testing.library import SimulatedLibrary
    from trailarrd.testing.notifications import Notifications

HOST: Final = "127.0.0.1"
API_KEY: Final = "0123456789abcdef0123456789abcdef"
_STOP_WITHIN: Final = 0.05  # aiohttp waits twice for requests in flight; a server that goes doesn't


class SimulatedArr:
    """One server; an async context manager, or `start` and `stop` as often as you like.

    `login` says whether pages outside the API want one (302) or are just served. `gzip` compresses
    for clients that accept it; it is off because loopback is faster without. `port` 0 takes a free
    one and keeps it from then on. `news` is what its hub tells everyone who listens before it closes the
    connection, `hub` one that stays; None of both: it has no hub. `notifications` are its webhooks; None: it
    knows no such thing. `gate` is what stands in front of it; None: nothing does.
    """

    def __init__(
        self,
        library: SimulatedLibrary,
        *,
        api_key: str = API_KEY,
        url_base: str = "",
        port: int = 0,
        login: bool = False,
        gzip: bool = False,
        news: Sequence[News] | None = None,
        hub: Hub | None = None,
        notifications: Notifications | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.library = library
        self.requests: list[Asked] = []
        """Every request since the server was made, in order of arrival."""
        self.turned_away: list[Asked] = []
        """Requests that came no further than the gate, and are not among the others."""
        self.gate = gate
        self.hub = hub
        self._news = news
        self._application = Application(
            library,
            api_key=api_key,
            url_base=url_base,
            login=login,
            has_hub=not (news is None and hub is None),
            notifications=notifications,
        )
        self._port = port
        self._gzip = gzip
        self._runner: web.ServerRunner | None = None
        self._fault: Fault | None = None
        self._struck = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where the application is, URL base included and without a slash at the end."""
        return self.origin + self._application.url_base

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    @property
    def port(self) -> int:
        """The port, which stays the same when the server is stopped and started."""
        if not self._port:
            raise RuntimeError("the simulated server has no port before it is started")
        return self._port

    @property
    def api_key(self) -> str:
        """The key that is asked for; may be changed while the server runs."""
        return self._application.api_key

    @api_key.setter
    def api_key(self, api_key: str) -> None:
        self._application.api_key = api_key

    @property
    def fault(self) -> Fault | None:
        """What goes wrong from now on; None: nothing. Setting it counts its strikes anew."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._fault = fault
        self._struck = 0

    @property
    def gate(self) -> Gate | None:
        """What stands in front of the server from now on; None: nothing."""
        return self._gate

    @gate.setter
    def gate(self, gate: Gate | None) -> None:
        self._gate = gate
        self._gate_since = time.monotonic()

    @property
    def struck(self) -> int:
        """How many requests the present fault has hit: 0 means that it has shown nothing yet."""
        return self._struck

    async def start(self) -> None:
        """Opens the port; the server answers when this returns."""
        if self._runner is not None:
            raise RuntimeError("the simulated server is running already")
        server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        runner = web.ServerRunner(server, shutdown_timeout=_STOP_WITHIN)
        await runner.setup()
        site = web.TCPSite(runner, HOST, self._port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = self._port or runner.addresses[0][1]

    async def stop(self) -> None:
        """Closes the port and every connection, also those in the middle of an answer."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = self._application.asked(
            method=request.method,
            path=request.path,
            target=request.raw_path,
            query=request.query,
            headers=request.headers,
            content=await request.read(),
        )
        if self._gate and not self._gate.passes(asked, time.monotonic() - self._gate_since):
            self.turned_away.append(asked)
            return await deliver(request, self._gate.answer(asked), gzip=self._gzip)
        self.requests.append(asked)
        await self._application.prepare(asked)
        answer = self._spoiled(self._application.answer(asked), asked)
        if answer.status == HTTPStatus.SWITCHING_PROTOCOLS:
            return await (self.hub.speak(request) if self.hub else speak(request, self._news or ()))
        return await deliver(request, answer, gzip=self._gzip)

    def _spoiled(self, answer: Answer, asked: Asked) -> Answer:
        fault = self._fault
        if fault is None or not fault.strikes(asked):
            return answer
        if fault.times is not None and self._struck >= fault.times:
            return answer
        self._struck += 1
        return fault.apply(answer, asked)
