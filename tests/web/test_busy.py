"""While a large library is refreshed, everybody else is answered: counted, and judged by what comes first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.web.hooks import TEST, post
from trailarrd.domain.report import Outcome
from trailarrd.testing import Phase, Stall

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage
    from trailarrd.daemon.poller import Poller

LARGE = 3000


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for health asks the database."""
    monkeypatch.setattr("trailarrd.web.health._AGE", 0.0)


@pytest.fixture
def movies(stage: Stage) -> Poller:
    """That of a connection that has become large."""
    for _ in range(LARGE):
        stage.household.movies.library.add()
    return stage.daemon.pollers["movies"]


async def arrive(poller: Poller) -> None:
    """Some of its items are there, of a refresh that is on."""
    async with asyncio.timeout(60):
        while not (poller.state.running_since and poller.state.fetched):
            await asyncio.sleep(0)


async def is_told(client: Client) -> bool:
    """Whether health is; that all is well is not said, as the simulated server is at the same event loop."""
    answer = await client.get("/health")
    issues = {one["code"] for one in answer.document["ailments"]}
    return answer.document["daemon"] is True and issues <= {"loop-lag"}


async def test_a_webhook_and_a_health_question_are_answered_during_a_large_refresh(
    client: Client, token: str, movies: Poller
) -> None:
    """The server is as quick as can be, so that nothing but us could keep anybody waiting."""
    request = movies.request()
    await arrive(movies)
    assert await post(client, token, TEST) == 200
    assert await is_told(client)
    assert await post(client, token, TEST) == 200
    state = movies.state
    assert state.running_since
    assert state.fetched < LARGE
    assert (await request).added == LARGE


async def test_a_server_that_holds_its_answer_back_holds_up_no_question_and_no_change(
    stage: Stage, client: Client, owner: Client, token: str, movies: Poller
) -> None:
    stage.household.movies.server.fault = Stall(at=0.5, seconds=600.0, phase=Phase.LIST)
    movies.request()
    await arrive(movies)
    assert await post(client, token, TEST) == 200
    assert await is_told(owner)
    assert len((await owner.get("media", connection="movies")).document["items"]) == 3
    (first, *_) = (await owner.get("media", connection="movies")).document["items"]
    assert (await owner.ask("PUT", f"media/{first['id']}/intent", json={"intent": False})).status == 200
    assert (await stage.daemon.pollers["series"].request()).outcome is Outcome.OK
    assert movies.state.running_since
    assert movies.state.fetched < LARGE
