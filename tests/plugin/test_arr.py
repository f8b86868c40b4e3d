"""What the API managers ask, and what they make of good answers: all of the library, or an error."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from trailarrd.plugin import (
    ArrServer,
    BrokenRecord,
    Limits,
    ProviderRejectedError,
    ProviderResponseError,
    Secret,
    SystemStatus,
)
from trailarrd.testing import BrokenRecord as BreakRecord
from trailarrd.testing import (
    CompactJson,
    EmptyList,
    Phase,
    Refusal,
    SimulatedArr,
    SimulatedLibrary,
    WrongApplication,
)

if TYPE_CHECKING:
    from tests.plugin.conftest import Api, Call, Connect, ErrorOf, Kind, RawServer


async def _everything(api: Api) -> list[Any]:
    return [record async for batch in api.all_media() for record in batch]


def _seen(records: list[Any]) -> list[tuple[int, str, str]]:
    return [(record.id, record.title, record.path) for record in records]


def _held(arr: SimulatedArr) -> list[tuple[int, str, str]]:
    return [(record["id"], record["title"], record["path"]) for record in arr.library.records]


# -- how it asks ----------------------------------------------------------------------------------


async def test_the_key_goes_in_its_header_and_nowhere_else(arr: SimulatedArr, api: Api, call: Call) -> None:
    await call(api)
    (asked,) = arr.requests
    assert asked.headers["X-Api-Key"] == arr.api_key
    others = [value for name, value in asked.headers.items() if name.lower() != "x-api-key"]
    assert [text for text in (asked.target, *others) if "k3y" in text] == []
    assert "Authorization" not in asked.headers


async def test_every_request_is_a_get_that_wants_json_and_never_has_the_query_h(
    arr: SimulatedArr, api: Api, call: Call
) -> None:
    await call(api)
    (asked,) = arr.requests
    assert (asked.method, asked.headers["Accept"]) == ("GET", "application/json")
    assert "h" not in asked.query


@pytest.mark.parametrize(
    ("url_base", "written"),
    [
        ("", ""),
        ("", "/"),
        ("", "//"),
        ("/arr", "/arr"),
        ("/arr", "/arr/"),
        ("/arr", "//arr"),
        ("/home/arr", "/home//arr//"),
        ("/mein büro", "/mein büro"),
    ],
)
async def test_slashes_are_joined_to_exactly_one_and_the_url_base_is_kept(
    kind: Kind, connect: Connect, call: Call, url_base: str, written: str
) -> None:
    library = SimulatedLibrary(kind.dialect, size=1)
    async with SimulatedArr(library, api_key="k", url_base=url_base) as arr:
        await call(await connect(arr.origin + written, key="k"))
        (asked,) = arr.requests
    assert asked.path.startswith(f"{url_base}/api/v3/")
    assert "//" not in asked.target


@pytest.mark.parametrize(("host", "encoding"), [("127.0.0.1", "identity"), ("nas.example", "gzip")])
async def test_a_server_elsewhere_is_asked_to_compress_and_its_answer_is_the_same(
    kind: Kind, host: str, encoding: str
) -> None:
    async with SimulatedArr(SimulatedLibrary(kind.dialect, size=30), api_key="k", gzip=True) as arr:
        connector = aiohttp.TCPConnector(resolver=_Loopback())
        async with aiohttp.ClientSession(connector=connector) as session:
            server = ArrServer(url=f"http://{host}:{arr.port}", api_key=Secret("k"))
            assert _seen(await _everything(kind.manager(session, server))) == _held(arr)
        assert arr.requests[0].headers["Accept-Encoding"] == encoding


class _Loopback(aiohttp.abc.AbstractResolver):
    """Every name is this host."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[aiohttp.abc.ResolveResult]:
        return [
            {"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}
        ]

    async def close(self) -> None:
        """Nothing is open."""


# -- who answers ----------------------------------------------------------------------------------


async def test_the_status_says_application_and_version(kind: Kind, api: Api) -> None:
    expected = SystemStatus(app_name=kind.dialect.app_name, version=kind.dialect.version)
    assert await api.system_status() == expected


@pytest.mark.parametrize("other", ["Whisparr", "Lidarr", "radarr"])
async def test_another_application_is_refused_and_both_are_named(
    arr: SimulatedArr, api: Api, error_of: ErrorOf, other: str
) -> None:
    arr.fault = WrongApplication(app_name=other)
    error = await error_of(api.system_status(), ProviderRejectedError)
    assert other in str(error)
    assert arr.library.dialect.app_name in str(error)


async def test_an_old_version_that_does_not_name_itself_is_accepted(arr: SimulatedArr, api: Api) -> None:
    arr.fault = WrongApplication(app_name=None)
    assert (await api.system_status()).version == arr.library.dialect.version


@pytest.mark.parametrize("body", ["[]", "{}", '{"appName": 3}', "null", '"ok"', '{"status": "OK"}', ""])
async def test_a_status_that_is_none_is_an_error(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], body: str
) -> None:
    async with raw_server(_json(body)) as server:
        api = await connect(server.url)
        await error_of(api.system_status(), ProviderResponseError)


