"""The real process, asked over HTTP: it listens, keeps every secret, and ends in time."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.e2e.conftest import command
from tests.e2e.den import found
from tests.process import completed
from tests.world import KEY
from trailarrd.web.api import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Daemon, Start
    from tests.household import Household

VALUES = {"connection": "movies", "media_id": "1"}


async def address(daemon: Daemon) -> str:
    """Where it listens."""
    await daemon.until("http.listening")
    (line,) = daemon.told("http.listening")
    return f"http://{line['address']}"


async def test_no_answer_tells_an_api_key_though_a_server_repeats_it(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    household.movies.library.edit(1, title=[f"?apikey={KEY}"])
    token = (await run("apikey", "create", "test")).out.strip()
    daemon = await start()
    url = await address(daemon)
    await daemon.until("refresh.finished", connection="movies")
    await household.series.server.stop()
    paths = [f"/api/v1{route.path}".format(**VALUES) for route in ROUTES if route.method == "GET"]
    paths += ["/health", "/metrics", "/api/v1/openapi.json", "/", "/media", "/media/1", "/history", "/checks"]
    async with aiohttp.ClientSession(headers={"X-Api-Key": token}) as session:
        async with session.post(f"{url}/api/v1/refreshes", json={}) as answer:
            contents = {"refreshes": await answer.read()}
        async with session.post(f"{url}/api/v1/checks") as answer:
            contents["checks"] = await answer.read()
        for path in paths:
            async with session.get(f"{url}{path}") as answer:
                contents[path] = await answer.read()
    assert all(contents.values())
    told = {
        path: forms for path, text in contents.items() for key in (KEY, token) if (forms := found(key, text))
    }
    assert told == {}
    assert token not in daemon.output


async def test_it_ends_in_time_though_somebody_waits_for_an_answer(
    household: Household, start: Start
) -> None:
    daemon = await start()
    url = await address(daemon)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/health/live") as answer:
            assert answer.status == 200
        reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
        writer.write(b"POST /api/v1/refreshes HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        await writer.drain()
        code, seconds = await daemon.stop(signal.SIGTERM)
        writer.close()
        del reader
    assert (code, seconds < 10) == (0, True)


async def test_a_port_that_is_taken_ends_the_start_with_what_to_do(
    household: Household, start: Start
) -> None:
    daemon = await start()
    url = await address(daemon)
    taken = url.removeprefix("http://")
    household.http = f"{{listen: {taken}}}"
    await daemon.stop(signal.SIGTERM)
    server = await asyncio.start_server(lambda *_: None, *taken.split(":"))
    household.write_config()
    done = await completed(*command(household, "run"), env=household.environ)
    server.close()
    await server.wait_closed()
    assert done.code == 1
    assert f"cannot listen on {taken}: address already in use; http.listen names another" in done.err


async def test_a_stream_of_events_ends_with_the_process_at_once(household: Household, start: Start) -> None:
    daemon = await start()
    url = await address(daemon)
    async with aiohttp.ClientSession() as session, session.get(f"{url}/api/v1/events") as answer:
        assert answer.content_type == "text/event-stream"
        assert await answer.content.readline() == b"retry: 3000\n"
        daemon.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            await answer.content.read()  # to its proper end
            assert await daemon.process.wait() == 0
