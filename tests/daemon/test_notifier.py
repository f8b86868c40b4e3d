"""How people are told: once for all that happened in a while, and not more often than they like."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, cast

import pytest
from structlog.testing import capture_logs

from trailarrd.announcer import Announcer
from trailarrd.daemon.notifier import MOST_WAITING, TRIES, Notifier, Outbox, senders
from trailarrd.domain.announcement import Announcement, Topic
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.notification import Message, Policy
from trailarrd.domain.retry import Backoff
from trailarrd.domain.secret import Secret
from trailarrd.errors import ConfigError
from trailarrd.store.history import HistoryRow, News

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from trailarrd.daemon.notifier import Sender
    from trailarrd.store.store import Store

QUICK = Policy(gather=0.05)


def told(topic: Topic, title: str) -> Announcement:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Announcement(topic=topic, at=at, connection="movies", title=title)


class Quiet:
    """A store in which nothing happens."""

    async def latest_event(self) -> int:
        return 0

    async def news(self, _history_id: int, _reach: int | None = None) -> News:
        return News([], [], {}, 0)


class Eventful(Quiet):
    """One in which five items were added."""

    async def latest_event(self) -> int:
        return 5

    async def news(self, history_id: int, _reach: int | None = None) -> News:
        at = datetime(2026, 3, 1, 12, tzinfo=UTC)
        rows = [
            HistoryRow(number, at, "movies", number, number, f"Film {number}", HistoryEvent.ADDED, {}, 1)
            for number in range(history_id + 1, 6)
        ]
        return News(rows, [], {}, max(history_id, 5))


@dataclass
class Note:
    """Where a notifier before us has ended."""

    last: int | None = None

    async def read(self) -> int | None:
        return self.last

    async def write(self, last: int) -> None:
        self.last = last


@dataclass
class Post:
    """Takes messages, unless it fails; announces what it is told to."""

    announcer: Announcer = field(default_factory=lambda: Announcer(cast("Store", Quiet())))
    failures: int = 0
    sent: list[Message] = field(default_factory=list)
    tries: int = 0

    async def send(self, message: Message) -> bool:
        self.tries += 1
        if self.failures:
            self.failures -= 1
            return False
        self.sent.append(message)
        return True

    def announce(self, *announcements: Announcement) -> None:
        for subscription in self.announcer._subscriptions:
            subscription.put(announcements)

    async def until_sent(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.sent) < count:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def telling(
    post: Post, policy: Policy = QUICK, more: Sequence[Sender] = (), bookmark: Note | None = None
) -> AsyncIterator[None]:
    backoff = Backoff(0.001, 0.064)
    notifier = Notifier(post.announcer, [post.send, *more], policy, backoff=backoff, bookmark=bookmark)
    running = asyncio.create_task(notifier.run())
    while not post.announcer._subscriptions:
        await asyncio.sleep(0)
    yield
    running.cancel()
    await asyncio.wait({running})


async def test_what_happens_in_a_while_is_one_message() -> None:
    post = Post()
    async with telling(post):
        post.announce(told(HistoryEvent.ADDED, "Alpha"))
        await asyncio.sleep(0.01)
        post.announce(told(HistoryEvent.ADDED, "Beta"))
        await post.until_sent(1)
        post.announce(told(HistoryEvent.REMOVED, "Alpha"))
        await post.until_sent(2)
    assert [message.title for message in post.sent] == ["trailarrd: 2 added", "trailarrd: 1 removed"]


async def test_who_tells_after_another_one_goes_on_where_that_has_ended() -> None:
    post, note = Post(Announcer(cast("Store", Eventful()))), Note(last=3)
    async with telling(post, bookmark=note):
        await post.until_sent(1)
        assert note.last == 5
        post.announce(replace(told(HistoryEvent.ADDED, "Film 5"), history_id=5))
        post.announce(replace(told(HistoryEvent.REMOVED, "Film 1"), history_id=6))
        await post.until_sent(2)
    assert note.last == 6
    assert [message.title for message in post.sent] == ["trailarrd: 2 added", "trailarrd: 1 removed"]


async def test_who_tells_once_more_repeats_nothing_that_another_one_has_told_in_between() -> None:
    post, note = Post(Announcer(cast("Store", Eventful()))), Note(last=3)
    notifier = Notifier(post.announcer, [post.send], QUICK, bookmark=note)
    for last in (3, 4):
        note.last = last
        running = asyncio.create_task(notifier.run())
        while not notifier._digest:
            await asyncio.sleep(0)
        if last == 4:
            await post.until_sent(1)
        running.cancel()
        await asyncio.wait({running})
    assert [message.body for message in post.sent] == ["movies: Film 5 is new"]


async def test_the_first_one_that_tells_begins_now() -> None:
    post, note = Post(Announcer(cast("Store", Eventful()))), Note()
    async with telling(post, bookmark=note):
        await asyncio.sleep(0.1)
    assert (post.sent, note.last) == ([], 5)


async def test_what_nobody_wants_to_hear_is_not_told() -> None:
    post = Post()
    async with telling(post):
        post.announce(told(HistoryEvent.UPDATED, "Alpha"), told(HistoryEvent.MONITORED, "Alpha"))
        await asyncio.sleep(0.1)
        post.announce(told(HistoryEvent.UPDATED, "Alpha"), told(HistoryEvent.ADDED, "Beta"))
        await post.until_sent(1)
    assert [message.title for message in post.sent] == ["trailarrd: 1 added"]


async def test_beyond_so_many_messages_an_hour_news_waits() -> None:
    post = Post()
    async with telling(post, Policy(gather=0.01, most_per_hour=2)):
        for number in range(5):
            post.announce(told(HistoryEvent.ADDED, f"Film {number}"))
            await asyncio.sleep(0.1)
    assert len(post.sent) == 2


async def test_a_message_that_fails_is_sent_again_for_a_while() -> None:
    post = Post(failures=TRIES - 1)
    with capture_logs() as logs:
        async with telling(post):
            post.announce(told(HistoryEvent.ADDED, "Alpha"))
            await post.until_sent(1)
    assert post.tries == TRIES
    assert [line["event"] for line in logs] == ["notify.delayed"]


async def test_a_message_that_fails_for_too_long_is_given_up_and_the_next_one_sent() -> None:
    post = Post(failures=TRIES)
    with capture_logs() as logs:
        async with telling(post):
            post.announce(told(HistoryEvent.ADDED, "Alpha"))
            await asyncio.sleep(0.1)
            post.announce(told(HistoryEvent.REMOVED, "Beta"))
            await post.until_sent(1)
    assert [message.title for message in post.sent] == ["trailarrd: 1 removed"]
    assert [(line["event"], line["to"]) for line in logs] == [
        ("notify.delayed", "notify.urls[0]"),
        ("notify.failed", "notify.urls[0]"),
    ]


async def test_one_service_that_fails_makes_no_other_tell_it_twice_or_late() -> None:
    post, broken = Post(), Post(failures=100)
    with capture_logs() as logs:
        async with telling(post, more=[broken.send]):
            post.announce(told(HistoryEvent.ADDED, "Alpha"))
            await post.until_sent(1)
            post.announce(told(HistoryEvent.ADDED, "Beta"))
            await post.until_sent(2)
            assert broken.tries < TRIES
    assert post.tries == 2
    assert {line["to"] for line in logs} == {"notify.urls[1]"}


async def test_of_too_many_that_wait_the_oldest_is_lost_and_what_is_left_at_the_end_is_told() -> None:
    outbox = Outbox("notify.urls[0]", Post(failures=100).send)
    with capture_logs() as logs:
        for number in range(MOST_WAITING + 1):
            outbox.put(Message(str(number), ""))
        running = asyncio.create_task(outbox.run())
        await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait({running})
    lost = [(line["message"], line["reason"]) for line in logs if line["event"] == "notify.failed"]
    stopped = "not sent when it was stopped"
    assert lost == [("0", "more than 20 wait"), *((str(number), stopped) for number in range(1, 21))]


class Service(BaseHTTPRequestHandler):
    """A service as apprise's `json://` speaks to it."""

    bodies: list[bytes]

    def do_POST(self) -> None:  # the library's name
        type(self).bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[tuple[str, list[bytes]]]:
    class Mine(Service):
        bodies: list[bytes] = []  # noqa: RUF012  # one for each test

    server = HTTPServer(("127.0.0.1", 0), Mine)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/hook", Mine.bodies
    server.shutdown()
    server.server_close()
    thread.join()


async def test_apprise_sends_it(service: tuple[str, list[bytes]]) -> None:
    url, bodies = service
    (send,) = senders([Secret(url)])
    assert await send(Message("trailarrd: 1 added", "movies: Alpha is new"))
    (body,) = bodies
    assert b'"title": "trailarrd: 1 added"' in body
    assert b'"message": "movies: Alpha is new"' in body


async def test_a_service_that_is_not_there_is_a_failure_and_no_address_is_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    (send,) = senders([Secret("json://user:the-password@127.0.0.1:9/hook")])
    with caplog.at_level("DEBUG"):
        assert not await send(Message("title", "body"))
    assert "the-password" not in caplog.text + "".join(capfd.readouterr())


def test_an_address_that_means_nothing_is_a_mistake_that_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        senders([Secret("ntfy://topic"), Secret("nonsense://secret")])
    assert "notify.urls[1]" in str(caught.value)
    assert "secret" not in str(caught.value)
