"""What may stand in front of a simulated server: a proxy that lets pass who shows what it wants."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from trailarrd.testing import RADARR, Gate, SimulatedArr, SimulatedLibrary, Turned

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.testing.conftest import Client

PATH = "/api/v3/system/status"
BASIC = {"Authorization": "Basic bWU6b3Blbg=="}
"""`me` and `open`."""


@pytest.fixture
async def arr() -> AsyncIterator[SimulatedArr]:
    async with SimulatedArr(SimulatedLibrary(RADARR, size=2)) as arr:
        yield arr


@pytest.mark.parametrize(
    ("turned", "status", "content_type"),
    [
        (Turned.FORBIDDEN, 403, "text/html"),
        (Turned.UNAUTHORIZED, 401, "text/html"),
        (Turned.BASIC, 401, "text/html"),
        (Turned.PAGE, 200, "text/html"),
        (Turned.REDIRECT, 302, ""),
    ],
)
async def test_who_does_not_show_it_is_turned_away_before_the_server_hears_of_it(
    arr: SimulatedArr, client: Client, turned: Turned, status: int, content_type: str
) -> None:
    arr.gate = Gate(headers={"X-Gate": "open"}, basic=("me", "open"), turned=turned)
    for headers in ({}, {"X-Gate": "open"}, BASIC, {"X-Gate": "shut", **BASIC}):
        reply = await client.get(arr, PATH, headers=headers)
        assert (reply.status, reply.content_type) == (status, content_type)
    assert ("WWW-Authenticate" in reply.headers) is (turned is Turned.BASIC)
    assert (len(arr.turned_away), arr.requests) == (4, [])


async def test_who_shows_it_is_let_through_to_the_servers_own_question_for_the_key(
    arr: SimulatedArr, client: Client
) -> None:
    arr.gate = Gate(headers={"X-Gate": "open"}, basic=("me", "open"))
    assert (await client.get(arr, PATH, headers={"x-gate": "open", **BASIC})).status == 200
    assert (await client.get(arr, PATH, key="no", headers={**BASIC, "X-Gate": "open"})).status == 401
    assert (len(arr.requests), arr.turned_away) == (2, [])


async def test_a_redirect_leads_to_the_login_and_back(arr: SimulatedArr, client: Client) -> None:
    arr.gate = Gate(turned=Turned.REDIRECT, login="https://login.example/")
    location = (await client.get(arr, PATH)).headers["Location"]
    assert (
        location == f"https://login.example/?rd=http%3A%2F%2F127.0.0.1%3A{arr.port}{PATH.replace('/', '%2F')}"
    )


async def test_a_gate_that_wants_nothing_is_shut_and_may_open_after_a_while(
    arr: SimulatedArr, client: Client
) -> None:
    arr.gate = Gate(seconds=0.3)
    assert (await client.get(arr, PATH)).status == 403
    await asyncio.sleep(0.3)
    assert (await client.get(arr, PATH)).status == 200


def test_what_it_wants_is_not_in_its_repr() -> None:
    assert "open" not in repr(Gate(headers={"X-Gate": "open"}, basic=("me", "open")))
