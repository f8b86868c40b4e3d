"""Who sends a body byte by byte does not hold a request for ever."""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import web
from aiohttp.test_utils import TestServer

from trailarrd.web.limits import body_of
from trailarrd.web.problem import problems


async def answer_to(sent: bytes) -> bytes:
    """What a client hears that announces ten bytes and sends these, until the server closes or is done."""

    async def take(request: web.Request) -> web.Response:
        return web.Response(body=await body_of(request, deadline=0.1), headers={"Connection": "close"})

    application = web.Application(middlewares=[problems])
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
