"""All ways by which servers tell of their own accord what happens: what they post, and what we listen to."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from trailarrd.daemon.debouncer import Debouncer
from trailarrd.daemon.listener import Listener
from trailarrd.daemon.supervisor import Service, at_once
from trailarrd.doctor import Arrivals
from trailarrd.errors import summary
from trailarrd.plugin.live import feed_of
from trailarrd.plugin.provider import Provider, WebhookHint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trailarrd.daemon.poller import Poller
    from trailarrd.domain.connection import ArrServer
    from trailarrd.domain.secret import Redactor
    from trailarrd.runtime.runtime import Runtime

log = structlog.get_logger()

_GREETING: Final = 2.0
"""Seconds for which the first list waits for a hub's greeting: what came before it, the hub does not tell."""
_LARGE: Final = WebhookHint(event="too large", whole=True)


class WebhookReceiver:
    """Where one connection's events arrive: read by its provider into hints, and never a reason to fail."""

    def __init__(
        self, name: str, provider: Provider[Any], hear: Callable[[WebhookHint], None], redactor: Redactor
    ) -> None:
        self._name = name
        self._read = provider.webhook
        self._hear = hear
        self._redactor = redactor
        self.taken = 0
        """How many events have come."""
        self.refused = 0
        """How many came without the connection's token."""

    def post(self, event: Mapping[str, object] | None) -> str | None:
        """Take an event, None for one too large to be kept; what it is called, None if it cannot be read.

        Either means the whole library then.
        """
        self.taken += 1
        hint = _LARGE if event is None else self._hint(event)
        self._hear(hint or WebhookHint(event="not understood", whole=True))
        if hint is None:
            return None
        log.debug("webhook.received", connection=self._name, type=hint.event, items=len(hint.arr_ids))
        return hint.event

    def _hint(self, event: Mapping[str, object]) -> WebhookHint | None:
        try:
            if self._read is not None:
                hint = self._read(event)
                if isinstance(hint, WebhookHint):
                    return hint
            reason = "its provider reads no events"
        except Exception as error:  # noqa: BLE001  # a stranger's code, on what a stranger posted
            reason = self._redactor.clean(summary(error))
        log.warning("webhook.not_understood", connection=self._name, reason=reason)
        return None


class PushSources:
    """For each connection the hints that are gathered, and the ways by which they come."""

    def __init__(self) -> None:
        self.relay: Callable[[str, WebhookHint], None] | None = None
        """Takes hints of connections that this daemon does not work at."""
        self.receivers: dict[str, WebhookReceiver] = {}
        """By connection name."""
        self.listeners: dict[str, Listener] = {}
        """Of the connections that are `live`, where their providers can listen."""
        self._debouncers: dict[str, Debouncer] = {}
        self._servers: dict[str, tuple[Provider[Any], ArrServer]] = {}
        """What is listened to."""

    def follow(self, runtime: Runtime, pollers: Mapping[str, Poller], redactor: Redactor) -> None:
        """Belong to these pollers from now on; what is as it was goes on."""
        debouncers, listeners, servers = self._debouncers, self.listeners, self._servers
        self.receivers, self._debouncers, self.listeners, self._servers = {}, {}, {}, {}
        for connection in runtime.settings.connections:
            name, provider = connection.name, runtime.providers[connection.provider]
            if name not in pollers:
                if self.relay:
                    hear = partial(self.relay, name)
                    self.receivers[name] = WebhookReceiver(name, provider, hear, redactor)
                continue
            debouncer = debouncers.get(name)
            if debouncer is None or debouncer.poller is not pollers[name]:
                debouncer = Debouncer(pollers[name], partial(self._revisit, pollers[name]))
            self._debouncers[name] = debouncer
            self.receivers[name] = WebhookReceiver(name, provider, debouncer.add, redactor)
            if connection.live and provider.live:
                server = self._servers[name] = (provider, connection.arr_server())
                self.listeners[name] = (
                    listeners[name]
                    if servers.get(name) == server
                    else Listener(name, partial(feed_of, *server), debouncer, redactor)
                )

    def hear(self, connection: str, hint: WebhookHint) -> None:
        """What another daemon was told."""
        if debouncer := self._debouncers.get(connection):
            debouncer.add(hint)

    def arrived(self, name: str) -> Arrivals:
        """Since the connection's receiver is there."""
        receiver = self.receivers.get(name)
        return Arrivals(receiver.taken, receiver.refused) if receiver else Arrivals()

    @property
    def unheard(self) -> dict[str, str]:
        """Why the hubs cannot be heard, by the names of those connections where that is known to be so."""
        return {name: why for name, one in self.listeners.items() if (why := one.unheard) is not None}

    async def until_tried(self, name: str) -> None:
        """Wait until that connection's server is heard or cannot be, but not for long."""
        if listener := self.listeners.get(name):
            with suppress(TimeoutError):
                await asyncio.wait_for(listener.tried.wait(), _GREETING)

    def services(self) -> Iterator[Service]:
        for name, debouncer in self._debouncers.items():
            yield Service(name=f"hints {name}", run=at_once(debouncer.run), basis=debouncer)
        for name, listener in self.listeners.items():
            yield Service(name=f"listener {name}", run=at_once(listener.run), basis=listener)

    async def _revisit(self, poller: Poller, changed: frozenset[int], deleted: frozenset[int]) -> bool:
        listener = self.listeners.get(poller.name)
        heard = listener is not None and listener.hears_all
        async with poller.refresher() as refresher:
            return await refresher.revisit(changed, deleted, heard=heard)
