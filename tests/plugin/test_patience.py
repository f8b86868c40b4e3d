"""A large library may take its time: what bounds an answer is its progress, never a total."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from trailarrd.plugin import ProviderUnavailableError, Timeouts
from trailarrd.testing import Latency, Phase, SimulatedArr, SimulatedLibrary, Stall

if TYPE_CHECKING:
    from tests.plugin.conftest import Api, Connect, ErrorOf, Kind, RawServer

LIMITS = Timeouts(connect=0.2, first_byte=0.3, stall=0.2)


async def collect(api: Api) -> int:
    """How many records the whole library has."""
    return sum([len(batch) async for batch in api.all_media()])


async def test_a_list_that_takes_longer_than_all_time_outs_together_arrives(
    kind: Kind, connect: Connect, raw_server: type[RawServer]
) -> None:
    """150 bytes or more with 0.01 s before each of them."""
    record = json.dumps(SimulatedLibrary(kind.dialect, size=1).record(1), separators=(",", ":"))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    slow = b" " * 120 + b"]"
    whole = f"[{record}".encode() + slow
    async with raw_server(head % len(whole) + whole[: -len(slow)], trickle=(slow, 0.01)) as server:
        api = await connect(server.url, timeouts=LIMITS)
        began = asyncio.get_running_loop().time()
        assert await collect(api) == 1
        assert asyncio.get_running_loop().time() - began > 0.2 + 0.3 + 0.2


async def test_a_first_byte_may_take_longer_than_a_connection_or_a_pause(
    kind: Kind, connect: Connect
) -> None:
    limits = Timeouts(connect=0.2, first_byte=5.0, stall=0.2)
    async with SimulatedArr(SimulatedLibrary(kind.dialect, size=3), api_key="k") as arr:
        arr.fault = Latency(seconds=0.6, phase=Phase.LIST)
        assert await collect(await connect(arr.url, key="k", timeouts=limits)) == 3
        assert arr.struck == 1


@pytest.mark.parametrize(
    "fault", [Latency(seconds=20, phase=Phase.LIST), Stall(seconds=20, phase=Phase.LIST)]
)
async def test_each_pause_by_itself_is_bounded(
    kind: Kind, connect: Connect, error_of: ErrorOf, fault: Latency | Stall
) -> None:
    async with SimulatedArr(SimulatedLibrary(kind.dialect, size=3), api_key="k") as arr:
        arr.fault = fault
        api = await connect(arr.url, key="k", timeouts=LIMITS)
        async with asyncio.timeout(5):
            await error_of(collect(api), ProviderUnavailableError)


def test_the_defaults_fit_real_libraries() -> None:
    assert Timeouts() == Timeouts(connect=5.0, first_byte=120.0, stall=60.0)
