"""The ear of a connection: it hands on what it hears, and comes back after every loss."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from structlog.testing import capture_logs

from trailarrd.daemon.listener import Listener
from trailarrd.domain.retry import Backoff
from trailarrd.domain.secret import Redactor, Secret
from trailarrd.errors import ProviderRejectedError, ProviderUnavailableError
from trailarrd.plugin import WebhookHint

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from trailarrd.daemon.debouncer import Debouncer

KEY = "a key that must not be seen"
CONNECTED = WebhookHint(event="connected", whole=True)
LOST = ProviderUnavailableError("the hub closed the connection")


def brief(times: int) -> list[list[WebhookHint | Exception]]:
    """So many connections that are lost as soon as they are there, and one that stays."""
    lost: list[list[WebhookHint | Exception]] = [[CONNECTED, LOST] for _ in range(times)]
    return [*lost, [CONNECTED]]


def about(arr_id: int) -> WebhookHint:
    return WebhookHint(event="movie updated", arr_ids=frozenset({arr_id}))


@dataclass
class Feed:
    """Plays its script, one connection after the other; at its end the server stays silent."""

    script: list[list[WebhookHint | Exception]]
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


async def play(feed: Feed, *, first_wait: float = 0.001, steady: float = 60.0) -> Listener:
    """Listen to the whole script, and stop."""
    redactor = Redactor([Secret(KEY)])
    debouncer = cast("Debouncer", feed)
    listener = Listener(
        "movies", feed, debouncer, redactor, backoff=Backoff(first_wait, 300.0), steady=steady
    )
    running = asyncio.create_task(listener.run())
    await asyncio.wait_for(feed.over.wait(), 10)
    assert listener.connected is bool(feed.taken)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return listener


async def test_hints_are_handed_on_in_their_order() -> None:
    feed = Feed([[CONNECTED, about(1), about(2)]])
    await play(feed)
    assert feed.taken == [CONNECTED, about(1), about(2)]


async def test_after_a_loss_it_listens_again_and_what_was_missed_is_asked_for() -> None:
    feed = Feed([[CONNECTED, about(1), LOST], [CONNECTED]])
    await play(feed)
    assert feed.taken == [CONNECTED, about(1), CONNECTED]
    assert feed.taken[-1].whole


async def test_a_feed_that_just_ends_is_lost_too() -> None:
    feed = Feed([[CONNECTED], [CONNECTED]])
    with capture_logs() as logs:
        await play(feed)
    assert [line["event"] for line in logs] == ["live.connected", "live.lost", "live.back"]


async def test_a_server_that_greets_and_is_gone_at_once_is_waited_for_ever_longer() -> None:
    began = asyncio.get_running_loop().time()
    await play(Feed(brief(5)), first_wait=0.01)
    waited = asyncio.get_running_loop().time() - began
    assert waited >= 0.8 * 0.01 * (1 + 2 + 4 + 8 + 16)


async def test_a_server_that_was_heard_for_long_is_asked_again_soon() -> None:
    async with asyncio.timeout(5):  # doubled each time, this would take 10 s
        await play(Feed(brief(10)), first_wait=0.01, steady=0.0)


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
