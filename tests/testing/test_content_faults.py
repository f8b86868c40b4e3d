"""Answers that look right and say something else, seen from the client's side."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import TYPE_CHECKING

import pytest

from trailarrd.testing import (
    RADARR,
    BrokenJson,
    BrokenRecord,
    CompactJson,
    CutGzip,
    EmptyList,
    Phase,
    ShortenedList,
    SimulatedArr,
    SimulatedLibrary,
    TrailingGarbage,
    WrongApplication,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.testing.conftest import Client

PATHS = {
    Phase.STATUS: "/api/v3/system/status",
    Phase.ROOT_FOLDERS: "/api/v3/rootfolder",
    Phase.LIST: "/api/v3/movie",
    Phase.ITEM: "/api/v3/movie/3",
}

every_document = pytest.mark.parametrize("phase", list(PATHS))
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


async def test_lists_can_be_empty_or_short_and_are_valid_all_the_same(
    client: Client, radarr: SimulatedArr
) -> None:
    whole = json.loads(await good(client, radarr, PATHS[Phase.LIST]))
    radarr.fault = EmptyList()
    assert (await client.get(radarr, PATHS[Phase.LIST])).body == b"[]"
    assert await client.json(radarr, PATHS[Phase.ROOT_FOLDERS]) == []
    radarr.fault = ShortenedList(keep=0.25)
    assert await client.json(radarr, PATHS[Phase.LIST]) == whole[:10]


@pytest.mark.parametrize("name", ["Sonarr", None])
async def test_another_application_or_none_is_named(
    client: Client, radarr: SimulatedArr, name: str | None
) -> None:
    radarr.fault = WrongApplication(app_name=name)
    status = await client.json(radarr, PATHS[Phase.STATUS])
    assert status.get("appName") == name
    assert status["version"] == RADARR.version
    assert len(await client.json(radarr, PATHS[Phase.LIST])) == 40


async def test_one_record_is_broken_and_the_others_are_not(client: Client, radarr: SimulatedArr) -> None:
    whole = json.loads(await good(client, radarr, PATHS[Phase.LIST]))
    radarr.fault = BrokenRecord(position=-2, field="path", value=["no", "path"])
    broken = await client.json(radarr, PATHS[Phase.LIST])
    assert broken[38] == {**whole[38], "path": ["no", "path"]}
    assert broken[:38] + broken[39:] == whole[:38] + whole[39:]
    assert (await client.json(radarr, PATHS[Phase.ITEM]))["path"] == ["no", "path"]
    radarr.fault = BrokenRecord(position=0, field=None, value=None)
    assert (await client.json(radarr, PATHS[Phase.LIST]))[0] is None


@every_document
@every_place
async def test_broken_json_has_all_its_bytes_and_some_more(
    client: Client, radarr: SimulatedArr, phase: Phase, at: float
) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = BrokenJson(at=at)
    spoiled = (await client.get(radarr, PATHS[phase])).body
    assert len(spoiled) > len(body)
    assert (spoiled[:5] == body[:5], spoiled[-1:] == body[-1:]) == (at > 0, True)
    with pytest.raises(ValueError, match=r"."):
        json.loads(spoiled)


@every_document
async def test_garbage_after_the_end_leaves_the_json_whole(
    client: Client, radarr: SimulatedArr, phase: Phase
) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = TrailingGarbage(garbage=b"<p>")
    assert (await client.get(radarr, PATHS[phase])).body == body + b"<p>"


@every_document
async def test_compact_json_says_the_same_in_one_line(
    client: Client, radarr: SimulatedArr, phase: Phase
) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = CompactJson()
    compact = (await client.get(radarr, PATHS[phase])).body
    assert json.loads(compact) == json.loads(body)
    assert len(compact) < len(body)
    assert b"\n" not in compact
    assert b'": ' not in compact


@every_document
async def test_a_gzip_stream_ends_early_without_any_sign_of_it_in_the_transfer(
    client: Client, radarr: SimulatedArr, phase: Phase
) -> None:
    body = await good(client, radarr, PATHS[phase])
    radarr.fault = CutGzip(at=0.6)
    reader, writer = await asyncio.open_connection("127.0.0.1", radarr.port)
    request = (
        f"GET {PATHS[phase]} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {radarr.api_key}\r\nConnection: close\r\n\r\n"
    )
    writer.write(request.encode())
    head, _, rest = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b"Content-Encoding: gzip" in head
    assert rest.endswith(b"\r\n0\r\n\r\n")
    unpacker = zlib.decompressobj(wbits=31)
    packed = b"".join(chunks(rest))
    assert body.startswith(unpacker.decompress(packed))
    assert not unpacker.eof


def chunks(body: bytes) -> Iterator[bytes]:
    """The payloads of a chunked body."""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        yield rest[:length]
        body = rest[length + 2 :]
