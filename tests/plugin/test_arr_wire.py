"""What goes wrong on the way: every broken transfer is an error in time, and never a shorter library."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from trailarrd.plugin import (
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    Timeouts,
)
from trailarrd.testing import (
    BrokenJson,
    CutGzip,
    Ending,
    Fault,
    Latency,
    Reset,
    SimulatedArr,
    SimulatedLibrary,
    Stall,
    TrailingGarbage,
    Truncated,
)

if TYPE_CHECKING:
    from tests.plugin.conftest import Api, Call, Connect, ErrorOf, Kind, RawServer
    from trailarrd.plugin import ProviderError

HASTY = Timeouts(connect=5.0, first_byte=0.1, stall=0.1)


async def test_a_server_that_is_down_is_unavailable_and_asked_again_it_answers(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    before = await call(api)
    await arr.stop()
    error = await error_of(call(api), ProviderUnavailableError)
    assert f"127.0.0.1:{arr.port}" in str(error)
    assert error.retry_after is None
    await arr.start()
    assert await call(api) == before


async def test_a_refused_connection_is_called_so(arr: SimulatedArr, api: Api, error_of: ErrorOf) -> None:
    await arr.stop()
    error = await error_of(api.system_status(), ProviderUnavailableError)
    assert str(error) == f"cannot connect to 127.0.0.1:{arr.port}: connection refused"


@pytest.mark.parametrize("at", [None, 0.0, 0.5, 0.99])
async def test_a_reset_is_unavailable_wherever_it_comes(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, at: float | None
) -> None:
    arr.fault = Reset(at=at)
    await error_of(call(api), ProviderUnavailableError)


@pytest.mark.parametrize("at", [0.0, 0.5, 0.99])
async def test_a_connection_that_ends_before_its_answer_is_unavailable(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, at: float
) -> None:
    arr.fault = Truncated(at=at, ending=Ending.CLOSED)
    await error_of(call(api), ProviderUnavailableError)


async def test_a_first_byte_that_does_not_come_in_time_is_unavailable(
    arr: SimulatedArr, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = Latency(seconds=20)
    async with asyncio.timeout(5):
        error = await error_of(call(await connect(arr.url, timeouts=HASTY)), ProviderUnavailableError)
    assert "within 0.1 s" in str(error)


async def test_a_body_that_stands_still_is_unavailable(
    arr: SimulatedArr, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = Stall(seconds=20)
    async with asyncio.timeout(5):
        error = await error_of(call(await connect(arr.url, timeouts=HASTY)), ProviderUnavailableError)
    assert "0.1 s" in str(error)


async def test_a_slow_answer_is_bounded_by_its_progress_and_not_by_a_total(
    connect: Connect, raw_server: type[RawServer]
) -> None:
    """33 bytes with 0.01 s before each take longer than any time-out, and no single one does."""
    body = b'{"appName": "", "version": "1.0"}'
    limits = Timeouts(connect=0.2, first_byte=0.2, stall=0.2)
    async with raw_server(_head(len(body)), trickle=(body, 0.01)) as server:
        api = await connect(server.url, timeouts=limits)
        started = asyncio.get_running_loop().time()
        assert (await api.system_status()).version == "1.0"
        assert asyncio.get_running_loop().time() - started > 0.2


def _head(length: int) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    return head.encode()


BROKEN: dict[str, Fault] = {
    "cut before anything": Truncated(at=0.0),
    "cut in the middle": Truncated(at=0.5),
    "cut before its last byte": Truncated(at=1.0),
    "broken in the middle": BrokenJson(at=0.5),
    "broken at the end": BrokenJson(at=0.99),
    "followed by a proxy's words": TrailingGarbage(),
    "followed by another document": TrailingGarbage(garbage=b"[]"),
    "compressed and cut in the middle": CutGzip(at=0.5),
    "compressed and cut near its end": CutGzip(at=0.8),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_an_answer_that_looks_complete_but_is_no_whole_json_cannot_be_used(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, case: str
) -> None:
    arr.fault = BROKEN[case]
    await error_of(call(api), ProviderResponseError)
    assert arr.struck == 1


@pytest.mark.parametrize("at", [0.3, 0.5, 0.9, 1.0])
async def test_a_list_that_is_cut_in_mid_record_broke_off_and_is_no_puzzle_of_positions(
    kind: Kind, connect: Connect, error_of: ErrorOf, at: float
) -> None:
    async with SimulatedArr(SimulatedLibrary(kind.dialect, size=30), api_key="k") as arr:
        arr.fault = Truncated(at=at)
        error = await error_of(_collect(await connect(arr.url, key="k"), []), ProviderResponseError)
    assert str(error).endswith("cannot be used: the answer broke off")


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Truncated, CutGzip, BrokenJson])
async def test_part_of_a_large_library_never_ends_as_if_it_were_all(
    kind: Kind, connect: Connect, error_of: ErrorOf, fault: Any
) -> None:
    """Batches may come, and then the error must."""
    async with SimulatedArr(SimulatedLibrary(kind.dialect, size=1000), api_key="k") as arr:
        arr.fault = fault(at=0.9)
        api = await connect(arr.url, key="k")
        received: list[Any] = []
        await error_of(_collect(api, received), ProviderResponseError)
    assert 0 < len(received) < 1000


async def _collect(api: Api, into: list[Any]) -> None:
    async for batch in api.all_media():
        into.extend(batch)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", ProviderResponseError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", ProviderResponseError),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: nonsense\r\n", ProviderUnavailableError),
    ],
)
async def test_what_speaks_no_http_is_an_error_of_the_contract(
    connect: Connect,
    error_of: ErrorOf,
    raw_server: type[RawServer],
    reply: bytes,
    expected: type[ProviderError],
) -> None:
    async with raw_server(reply) as server:
        await error_of((await connect(server.url, timeouts=HASTY)).system_status(), expected)


async def test_a_name_that_does_not_resolve_is_unavailable(connect: Connect, error_of: ErrorOf) -> None:
    api = await connect("http://nas.invalid:7878")
    error = await error_of(api.system_status(), ProviderUnavailableError)
    assert "nas.invalid" in str(error)


@pytest.mark.parametrize("key", ["k3y\nX-Other: 1", "k3y\r", "k3y\0", "k3y\udcff"])
async def test_a_key_that_no_header_can_hold_is_rejected(
    arr: SimulatedArr, connect: Connect, error_of: ErrorOf, key: str
) -> None:
    api = await connect(arr.url, key=key)
    error = await error_of(api.system_status(), ProviderRejectedError)
    assert "api_key" in str(error)
    assert "k3y" not in str(error)
    assert arr.requests == []
