"""`/events`: what happens, as server-sent events."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web

from trailarrd.announcer import QUEUE, Subscription, Told
from trailarrd.documents import to_second
from trailarrd.domain.announcement import TOPICS, Crowd
from trailarrd.domain.apikey import digest_of
from trailarrd.web import security, validation
from trailarrd.web.api.connections import must_be_known
from trailarrd.web.authentication import CALLER
from trailarrd.web.problem import Mistake, ProblemError
from trailarrd.web.services import SERVICES
from trailarrd.web.sessions import COOKIE

HEARTBEAT: Final = 15.0
"""Seconds of silence after which something is said, so that nobody takes the line for dead."""
_GLANCE: Final = 1.0
"""Seconds after which it is seen that a client is gone to whom there is nothing to tell."""
_PATIENCE: Final = 60.0
"""Seconds for which a client may take nothing."""
OPERATION: Final = {
    "operationId": "events",
    "summary": "What happens, as server-sent events",
    "description": (
        "A stream that does not end. With the header Last-Event-ID it goes on after that event. Each event"
        " has a JSON object with `topic`, `at`, `connection`, `id` (the item's), `title` and `detail`;"
        " `missed` has `count`, which is null if nobody knows."
    ),
    "tags": ["events"],
    "parameters": [
        {
            "name": "Last-Event-ID",
            "in": "header",
            "schema": {"type": "string", "description": "the id of the last event that came"},
        },
        {
            "name": "topics",
            "in": "query",
            "schema": {
                "type": "string",
                "description": f"these alone, with commas between: {', '.join(TOPICS)}; else all",
            },
        },
        {
            "name": "connections",
            "in": "query",
            "schema": {"type": "string", "description": "of these alone, with commas between; else of all"},
        },
    ],
    "responses": {
        "200": {"description": "OK", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    },
}
"""For openapi.json."""
Names = Annotated[str, msgspec.Meta(max_length=4000, pattern=r"^[^\x00]*$")]
_RETRY: Final = 3000
"""Milliseconds that a browser waits before it comes back."""
_LONGEST_ID: Final = 18
"""Digits; the database's own numbers have no more."""
_HEADERS: Final = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events until it has many
}


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Streams at the same time."""

    most: int = 100
    of_one: int = 8
    """Of one API key, or of one browser that has signed in."""


STREAM_LIMITS: Final = web.AppKey("stream_limits", StreamLimits)


class Streams:
    """The streams of one application; all end when it does."""

    def __init__(self) -> None:
        self._closing = asyncio.Event()
        self._text = lru_cache(QUEUE)(_text)
        """Each event is encoded once for all streams."""
        self._open: Counter[str] = Counter()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What happens, until the client leaves or the server stops.

        Each event has the history's number as its id, as far as it is about an item; with the header
        Last-Event-ID it goes on after that one.
        """
        if request.method == "HEAD":
            return web.Response(headers=_HEADERS)
        wanted = await _wanted(request)
        stream = _Stream(request, self._closing, self._text, _last_id(request), wanted)
        listener = _listener(request)
        self._admit(request, listener)
        self._open[listener] += 1
        try:
            await stream.run()
        except (TimeoutError, ConnectionError):
            pass  # the client takes nothing any more, or is gone
        finally:
            self._open -= Counter([listener])
        return stream.response

    def _admit(self, request: web.Request, listener: str) -> None:
        limits = request.app.get(STREAM_LIMITS)
        if not limits:
            return
        if self._open.total() >= limits.most:
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, f"{limits.most} streams are open already")
        if self._open[listener] >= limits.of_one:
            message = f"{limits.of_one} streams of this key are open already"
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, message, headers={"Retry-After": "60"})

    async def close(self, _application: web.Application) -> None:
        """End them all; who was listening comes back with the last id that he has."""
        self._closing.set()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which events a client asked for; None: all."""

    topics: frozenset[str] | None
    connections: frozenset[str] | None

    def has(self, one: Told) -> bool:
        if self.connections is not None and one.connection not in self.connections:
            return False
        return self.topics is None or isinstance(one, Crowd) or one.topic.value in self.topics


async def _wanted(request: web.Request) -> _Wanted:
    asked = validation.query(request.query.items(), _EventsQuery)
    topics, connections = [
        frozenset(text.split(",")) if text is not None else None for text in (asked.topics, asked.connections)
    ]
    if unknown := sorted((topics or frozenset()) - set(TOPICS)):
        message = f"no topic {unknown[0]!r}; one of: {', '.join(TOPICS)}"
        mistake = Mistake(where="query.topics", message=message, allowed=tuple(TOPICS))
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, message, mistakes=[mistake])
    for name in sorted(connections or ()):
        await must_be_known(request.app[SERVICES], name)
    return _Wanted(topics, connections)


class _EventsQuery(msgspec.Struct, frozen=True, kw_only=True):
    topics: Names | None = None
    connections: Names | None = None


class _Stream:
    """One client's."""

    def __init__(
        self,
        request: web.Request,
        closing: asyncio.Event,
        text: Callable[[Told], str],
        last: int | None,
        wanted: _Wanted,
    ) -> None:
        self.response = web.StreamResponse(headers=_HEADERS)
        self._request = request
        self._announcer = request.app[SERVICES].announcer
        self._closing = closing
        self._text = text
        self._last = last
        self._wanted = wanted
        self._missed = 0
        self._welcome_at = time.monotonic()

    async def run(self) -> None:
        async with self._announcer.subscribed() as subscription:
            latest = await self._request.app[SERVICES].store.latest_event()
            await self.response.prepare(self._request)
            await self._begin(latest)
            while not self._closing.is_set() and await self._is_welcome():
                await self._tell(subscription)
                await self._wait(subscription)

    async def _begin(self, latest: int) -> None:
        """What the client missed while it was away; the id alone tells a new one where it stands."""
        if self._last is None or self._last > latest:
            is_lost, self._last = self._last is not None, latest
            await self._write(f"retry: {_RETRY}\nid: {latest}\n\n" + _missed(None) * is_lost)
            return
        await self._write(f"retry: {_RETRY}\n\n")
        while not self._closing.is_set() and self._last < latest:
            page, last = await self._announcer.since(self._last)
            if last <= self._last:  # the history was erased meanwhile
                break
            await self._write("".join(map(self._text, filter(self._wanted.has, page))))
            self._last = last

    async def _tell(self, subscription: Subscription) -> None:
        told = subscription.drain()
        missed, self._missed = subscription.missed - self._missed, subscription.missed
        if missed:
            await self._write(_missed(missed))
        await self._send(told)

    async def _send(self, announcements: Iterable[Told]) -> None:
        """Those that the client has not heard from the history already."""
        last = self._last or 0
        fresh = [one for one in announcements if one.history_id is None or one.history_id > last]
        if text := "".join(map(self._text, filter(self._wanted.has, fresh))):
            await self._write(text)
        self._last = max([last, *(one.history_id or 0 for one in fresh)])

    async def _wait(self, subscription: Subscription) -> None:
        """Until there is something to tell, or it is time for a heartbeat, or nobody listens any more."""
        waits = [asyncio.ensure_future(one) for one in (subscription.wait(), self._closing.wait())]
        silent_since = time.monotonic()
        try:
            while time.monotonic() - silent_since < HEARTBEAT:
                done, _ = await asyncio.wait(
                    waits, timeout=min(_GLANCE, HEARTBEAT), return_when=asyncio.FIRST_COMPLETED
                )
                if done:
                    return
                if self._request.transport is None:
                    raise ConnectionResetError("the client is gone")
        finally:
            for wait in waits:
                wait.cancel()
        await self._write(": still here\n\n")

    async def _is_welcome(self) -> bool:
        """Whether the client would be let in now, too; asked now and then."""
        if time.monotonic() - self._welcome_at < HEARTBEAT:
            return True
        self._welcome_at = time.monotonic()
        return await security.is_welcome(self._request)

    async def _write(self, text: str) -> None:
        async with asyncio.timeout(_PATIENCE):
            await self.response.write(text.encode())


