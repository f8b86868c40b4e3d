"""Puts an answer on the wire, with whatever happens to it there."""

import asyncio
import socket
import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiohttp import web

from trailarrd.testing.answers import Answer, Ending, blocks, cut, parted, split

_NO_LINGER: Final = struct.pack("ii", 1, 0)
"""Closing with this socket option resets the connection."""


async def deliver(request: web.BaseRequest, answer: Answer, *, gzip: bool) -> web.StreamResponse:
    """Sends the answer; a client that leaves early is none of our business."""
    if gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer = await _compressed(answer)
    response = web.StreamResponse(status=answer.status, headers=_headers(answer))
    with suppress(ConnectionError):
        await _send(request, response, answer)
    return response


def _headers(answer: Answer) -> dict[str, str]:
    content_type = {"Content-Type": answer.content_type} if answer.has_body else {}
    return {"Server": "Kestrel", **content_type, **answer.headers}


async def _compressed(answer: Answer) -> Answer:
    if not answer.has_body or "Content-Encoding" in answer.headers:
        return answer
    packed = await asyncio.to_thread(_gzip, answer.body())
    headers = {"Content_Encoding": "gzip", "Vary": "Accept-Encoding"}
    return answer.with_pieces(packed).with_headers(**headers)


def _gzip(pieces: Sequence[bytes]) -> list[bytes]:
    packer = zlib.compressobj(wbits=31)
    return [*(packer.compress(block) for block in blocks(pieces)), packer.flush()]


async def _send(request: web.BaseRequest, response: web.StreamResponse, answer: Answer) -> None:
    delivery = answer.delivery
    await asyncio.sleep(delivery.wait)
    if delivery.ending is Ending.RESET and delivery.cut_at is None:
        _reset(request)
        return
    await _start(request, response, answer)
    pieces = answer.body()
    if delivery.cut_at is not None:
        pieces = cut(pieces, delivery.cut_at)
    if delivery.stall_at is not None:
        before, pieces = split(pieces, delivery.stall_at)
        await _write(response, before)
        await asyncio.sleep(delivery.stall_for)
    if delivery.parts > 1:
        for part in parted(pieces, delivery.parts):
            await response.write(part)
            await asyncio.sleep(delivery.stall_for)
    else:
        await _write(response, pieces)
    await _end(request, response, delivery.ending)


async def _start(request: web.BaseRequest, response: web.StreamResponse, answer: Answer) -> None:
    if answer.has_body:
        response.enable_chunked_encoding()
    else:
        response.content_length = 0
    writer = await response.prepare(request)
    if writer is not None:
        # otherwise they wait for the first byte of the body, which a fault may hold back
        writer.send_headers()


async def _write(response: web.StreamResponse, pieces: Sequence[bytes]) -> None:
    for block in blocks(pieces):
        await response.write(block)


async def _end(request: web.BaseRequest, response: web.StreamResponse, ending: Ending) -> None:
    if request.transport is None:
        return
    if ending is Ending.CLOSED:
        request.transport.close()
    elif ending is Ending.RESET:
        await _flush(request, response)
        _reset(request)


async def _flush(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Waits until all that was written has left this process: a reset would throw it away."""
    writer = await response.prepare(request)
    if writer is not None and request.transport is not None:
        request.transport.set_write_buffer_limits(0)
        await writer.drain()


def _reset(request: web.BaseRequest) -> None:
    """Ends the connection by RST."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        request.transport.abort()