def _json(body: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


# -- root folders and single items ----------------------------------------------------------------


async def test_root_folders_are_told_as_the_server_sees_them(kind: Kind, connect: Connect) -> None:
    roots = ("/data/a", "D:\\Media", "\\\\nas\\tv")
    library = SimulatedLibrary(kind.dialect, roots=roots)
    library.unreachable_roots.add("/data/a")  # it is a root folder all the same
    async with SimulatedArr(library, api_key="k") as arr:
        assert list(await (await connect(arr.url, key="k")).root_folders()) == list(roots)


async def test_root_folders_without_end_are_not_read_to_it(arr: SimulatedArr, api: Api) -> None:
    """Nobody takes so many: to read them costs whoever waits for the loop."""
    arr.library.roots[:] = [f"/data/{number}" for number in range(20_000)]
    found = list(await api.root_folders())
    assert found == arr.library.roots[: len(found)]
    assert 500 < len(found) < 5000


@pytest.mark.parametrize("body", ["{}", '[{"path": 1}]', '[{"path": "/movies"}', '[{"path": "/movies"}, 1]'])
async def test_root_folders_that_cannot_be_understood_are_an_error(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], body: str
) -> None:
    async with raw_server(_json(body)) as server:
        error = await error_of((await connect(server.url)).root_folders(), ProviderResponseError)
    assert "the answer to rootfolder cannot be used" in str(error)


async def test_a_server_without_root_folders_has_none(arr: SimulatedArr, api: Api) -> None:
    arr.library.roots.clear()
    assert list(await api.root_folders()) == []


async def test_one_item_is_asked_for_by_its_id(arr: SimulatedArr, api: Api, kind: Kind) -> None:
    record = await api.media(7)
    assert _seen([record]) == [_held(arr)[6]]
    assert arr.requests[0].path == f"{kind.list_path}/7"


async def test_an_item_is_gone_if_the_server_itself_says_so(arr: SimulatedArr, api: Api) -> None:
    arr.library.delete(7)
    assert await api.media(7) is None


async def test_a_404_without_the_servers_own_words_does_not_mean_gone(
    arr: SimulatedArr, api: Api, error_of: ErrorOf
) -> None:
    """A wrong URL base, or a proxy's page, must not look like a deletion."""
    arr.fault = Refusal(status=404)
    await error_of(api.media(1), ProviderResponseError)


