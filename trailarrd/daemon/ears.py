"""All ways by which servers tell of their own accord what happens: what they post, and what we listen to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from trailarrd.daemon.hints import Hints
from trailarrd.daemon.inbox import Inbox
from trailarrd.daemon.listener import Listener, feed_of
from trailarrd.daemon.supervisor import Service, at_once
from trailarrd.refresh.revisit import revisit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trailarrd.daemon.poller import Poller
    from trailarrd.domain.connection import ArrServer
    from trailarrd.domain.secret import Redactor
    from trailarrd.plugin.provider import Provider
    from trailarrd.runtime import Runtime


class Ears:
    """For each connection the hints that are gathered, and the ways by which they come."""

    def __init__(self) -> None:
        self.inboxes: Mapping[str, Inbox] = {}
        """By connection name."""
        self.listeners: dict[str, Listener] = {}
        """Of the connections that are `live`."""
        self._hints: dict[str, tuple[Poller, Hints]] = {}
        self._sources: dict[str, tuple[Provider[Any], ArrServer]] = {}

    def follow(self, runtime: Runtime, pollers: Mapping[str, Poller], redactor: Redactor) -> None:
        """Belong to these pollers from now on; what is as it was goes on."""
        self._hints = {name: self._hints_of(name, poller) for name, poller in pollers.items()}
        settings = {connection.name: connection for connection in runtime.settings.connections}
        self.inboxes = {
            name: Inbox(name, runtime.providers[settings[name].provider].webhook, hints, redactor)
            for name, (_, hints) in self._hints.items()
        }
        self._listen(
            {
                name: (runtime.providers[one.provider], one.arr_server())
                for name, one in settings.items()
                if one.live
            },
            redactor,
        )

    def services(self) -> Iterator[Service]:
        """All that runs."""
        for name, (_, hints) in self._hints.items():
            yield Service(name=f"hints {name}", run=at_once(hints.run), basis=hints)
        for name, listener in self.listeners.items():
            yield Service(name=f"listener {name}", run=at_once(listener.run), basis=listener)

    def _listen(self, wanted: dict[str, tuple[Provider[Any], ArrServer]], redactor: Redactor) -> None:
        kept, self.listeners = self.listeners, {}
        for name, source in wanted.items():
            if self._sources.get(name) == source:
                self.listeners[name] = kept[name]
            else:
                feed = partial(feed_of, *source)
                self.listeners[name] = Listener(name, feed, self._hints[name][1], redactor)
        self._sources = wanted

    def _hints_of(self, name: str, poller: Poller) -> tuple[Poller, Hints]:
        known = self._hints.get(name)
        if known and known[0] is poller:
            return known
        return poller, Hints(poller, partial(_revisit, poller))


async def _revisit(poller: Poller, arr_ids: frozenset[int]) -> bool:
    async with poller.refresher() as refresher:
        return await revisit(refresher, arr_ids)
