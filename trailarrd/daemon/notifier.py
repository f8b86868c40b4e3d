"""Tells people what happened, through whichever service they like, and not too often."""

from __future__ import annotations

import asyncio
import warnings
from collections import deque
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import structlog

from trailarrd.domain.announcement import Announcement
from trailarrd.domain.notification import Digest, Message, Policy
from trailarrd.domain.retry import Backoff
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence

    from trailarrd.announcer import Announcer, Subscription, Told
    from trailarrd.domain.secret import Secret

Sender: TypeAlias = "Callable[[Message], Awaitable[bool]]"

log = structlog.get_logger()

TRIES: Final = 8
"""Of one message."""
BACKOFF: Final = Backoff(first=5.0, longest=320.0)
"""Ten minutes in all."""
MOST_WAITING: Final = 20
"""Messages that are kept; beyond that the oldest is lost."""
_HOUR: Final = 3600.0
_TIMEOUT: Final = 60.0
"""Seconds that one service may take."""


class Bookmark(Protocol):
    """Up to which event people were told, for who tells them next."""

    async def read(self) -> int | None:
        """None if nobody was told anything yet."""

    async def write(self, last: int) -> None:
        """Raises `DatabaseError` if another one tells them now."""


class Notifier:
    """Sends one message for all that happened in a while; what is too much for it is counted."""

    def __init__(
        self,
        announcer: Announcer,
        senders: Sequence[Sender],
        policy: Policy,
        *,
        backoff: Backoff = BACKOFF,
        bookmark: Bookmark | None = None,
    ) -> None:
        """With a `bookmark`, it goes on where another one has ended."""
        self._bookmark = bookmark
        self._last = 0
        """The event that was told last."""
        self._announcer = announcer
        self._outboxes = [
            Outbox(f"notify.urls[{position}]", send, backoff=backoff) for position, send in enumerate(senders)
        ]
        self._policy = policy
        self._digest = Digest(policy.templates)
        self._sent: deque[float] = deque(maxlen=policy.most_per_hour)

    async def run(self) -> None:
        """Tell what happens from now on, until cancelled."""
        async with self._announcer.subscribed() as subscription, asyncio.TaskGroup() as group:
            for outbox in self._outboxes:
                group.create_task(outbox.run())
            await self._catch_up()
            while True:
                await self._gather(subscription)
                if self._bookmark:  # rather lost than told twice
                    await self._bookmark.write(self._last)
                self._post(self._digest.flush())

    async def _catch_up(self) -> None:
        """What happened after another one had ended, who has told what was gathered here before that."""
        if self._bookmark is None:
            return
        self._digest = Digest(self._policy.templates)
        last = await self._bookmark.read()
        if last is None:
            await self._bookmark.write(await self._announcer.latest())
            return
        missed, self._last = await self._announcer.since(last)
        self._add(missed)

    async def _gather(self, subscription: Subscription) -> None:
        """Until there is something to tell, its time is over, and one more message may be sent."""
        while not self._digest:
            await subscription.wait()
            self._collect(subscription)
        await asyncio.sleep(max(self._policy.gather, self._until_allowed()))
        self._collect(subscription)

    def _collect(self, subscription: Subscription) -> None:
        """But for what was told already."""
        news = [one for one in subscription.drain() if not 0 < (one.history_id or 0) <= self._last]
        self._last = max([self._last, *(one.history_id or 0 for one in news)])
        self._add(news)

    def _add(self, news: Iterable[Told]) -> None:
        topics = self._policy.topics
        for one in news:
            if isinstance(one, Announcement):
                if one.topic in topics:
                    self._digest.add(one)
                continue
            for topic, count in one.counts.items():
                if topic in topics:
                    self._digest.add_crowd(one.connection, topic, count)

    def _until_allowed(self) -> float:
        if len(self._sent) < self._policy.most_per_hour:
            return 0.0
        return self._sent[0] + _HOUR - asyncio.get_running_loop().time()

    def _post(self, message: Message) -> None:
        """To each service by itself: that one fails makes no other late, nor hear it twice."""
        self._sent.append(asyncio.get_running_loop().time())
        for outbox in self._outboxes:
            outbox.put(message)


class Outbox:
    """Sends one message after the other, each again until it has arrived or there is no point in it."""

    def __init__(self, to: str, send: Sender, *, backoff: Backoff = BACKOFF) -> None:
        self._to = to
        """Where that is, as the user can find it; never the address."""
        self._send = send
        self._backoff = backoff
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING)

    def put(self, message: Message) -> None:
        """Send it in its turn; never waits."""
        if self._waiting.full():
            self._lose(self._waiting.get_nowait(), f"more than {MOST_WAITING} wait")
        self._waiting.put_nowait(message)

    async def run(self) -> None:
        """Send until cancelled; what has not arrived by then is lost."""
        try:
            while True:
                await self._deliver(await self._waiting.get())
        finally:
            for message in self._left():
                self._lose(message, "not sent when it was stopped")

    async def _deliver(self, message: Message) -> None:
        try:
            if not await self._arrives(message):
                self._lose(message, f"{TRIES} tries failed")
        except asyncio.CancelledError:
            self._lose(message, "not sent when it was stopped")
            raise

    async def _arrives(self, message: Message) -> bool:
        for failures in range(1, TRIES):
            if await self._send(message):
                return True
            if failures == 1:
                log.info("notify.delayed", to=self._to, message=message.title)
            await asyncio.sleep(self._backoff.after(failures))
        return await self._send(message)

    def _left(self) -> Iterator[Message]:
        while not self._waiting.empty():
            yield self._waiting.get_nowait()

    def _lose(self, message: Message, reason: str) -> None:
        log.warning("notify.failed", to=self._to, message=message.title, reason=reason)


def senders(urls: Collection[Secret]) -> list[Sender]:
    """For each of these addresses what sends there through apprise; False if that failed.

    Raises:
        ConfigError: apprise is not installed, or does not know an address.
    """
    if not urls:
        return []
    with warnings.catch_warnings(action="ignore"):  # apprise imports what later versions of Python drop
        apprise = _apprise()
        return [_sender(apprise.Apprise(), position, url) for position, url in enumerate(urls)]


def _sender(service: Any, position: int, url: Secret) -> Sender:
    if not service.add(url.reveal()):
        raise ConfigError(
            f"notify.urls[{position}]: apprise does not know such an address;"
            " it lists what it knows at https://github.com/caronc/apprise/wiki"
        )

    async def send(message: Message) -> bool:
        try:
            async with asyncio.timeout(_TIMEOUT):
                return bool(await service.async_notify(title=message.title, body=message.body))
        except Exception as error:  # noqa: BLE001  # whatever a service does; its text may hold its address
            log.debug("notify.trouble", error=type(error).__name__)
            return False

    return send


def _apprise() -> Any:
    try:
        apprise = import_module("apprise")
    except ImportError:
        raise ConfigError(
            "notify.urls needs apprise, which is not installed: pip install 'trailarrd[notify]'"
        ) from None
    apprise.logger.disabled = True  # it writes addresses, with what is secret in them
    return apprise
