"""Who sends a body byte by byte does not hold a request for ever."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from trailarrd.web.limits import body_of, drop_body
from trailarrd.web.problem import problems

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def answer_to(sent: bytes) -> bytes:
    """What a client hears that announces ten bytes and sends these, until the server closes or is done."""

    async def take(request: web.Request) -> web.Response:
        return web.Response(body=await body_of(request, deadline=0.1), headers={"Connection": "close"})

    application = web.Application(middlewares=[problems(lambda _: 0.0)])
    application.router.add_post("/", take)
    async with TestServer(application) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n" + sent)
        heard = partial(asyncio.wait_for, reader.readuntil(b"}" if len(sent) < 10 else sent), 20)
        answer: bytes = await heard()
        writer.close()
        return answer


async def test_a_body_that_does_not_arrive_is_a_request_that_timed_out() -> None:
    answer = await answer_to(b"12")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the body did not arrive within 0.1 s" in answer


async def test_a_body_that_arrives_is_taken() -> None:
    assert (await answer_to(b"0123456789")).startswith(b"HTTP/1.1 200 ")


async def test_of_a_body_that_is_dropped_no_more_is_read_than_its_bound() -> None:
    read = 0

    async def drop(request: web.Request) -> web.Response:
        nonlocal read
        await drop_body(request, most=2**20)
        read = request.content.total_bytes
        return web.Response()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 2**18
            await asyncio.sleep(0)

    application = web.Application(handler_args={"lingering_time": 0})
    application.router.add_post("/", drop)
    async with TestServer(application) as server, aiohttp.ClientSession() as session:
        with suppress(aiohttp.ClientError):
            async with session.post(server.make_url("/"), data=endless()) as answer:
                assert answer.status == 200
    assert 2**20 <= read < 2**21


async def test_a_body_that_is_dropped_and_does_not_arrive_is_given_up() -> None:
    async def drop(request: web.Request) -> web.Response:
        await drop_body(request, most=100, deadline=0.1)
        return web.Response()

    application = web.Application()
    application.router.add_post("/", drop)
    async with TestServer(application) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12")
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 200 ")
        writer.close()
