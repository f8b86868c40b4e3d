"""The ear of a connection: it hands on what it hears, and comes back after every loss."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from structlog.testing import capture_logs

from trailarrd.daemon.listener import Listener, Patience
from trailarrd.domain.retry import Backoff
from trailarrd.domain.secret import Redactor, Secret
from trailarrd.errors import ProviderRejectedError, ProviderResponseError, ProviderUnavailableError
from trailarrd.plugin import WebhookHint

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from trailarrd.daemon.debouncer import Debouncer

KEY = "a key that must not be seen"
CONNECTED = WebhookHint(event="connected", whole=True)
LOST = ProviderUnavailableError("the hub closed the connection")
NO_HUB = ProviderResponseError("the hub answers a web socket with HTTP 400")
QUICK = Patience(backoff=Backoff(0.001, 300.0), most_losses=100, refused=0.01)


def brief(times: int) -> list[list[WebhookHint | Exception]]:
    """So many connections that are lost as soon as they are there, and one that stays."""
    lost: list[list[WebhookHint | Exception]] = [[CONNECTED, LOST] for _ in range(times)]
    return [*lost, [CONNECTED]]


def about(arr_id: int) -> WebhookHint:
    return WebhookHint(event="movie updated", arr_ids=frozenset({arr_id}))


@dataclass
class Lists:
    """In place of a poller: when its last list began, and whether the server refuses us."""

    listed: float | None = None
    is_refused: bool = False


@dataclass
class Feed:
    """Plays its script, one connection after the other; at its end the server stays silent."""

    script: list[list[WebhookHint | Exception]]
    poller: Lists = field(default_factory=Lists)
    taken: list[WebhookHint] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    closed: int = 0

    async def __call__(self) -> AsyncGenerator[WebhookHint, None]:
        try:
            for word in self.script.pop(0) if self.script else []:
                if isinstance(word, Exception):
                    raise word
                yield word
            if not self.script:
                self.over.set()
                await asyncio.Event().wait()
        finally:
            self.closed += 1

    def add(self, hint: WebhookHint) -> None:
        self.taken.append(hint)


async def play(feed: Feed, patience: Patience = QUICK) -> Listener:
    """Listen to the whole script, and stop."""
    listener = Listener("movies", feed, cast("Debouncer", feed), Redactor([Secret(KEY)]), patience)
    running = asyncio.create_task(listener.run())
    await asyncio.wait_for(feed.over.wait(), 10)
    await asyncio.sleep(0)
    assert listener.tried.is_set()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return listener


def events(logs: list[Any]) -> list[tuple[str, str]]:
    return [(line["event"], line["log_level"]) for line in logs]


async def test_hints_are_handed_on_in_their_order() -> None:
    feed = Feed([[CONNECTED, about(1), about(2)]])
    await play(feed)
    assert feed.taken == [about(1), about(2)]


async def test_a_list_that_begins_after_the_greeting_has_all_that_was_before() -> None:
    """So none is asked for: neither while the first is still to come, nor after one that came since."""
    for listed in (None, 2**40):
        feed = Feed([[CONNECTED, about(1), LOST], [CONNECTED]], Lists(listed))
        await play(feed)
        assert feed.taken == [about(1)]


async def test_a_hub_that_greets_after_the_list_was_asked_for_costs_one_more() -> None:
    feed = Feed([[CONNECTED]], Lists(listed=0.0))
    await play(feed)
    assert feed.taken == [CONNECTED]
    assert feed.taken[-1].whole


async def test_lost_hubs_cost_one_list_and_then_no_more_for_a_while() -> None:
    feed = Feed(brief(5), Lists(listed=0.0))
    await play(feed)
    assert feed.taken.count(CONNECTED) == 1
    feed = Feed(brief(5), Lists(listed=0.0))
    await play(feed, replace(QUICK, between_lists=0.0))
    assert feed.taken.count(CONNECTED) == 6


async def test_a_list_whose_turn_comes_later_is_asked_for_then() -> None:
    feed = Feed(brief(3), Lists(listed=0.0))
    listener = Listener(
        "movies", feed, cast("Debouncer", feed), Redactor(()), replace(QUICK, between_lists=0.2)
    )
    running = asyncio.create_task(listener.run())
    async with asyncio.timeout(5):
        while feed.taken.count(CONNECTED) < 2:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    assert feed.taken == [CONNECTED, CONNECTED]


async def test_where_there_is_no_hub_that_is_told_once_and_tried_again_seldom() -> None:
    feed = Feed([[NO_HUB], [NO_HUB], [LOST], [NO_HUB], [NO_HUB], []])
    with capture_logs() as logs:
        listener = await play(feed, replace(QUICK, long_wait=0.01))
    assert events(logs) == [("live.unavailable", "info")]
    assert listener.unheard == "the hub answers a web socket with HTTP 400"


async def test_a_hub_that_was_heard_is_not_given_up_for_what_is_in_front_of_it_for_a_moment() -> None:
    feed = Feed([[CONNECTED, LOST], [NO_HUB], [NO_HUB], [CONNECTED]])
    with capture_logs() as logs:
        await play(feed, replace(QUICK, long_wait=20.0))
    assert [name for name, _ in events(logs)] == ["live.connected", "live.lost", "live.back"]


async def test_a_hub_that_is_lost_three_times_within_an_hour_is_left_alone_for_as_long() -> None:
    feed = Feed(brief(6))
    began = asyncio.get_running_loop().time()
    with capture_logs() as logs:
        await play(feed, replace(QUICK, most_losses=3, long_wait=0.1))
    assert events(logs) == [
        ("live.connected", "info"),
        ("live.lost", "warning"),
        ("live.back", "info"),
        ("live.unavailable", "info"),
    ]
    assert "lost again and again: the hub closed" in logs[-1]["error"]
    assert asyncio.get_running_loop().time() - began >= 4 * 0.8 * 0.1


async def test_a_server_that_refuses_us_is_left_to_whoever_asks_it_then() -> None:
    feed = Feed([[ProviderRejectedError("401")], [CONNECTED]], Lists(is_refused=True))
    playing = asyncio.create_task(play(feed))
    await asyncio.sleep(0.1)
    assert feed.closed == 1
    feed.poller.is_refused = False
    assert (await playing).tried.is_set()


async def test_a_feed_that_just_ends_is_lost_too() -> None:
    feed = Feed([[CONNECTED], [CONNECTED]])
    with capture_logs() as logs:
        await play(feed)
    assert [line["event"] for line in logs] == ["live.connected", "live.lost", "live.back"]


async def test_a_server_that_greets_and_is_gone_at_once_is_waited_for_ever_longer() -> None:
    began = asyncio.get_running_loop().time()
    await play(Feed(brief(5)), replace(QUICK, backoff=Backoff(0.01, 300.0)))
    waited = asyncio.get_running_loop().time() - began
    assert waited >= 0.8 * 0.01 * (1 + 2 + 4 + 8 + 16)


async def test_a_server_that_was_heard_for_long_is_asked_again_soon() -> None:
    async with asyncio.timeout(5):  # doubled each time, this would take 10 s
        await play(Feed(brief(10)), replace(QUICK, backoff=Backoff(0.01, 300.0), steady=0.0))


async def test_lost_and_back_are_said_once_however_many_tries_are_between() -> None:
    feed = Feed([[CONNECTED, LOST], [LOST], [LOST], [LOST], [CONNECTED]])
    with capture_logs() as logs:
        await play(feed)
    assert [line["event"] for line in logs] == ["live.connected", "live.lost", "live.back"]


async def test_a_plugin_that_fails_is_a_loss_like_any_other_and_no_key_is_seen() -> None:
    feed = Feed([[RuntimeError(f"no way with {KEY}")], [ProviderRejectedError(KEY)], [CONNECTED]])
    with capture_logs() as logs:
        await play(feed)
    assert [line["event"] for line in logs] == ["live.lost", "live.back"]
    assert logs[0]["error"] == "RuntimeError: no way with ***"


async def test_when_it_stops_it_listens_no_more() -> None:
    feed = Feed([[CONNECTED]])
    listener = await play(feed)
    assert feed.closed == 1
    assert not listener.connected
