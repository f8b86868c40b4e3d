"""A place to which a real server posts its events while somebody looks on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from trailarrd.errors import ListenError


@asynccontextmanager
async def posted(port: int) -> AsyncIterator[asyncio.Queue[bytes]]:
    """What is posted there, to whatever path; everybody may, and each is answered that it was taken.

    Raises:
        ListenError: the port cannot be had.
    """
    events = asyncio.Queue[bytes]()

    async def take(request: web.Request) -> web.Response:
        events.put_nowait(await request.read())
        return web.json_response({})

    application = web.Application()
    for method in ("POST", "PUT"):
        application.router.add_route(method, "/{path:.*}", take)
    runner = web.AppRunner(application, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, port=port).start()
        yield events
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ListenError(f"cannot listen at port {port}: {reason}") from error
    finally:
        await runner.cleanup()