def _listener(request: web.Request) -> str:
    """Whose stream it is: each browser is one, by its session; else each key, or each address without any."""
    caller = request[CALLER]
    session = digest_of(request.cookies.get(COOKIE, "")) if caller.is_browser else ""
    return f"{session} {caller.name}"


def _last_id(request: web.Request) -> int | None:
    """Where the client stopped listening, if it did before."""
    text = request.headers.get("Last-Event-ID", "")
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID:
        return int(text)
    message = "the id of an event is a number"
    raise ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"Last-Event-ID: {message}",
        mistakes=[Mistake(where="header.Last-Event-ID", message=message)],
    )


def _text(one: Told) -> str:
    if isinstance(one, Crowd):
        counts = {event.value: count for event, count in one.counts.items()}
        more = {"connection": one.connection, "after": one.after, "counts": counts}
        return f"id: {one.history_id}\n{_missed(sum(counts.values()), **more)}"
    data = {
        "topic": one.topic.value,
        "at": to_second(one.at),
        "connection": one.connection,
        "id": one.media_id,
        "title": one.title,
        "detail": dict(one.detail),
    }
    number = f"id: {one.history_id}\n" if one.history_id is not None else ""
    return f"{number}event: {one.topic.value}\ndata: {msgspec.json.encode(data).decode()}\n\n"


def _missed(count: int | None, **more: object) -> str:
    """That events are not told one by one; None: nobody knows how many."""
    return f"event: missed\ndata: {msgspec.json.encode({'count': count, **more}).decode()}\n\n"