async def test_a_404_page_does_not_mean_gone(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    page = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    async with raw_server(page) as server:
        await error_of((await connect(server.url)).media(1), ProviderResponseError)


async def test_a_single_item_of_the_wrong_shape_is_an_error(
    arr: SimulatedArr, api: Api, error_of: ErrorOf
) -> None:
    arr.fault = BreakRecord(phase=Phase.ITEM)
    assert "title" in str(await error_of(api.media(1), ProviderResponseError))


async def test_a_single_item_may_be_as_large_as_one_of_the_list(
    arr: SimulatedArr, connect: Connect, error_of: ErrorOf
) -> None:
    arr.library.edit(1, overview="x" * 9 * 2**20)
    assert await (await connect(arr.url)).media(1)
    strict = await connect(arr.url, limits=Limits(item_bytes=8 * 2**20))
    for asking in (strict.media(1), _everything(strict)):
        await error_of(asking, ProviderResponseError)


# -- the library ----------------------------------------------------------------------------------


async def test_the_whole_library_arrives_in_the_servers_order(arr: SimulatedArr, api: Api) -> None:
    assert _seen(await _everything(api)) == _held(arr)


@pytest.mark.slow
async def test_five_thousand_items_are_complete_in_order_and_in_batches(kind: Kind, connect: Connect) -> None:
    async with SimulatedArr(SimulatedLibrary(kind.dialect, size=5000, seed=2), api_key="k") as arr:
        batches = [batch async for batch in (await connect(arr.url, key="k")).all_media()]
    records: list[Any] = [record for batch in batches for record in batch]
    assert [record.id for record in records] == list(range(1, 5001))
    assert len(batches) > 1
    assert max(map(len, batches)) < 1000


async def test_a_list_is_asked_for_once(arr: SimulatedArr, api: Api) -> None:
    await _everything(api)
    assert [asked.phase for asked in arr.requests] == [Phase.LIST]


async def test_an_empty_library_is_a_complete_answer(arr: SimulatedArr, api: Api) -> None:
    arr.fault = EmptyList()
    assert await _everything(api) == []


async def test_json_without_white_space_is_as_good(arr: SimulatedArr, api: Api, call: Call) -> None:
    before = await call(api)
    arr.fault = CompactJson()
    assert await call(api) == before


async def test_a_server_on_windows_is_as_good(kind: Kind, connect: Connect, call: Call) -> None:
    library = SimulatedLibrary(kind.dialect, size=20, roots=("D:\\Media",))
    async with SimulatedArr(library, api_key="k") as arr:
        api = await connect(arr.url, key="k")
        assert await call(api)
        assert _seen(await _everything(api)) == _held(arr)


@pytest.mark.parametrize(
    ("position", "field", "value", "arr_id"),
    [
        (0, "title", 17, 1),
        (9, "path", None, 10),
        (-1, "title", ["x"], 20),
        (9, "id", "ten", None),
        (9, None, 17, None),
        (9, None, "text", None),
    ],
)
async def test_a_broken_record_is_named_and_all_others_are_kept(
    arr: SimulatedArr, api: Api, position: int, field: str | None, value: object, arr_id: int | None
) -> None:
    arr.fault = BreakRecord(position=position, field=field, value=value)
    records = await _everything(api)
    (broken,) = [record for record in records if isinstance(record, BrokenRecord)]
    index = position % 20
    assert (broken.position, broken.arr_id) == (index, arr_id)
    assert field is None or field in broken.reason
    held = _held(arr)
    kept = [record for record in records if not isinstance(record, BrokenRecord)]
    assert _seen(kept) == held[:index] + held[index + 1 :]


async def test_a_library_that_is_no_list_is_an_error(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    async with raw_server(_json('{"records": []}')) as server:
        await error_of(_everything(await connect(server.url)), ProviderResponseError)


async def test_cancellation_in_mid_body_passes_through_and_closes_the_connection(
    connect: Connect, raw_server: type[RawServer]
) -> None:
    items = [{"title": "T", "path": "/p", "id": number} for number in range(1, 1001)]
    half = json.dumps(items)[:-1].encode() + b","
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"
    async with raw_server(head + half) as server:
        batches = (await connect(server.url)).all_media()
        assert len(await anext(batches)) > 0
        reading = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        async with asyncio.timeout(5):
            await server.left.wait()
