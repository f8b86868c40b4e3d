"""Server-sent events: what happens, as it happens, and from where somebody stopped listening."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trailarrd.announcer import Subscription
from trailarrd.domain.announcement import Announcement, ConnectionEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    import pytest

    from tests.web.conftest import Client, Stage


@dataclass
class Heard:
    """One event as a browser understands it."""

    event: str = "message"
    id: str | None = None
    data: Any = None
    comments: list[str] = field(default_factory=list)


@dataclass
class Ear:
    """Reads a stream."""

    answer: aiohttp.ClientResponse

    async def next(self) -> Heard:
        """The next block of lines."""
        heard = Heard()
        async with asyncio.timeout(20):
            while line := (await self.answer.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                match name:
                    case "event":
                        heard.event = value
                    case "id":
                        heard.id = value
                    case "data":
                        heard.data = json.loads(value)
                    case "":
                        heard.comments.append(value)
        return heard

    async def until(self, event: str) -> Heard:
        """The next event of that name."""
        while (heard := await self.next()).event != event:
            assert not self.answer.content.at_eof()
        return heard


@asynccontextmanager
async def listening(client: Client, **headers: str) -> AsyncIterator[Ear]:
    told = {**client.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with client.session.get(f"{client.url}/api/v1/events", headers=told) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        yield Ear(answer)


async def test_what_happens_is_told_with_the_number_of_the_history(stage: Stage, owner: Client) -> None:
    async with listening(owner) as ear:
        await ear.next()
        await owner.ask("PUT", "media/1/intent", json={"intent": False})
        heard = await ear.until("intent-set")
    newest = (await owner.get("history", event="intent-set")).document["items"][0]
    assert heard.id == str(newest["number"])
    assert heard.data == {
        "topic": "intent-set",
        "at": newest["at"],
        "connection": newest["connection"],  # whichever of the two was stored first
        "id": 1,
        "title": newest["title"],
        "detail": newest["detail"],
    }


async def test_a_connection_that_goes_down_and_comes_back_is_told(stage: Stage, client: Client) -> None:
    async with listening(client) as ear:
        await ear.next()
        await stage.household.movies.server.stop()
        await stage.daemon.pollers["movies"].request()
        down = await ear.until("connection-down")
        await stage.household.movies.server.start()
        await stage.daemon.pollers["movies"].request()
        back = await ear.until("connection-back")
    assert (down.data["connection"], back.data["connection"]) == ("movies", "movies")
    assert (down.id, back.id) == (None, None)


async def test_the_last_event_id_goes_on_where_somebody_stopped(stage: Stage, client: Client) -> None:
    numbers = [event["number"] for event in (await client.get("history")).document["items"]][::-1]
    async with listening(client, Last_Event_ID=str(numbers[1])) as ear:
        told = [await ear.next() for _ in range(len(numbers) - 1)]
    assert [heard.id for heard in told[1:]] == [str(number) for number in numbers[2:]]


async def test_a_new_listener_is_told_only_where_it_stands(stage: Stage, client: Client) -> None:
    newest = (await client.get("history")).document["items"][0]["number"]
    async with listening(client) as ear:
        first = await ear.next()
    assert (first.id, first.data) == (str(newest), None)


async def test_an_id_that_is_newer_than_everything_means_that_something_was_missed(client: Client) -> None:
    async with listening(client, Last_Event_ID="123456789") as ear:
        assert (await ear.until("missed")).data == {"count": None}


async def test_an_id_that_is_no_number_is_refused(client: Client) -> None:
    answer = await client.saying(Last_Event_ID="yesterday").get("events")
    assert (answer.status, answer.document["errors"][0]["where"]) == (422, "header.Last-Event-ID")


async def test_silence_is_broken_by_a_heartbeat(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trailarrd.web.api.events.HEARTBEAT", 0.05)
    async with listening(client) as ear:
        await ear.next()
        assert (await ear.next()).comments == ["still here"]


async def test_a_listener_who_is_too_slow_is_told_how_many_he_missed(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = stage.daemon.asked().clock()
    crowd = [
        Announcement(topic=ConnectionEvent.REFRESHED, at=at, connection=str(number)) for number in range(12)
    ]
    monkeypatch.setattr(Subscription.__init__, "__defaults__", (5,))
    async with listening(client) as ear:
        await ear.next()
        (subscription,) = stage.daemon.announcer._subscriptions
        assert isinstance(subscription, Subscription)
        subscription.put(crowd)
        assert (await ear.until("missed")).data == {"count": 7}
        assert [(await ear.next()).data["connection"] for _ in range(5)] == ["7", "8", "9", "10", "11"]


async def test_a_stream_ends_at_once_when_the_server_stops(stage: Stage) -> None:
    async with stage.client() as client:
        answer = await stage.session.get(f"{client.url}/api/v1/events")
        await answer.content.readline()
        began = time.monotonic()
    assert time.monotonic() - began < 1.5
    assert (await answer.content.read()).endswith(b"\n\n")


async def test_a_revoked_key_ends_its_stream(
    stage: Stage, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.web.authentication._AGE", 0.0)
    monkeypatch.setattr("trailarrd.web.api.events.HEARTBEAT", 0.05)
    await stage.key("another")
    async with listening(owner) as ear, asyncio.timeout(20):
        await ear.next()
        await stage.daemon.store.revoke_api_key("test")
        await ear.answer.content.read()


async def test_without_a_key_that_reads_nobody_listens(stage: Stage, client: Client) -> None:
    await stage.key()
    assert (await client.get("events")).status == 401


async def test_who_leaves_makes_room_for_another(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trailarrd.web.api.events._GLANCE", 0.02)
    async with stage.client(streams=1) as client:
        async with listening(client):
            assert (await client.get("events")).status == 503
        await asyncio.sleep(0.2)  # the server sees that the line is closed
        async with listening(client) as ear:
            assert (await ear.next()).id


async def test_a_thousand_changes_at_once_are_one_to_look_again(stage: Stage, client: Client) -> None:
    at, after = "2026-03-01 12:00:00.000000", (await client.get("history")).document["items"][0]["number"]
    async with listening(client) as ear:
        await ear.next()
        stage.household.database.sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)"
            " INSERT INTO history (at, connection, media_id, arr_id, title, event, detail, refresh_id)"
            f" SELECT '{at}', 'movies', 1, 1, 'Alpha',"
            " CASE WHEN i = 1 THEN 'removed' ELSE 'added' END, '{}', 99 FROM n"
        )
        heard = await ear.until("missed")
    assert heard.id == str(after + 1200)
    assert heard.data == {
        "count": 1200,
        "connection": "movies",
        "after": after,
        "counts": {"added": 1199, "removed": 1},
    }
    async with listening(client, Last_Event_ID=str(after)) as ear:
        assert (await ear.until("missed")).id == heard.id
