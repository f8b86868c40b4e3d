"""Each fault, seen from the client's side, in every phase where it makes sense."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientError, ClientPayloadError, ClientResponse, ClientTimeout

import trailarrd.testing as simulated
from trailarrd.testing import (
    RADARR,
    SONARR,
    EmptyList,
    Ending,
    Fault,
    Latency,
    LoginPage,
    LoginRedirect,
    Phase,
    RedirectElsewhere,
    Refusal,
    Reset,
    ServerError,
    ShortenedList,
    SimulatedArr,
    SimulatedLibrary,
    Stall,
    Truncated,
    WrongApplication,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.testing.conftest import Client

PATHS = {
    Phase.STATUS: "/api/v3/system/status",
    Phase.ROOT_FOLDERS: "/api/v3/rootfolder",
    Phase.LIST: "/api/v3/movie",
    Phase.ITEM: "/api/v3/movie/3",
    Phase.TAGS: "/api/v3/tag",
    Phase.OTHER: "/ping",
}
SHORT = ClientTimeout(total=0.15)

every_phase = pytest.mark.parametrize("phase", list(Phase))
every_place = pytest.mark.parametrize("at", [0.0, 0.5, 1.0])


@pytest.fixture
async def radarr() -> AsyncIterator[SimulatedArr]:
    library = SimulatedLibrary(RADARR, size=40, seed=1, roots=("/movies", "/more"))
    async with SimulatedArr(library) as arr:
        yield arr


async def good(client: Client, arr: SimulatedArr, path: str) -> bytes:
    """The body as it is without a fault."""
    reply = await client.get(arr, path)
    assert (arr.fault, reply.status) == (None, 200)
    return reply.body


async def collect(response: ClientResponse, part: bytearray) -> None:
    """Keeps what arrives of a body, also when it ends in an error."""
    async for block in response.content.iter_any():
        part += block


# -- on the way -----------------------------------------------------------------------------------


@every_phase
async def test_latency_holds_back_the_first_byte(client: Client, radarr: SimulatedArr, phase: Phase) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = Latency(seconds=0.1)
    begin = time.perf_counter()
    assert (await client.get(radarr, PATHS[phase])).body == body
    assert time.perf_counter() - begin >= 0.1
    radarr.fault = Latency(seconds=60)
    with pytest.raises(TimeoutError):
        await client.get(radarr, PATHS[phase], timeout=SHORT)


@every_phase
@every_place
async def test_a_stall_stops_the_body_after_the_headers(
    client: Client, radarr: SimulatedArr, phase: Phase, at: float
) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = Stall(at=at, seconds=60)
    async with client.ask(radarr, PATHS[phase]) as response:
        assert response.status == 200
        part = bytearray()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(collect(response, part), 0.1)
    assert bytes(part) == body[: min(int(len(body) * at), len(body) - 1)]
    radarr.fault = Stall(at=at, seconds=0.02)
    assert (await client.get(radarr, PATHS[phase])).body == body


@every_phase
@every_place
async def test_a_clean_truncation_looks_complete_and_is_not(
    client: Client, radarr: SimulatedArr, phase: Phase, at: float
) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = Truncated(at=at)
    part = (await client.get(radarr, PATHS[phase])).body
    assert part == body[: min(int(len(body) * at), len(body) - 1)]
    with pytest.raises(json.JSONDecodeError):
        json.loads(part)


@every_phase
@every_place
@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET])
async def test_a_cut_connection_is_an_error_after_the_part_that_arrived(
    client: Client, radarr: SimulatedArr, phase: Phase, at: float, ending: Ending
) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = Truncated(at=at, ending=ending) if ending is Ending.CLOSED else Reset(at=at)
    part = bytearray()

    async def ask() -> None:
        async with client.ask(radarr, PATHS[phase]) as response:
            await collect(response, part)

    with pytest.raises(ClientError):
        await ask()
    assert body.startswith(bytes(part))
    assert len(part) < len(body)


async def test_what_was_sent_before_a_close_arrives(client: Client, radarr: SimulatedArr) -> None:
    radarr.library.add(overview="x" * 3_000_000)
    body = await good(client, radarr, PATHS[Phase.LIST])
    radarr.fault = Truncated(at=0.9, ending=Ending.CLOSED)
    async with client.ask(radarr, PATHS[Phase.LIST]) as response:
        part = bytearray()
        with pytest.raises(ClientPayloadError):
            await collect(response, part)
    assert part == body[: int(len(body) * 0.9)]


@every_phase
async def test_a_reset_can_come_before_any_byte(client: Client, radarr: SimulatedArr, phase: Phase) -> None:
    radarr.fault = Reset()
    reader, writer = await asyncio.open_connection("127.0.0.1", radarr.port)
    writer.write(f"GET {PATHS[phase]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    with pytest.raises(ClientError):
        await client.get(radarr, PATHS[phase])


# -- another answer -------------------------------------------------------------------------------


@every_phase
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_server_errors_look_like_those_of_the_application_or_its_proxy(
    client: Client, radarr: SimulatedArr, phase: Phase, status: int
) -> None:
    radarr.fault = ServerError(status=status)
    reply = await client.get(radarr, PATHS[phase])
    assert (reply.status, "Retry-After" in reply.headers) == (status, False)
    if status in (502, 504):
        assert reply.content_type == "text/html"
    elif status == 500:
        assert set(reply.json()) == {"message", "description"}
    elif phase is Phase.OTHER:
        assert reply.content_type == "text/plain"
    else:
        assert reply.json() == {"errorMessage": "Radarr is starting up, please try again later"}


async def test_retry_after_is_sent_when_wanted(client: Client, radarr: SimulatedArr) -> None:
    radarr.fault = ServerError(status=503, retry_after="7")
    assert (await client.get(radarr, "/api")).headers["Retry-After"] == "7"


async def test_while_starting_a_wrong_key_is_still_refused(client: Client, radarr: SimulatedArr) -> None:
    radarr.fault = ServerError(status=503)
    assert (await client.get(radarr, "/api/v3/movie", key="wrong")).status == 401


@every_phase
@pytest.mark.parametrize(("status", "has_body"), [(401, False), (403, True), (404, False)])
async def test_refusals(
    client: Client, radarr: SimulatedArr, phase: Phase, status: int, *, has_body: bool
) -> None:
    radarr.fault = Refusal(status=status)
    reply = await client.get(radarr, PATHS[phase])
    assert (reply.status, bool(reply.body)) == (status, has_body)
    assert "WWW-Authenticate" not in reply.headers


@every_phase
async def test_a_login_page_is_html_with_status_200(
    client: Client, radarr: SimulatedArr, phase: Phase
) -> None:
    radarr.fault = LoginPage()
    reply = await client.get(radarr, PATHS[phase])
    assert (reply.status, reply.content_type) == (200, "text/html")
    assert b"<form" in reply.body


@every_phase
async def test_redirects_to_the_login_and_to_another_origin(
    client: Client, radarr: SimulatedArr, phase: Phase
) -> None:
    path = PATHS[phase]
    radarr.fault = LoginRedirect()
    reply = await client.get(radarr, path)
    assert (reply.status, reply.headers["Location"]) == (302, f"/login?returnUrl={path}")
    radarr.fault = RedirectElsewhere(url="http://elsewhere.invalid/", status=307)
    reply = await client.get(radarr, f"{path}?a=1")
    assert reply.status == 307
    assert reply.headers["Location"] == f"http://elsewhere.invalid{path}?a=1"


# -- when it strikes ------------------------------------------------------------------------------


async def test_a_fault_can_be_limited_to_a_phase(client: Client, radarr: SimulatedArr) -> None:
    for phase in Phase:
        radarr.fault = Refusal(status=403, phase=phase)
        statuses = {p: (await client.get(radarr, path)).status for p, path in PATHS.items()}
        assert statuses == {p: 403 if p is phase else 200 for p in Phase}
        assert radarr.struck == 1


async def test_a_fault_can_heal_by_itself_and_starts_anew_when_set_again(
    client: Client, radarr: SimulatedArr
) -> None:
    async def statuses() -> list[int]:
        return [(await client.get(radarr, "/api")).status for _ in range(3)]

    radarr.fault = ServerError(times=2)
    assert await statuses() == [500, 500, 200]
    radarr.fault = ServerError(times=2)
    assert await statuses() == [500, 500, 200]
    radarr.fault = None
    assert await statuses() == [200, 200, 200]


def test_a_fault_that_could_show_nothing_in_its_phase_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="EmptyList changes nothing in phase status"):
        EmptyList(phase=Phase.STATUS)
    with pytest.raises(ValueError, match="WrongApplication changes nothing in phase list"):
        WrongApplication(phase=Phase.LIST)


def test_the_list_of_faults_leaves_none_out() -> None:
    exported = [getattr(simulated, name) for name in simulated.__all__]
    faults = {thing for thing in exported if isinstance(thing, type) and issubclass(thing, Fault)}
    assert faults - {Fault} == set(simulated.FAULTS)


@every_phase
async def test_a_stopped_server_ends_what_it_was_sending(
    client: Client, radarr: SimulatedArr, phase: Phase
) -> None:
    radarr.fault = Stall(at=0.5, seconds=60)
    async with client.ask(radarr, PATHS[phase]) as response:
        begin = time.perf_counter()
        await radarr.stop()
        assert time.perf_counter() - begin < 2
        with pytest.raises(ClientError):
            await response.read()


async def test_faults_strike_every_dialect(client: Client) -> None:
    async with SimulatedArr(SimulatedLibrary(SONARR, size=10), url_base="/sonarr") as arr:
        arr.fault = ShortenedList(keep=0.5)
        listed: list[Any] = await client.json(arr, "/api/v3/series")
        assert len(listed) == 5
        arr.fault = LoginRedirect()
        reply = await client.get(arr, "/api/v3/series")
        assert reply.headers["Location"] == "/sonarr/login?returnUrl=/sonarr/api/v3/series"
        arr.fault = ServerError(status=503)
        assert b"Sonarr is starting up" in (await client.get(arr, "/api/v3/series")).body
