"""A simulated Radarr whose answers were written to files before: it costs next to nothing while it serves.

`server.py FOLDER KEY` prints its URL; `/NAME/api/v3/movie` answers with `FOLDER/NAME.json`, and
`/NAME/api/v3/rootfolder` with `FOLDER/NAME.roots.json`, if there is one.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

STATUS = {"appName": "Radarr", "version": "6.0.4.10291"}
ROOTS = [{"id": 1, "path": "/movies", "accessible": True}]


def application(folder: Path, key: str) -> web.Application:
    @web.middleware
    async def guarded(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.headers.get("X-Api-Key") != key:
            return web.Response(status=401)
        return await handler(request)

    async def status(_: web.Request) -> web.Response:
        return web.json_response(STATUS)

    async def roots(request: web.Request) -> web.StreamResponse:
        file = folder / f"{request.match_info['name']}.roots.json"
        if file.exists():
            return web.FileResponse(file, headers={"Content-Type": "application/json; charset=utf-8"})
        return web.json_response(ROOTS)

    async def movies(request: web.Request) -> web.StreamResponse:
        file = folder / f"{request.match_info['name']}.json"
        return web.FileResponse(file, headers={"Content-Type": "application/json; charset=utf-8"})

    app = web.Application(middlewares=[guarded])
    app.router.add_get("/{name}/api/v3/system/status", status)
    app.router.add_get("/{name}/api/v3/rootfolder", roots)
    app.router.add_get("/{name}/api/v3/movie", movies)
    return app


async def serve(folder: Path, key: str) -> None:
    runner = web.AppRunner(application(folder, key), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
