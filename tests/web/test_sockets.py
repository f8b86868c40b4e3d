"""What a client may hold open without asking for anything, and how many may."""

from __future__ import annotations

import asyncio
import gzip
import time
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from trailarrd.web import security
from trailarrd.web.authentication import Access
from trailarrd.web.problem import problems
from trailarrd.web.server import listen, serving
from trailarrd.web.sockets import SOCKETS, SocketLimits, Sockets, gateways, room_for, watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from pathlib import Path

    from tests.web.conftest import Client, Stage
    from trailarrd.web.origin import Network

HEADER = b"GET /slow HTTP/1.1\r\nHost: a\r\n"


class Caller:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def ask(self, text: bytes = HEADER + b"\r\n") -> str:
        """The status line and headers of the answer."""
        self.writer.write(text)
        return (await self._reader.readuntil(b"\r\n\r\n")).decode()

    async def end(self) -> bytes:
        """What comes until the server closes."""
        try:
            return await self._reader.read()
        except ConnectionResetError:
            return b""


class Door:
    """A server with these limits; `/slow` is answered when `go` is set, as the end of `/large` does."""

    def __init__(self, port: int, application: web.Application) -> None:
        self.port = port
        self.application = application
        self.go = asyncio.Event()
        self.callers: list[Caller] = []

    async def call(self) -> Caller:
        self.callers.append(Caller(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.callers[-1]

    def leave(self) -> None:
        for caller in self.callers:
            caller.writer.close()


@asynccontextmanager
async def door(limits: SocketLimits, shared: Collection[Network] = ()) -> AsyncIterator[Door]:
    sockets = Sockets(limits, shared)
    application = web.Application(
        middlewares=[problems(lambda _: 0.0), security.locate(shared), watch(sockets), security.refuse_packed]
    )
    application[SOCKETS] = sockets
    application[security.NEEDED] = {}
    opened = listen("127.0.0.1", 0)
    front = Door(opened.getsockname()[1], application)

    async def slow(_: web.Request) -> web.Response:
        await front.go.wait()
        return web.Response(text="done")

    async def large(request: web.Request) -> web.Response:
        request.task.add_done_callback(lambda _: front.go.set())
        return web.Response(body=bytes(2**25))

    security.add_route(application, "GET", "/slow", slow, Access.ANYONE)
    security.add_route(application, "GET", "/large", large, Access.ANYONE)
    async with serving(application, opened), asyncio.timeout(20):
        try:
            yield front
        finally:
            front.leave()


async def test_who_says_nothing_is_let_go() -> None:
    async with door(SocketLimits(idle=0.1)) as front:
        assert await (await front.call()).end() == b""


async def test_a_byte_now_and_then_is_no_request() -> None:
    async with door(SocketLimits(headers=0.3)) as front:
        caller = await front.call()

        async def drip() -> None:
            caller.writer.write(HEADER)
            while not caller.writer.is_closing():
                caller.writer.write(b"X: 1\r\n")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        try:
            assert await caller.end() == b""
        finally:
            dripping.cancel()


async def test_an_answer_may_take_longer_than_both_and_the_next_request_is_welcome() -> None:
    async with door(SocketLimits(headers=0.2, idle=0.2)) as front:
        caller = await front.call()
        asking = asyncio.create_task(caller.ask())
        await asyncio.sleep(0.5)
        front.go.set()
        assert "200 OK" in await asking
        assert "200 OK" in await caller.ask()


async def test_who_does_not_read_the_answer_is_let_go() -> None:
    async with door(SocketLimits(idle=0.2)) as front:
        (await front.call()).writer.write(HEADER.replace(b"/slow", b"/large") + b"\r\n")
        await front.go.wait()


async def test_one_client_has_so_many_sockets_and_gets_them_back() -> None:
    async with door(SocketLimits(of_one=2, refusal=0.05)) as front:
        front.go.set()
        callers = [await front.call(), await front.call()]
        began = time.monotonic()
        assert (await (await front.call()).end()).startswith(b"HTTP/1.1 429 ")
        assert time.monotonic() - began >= 0.05, "late, so that a flood costs little"
        callers[0].writer.close()
        async with asyncio.timeout(5):
            while "200 OK" not in await tried(front):
                await asyncio.sleep(0.01)


async def tried(front: Door) -> str:
    """The answer, or what is said in place of one."""
    return await (await front.call()).ask()


async def test_a_trusted_proxy_has_them_all_and_its_clients_so_many_requests_each() -> None:
    async with door(SocketLimits(most=4, of_one=2, refusal=0.05), [ip_network("127.0.0.1")]) as front:

        async def ask(client: bytes) -> str:
            header = b"X-Forwarded-For: " + client + b"\r\n\r\n" if client else b"\r\n"
            return await (await front.call()).ask(HEADER + header)

        greedy = [asyncio.create_task(ask(b"192.0.2.1")) for _ in range(2)]
        await asyncio.sleep(0.1)
        assert "429 Too Many Requests" in await ask(b"192.0.2.1")
        other = asyncio.create_task(ask(b"192.0.2.2"))
        await asyncio.sleep(0.1)
        assert (await (await front.call()).end()).startswith(b"HTTP/1.1 503 ")
        front.go.set()
        assert all("200 OK" in one for one in await asyncio.gather(*greedy, other))


async def test_a_body_is_not_unpacked_whoever_sends_it_to_whatever_path(client: Client) -> None:
    bomb = gzip.compress(bytes(2**24))
    for method, path in [
        ("POST", "/login"),
        ("POST", "/hooks/movies"),
        ("GET", "media"),
        ("PUT", "/nowhere"),
    ]:
        answer = await client.ask(method, path, data=bomb, headers={"Content-Encoding": "gzip"})
        assert answer.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


async def test_the_settings_count_for_the_daemons_own_server(stage: Stage) -> None:
    async with stage.client(sockets_per_client=1) as client:
        front = Door(int(client.url.rpartition(":")[2]), web.Application())
        assert "200 OK" in await (await front.call()).ask(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await (await front.call()).end()).startswith(b"HTTP/1.1 429 ")
        front.leave()


async def test_one_key_has_so_many_streams_of_events_and_leaves_the_others_to_others(stage: Stage) -> None:
    mine, yours, third = [await stage.key(name) for name in ("mine", "yours", "third")]
    async with stage.client(streams_per_key=1, streams=2) as client, AsyncExitStack() as stack:

        async def listen_with(key: str) -> int:
            url, headers = f"{client.url}/api/v1/events", {"X-Api-Key": key}
            answer = await stack.enter_async_context(client.session.get(url, headers=headers))
            return answer.status

        assert await listen_with(mine) == HTTPStatus.OK
        assert await listen_with(mine) == HTTPStatus.TOO_MANY_REQUESTS
        assert await listen_with(yours) == HTTPStatus.OK
        assert await listen_with(third) == HTTPStatus.SERVICE_UNAVAILABLE


def test_descriptors_are_kept_back_for_the_daemons_own_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (512, 512))
    assert room_for(512) == 256
    assert room_for(10) == 10


def test_a_container_sees_its_gateway_in_place_of_its_clients(tmp_path: Path) -> None:
    routes = tmp_path / "route"
    routes.write_text(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    )
    assert gateways(routes) == [ip_network("172.17.0.1")]
    assert gateways(tmp_path / "none") == []
