"""This daemon as one of several of a database: loaded only where there can be more than one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trailarrd.daemon.distant import DistantPoller, HintRelay
from trailarrd.daemon.shares import Shares
from trailarrd.daemon.supervisor import Service, at_once

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping

    from trailarrd.daemon.poller import Poller
    from trailarrd.daemon.push import PushSources
    from trailarrd.runtime.runtime import Runtime
    from trailarrd.store.peers import Peers


class Team:
    """What it works at itself, and the ways to what others do."""

    def __init__(
        self,
        runtime: Runtime,
        peers: Peers,
        push: PushSources,
        pollers: Callable[[], Mapping[str, Poller]],
        follow: Callable[[], Awaitable[None]],
        delete: Callable[[int], Coroutine[Any, Any, str | None]],
    ) -> None:
        """`pollers` are those that run, `follow` begins and ends some as `connections` says.

        `delete` takes away the trailer of ours of an item, or says why not.
        """
        self._runtime = runtime
        self._peers = peers
        self._pollers = pollers
        self._follow = follow
        self.hear = push.hear
        self._delete = delete
        self.shares = Shares(peers, self, lambda: runtime.settings, runtime.store.commits)
        self.relay = HintRelay(peers)
        push.relay = self.relay.add
        self.connections: frozenset[str] = frozenset()
        """Those that this daemon works at."""
        self._asking: set[asyncio.Task[Any]] = set()

    @property
    def workers(self) -> Mapping[str, Poller]:
        return self._pollers()

    async def delete(self, media_id: int) -> str | None:
        return await self._delete(media_id)

    async def work_at(self, connections: frozenset[str]) -> None:
        self.connections = connections
        await self._follow()

    def pollers(self) -> dict[str, Poller | DistantPoller]:
        """Of all connections, in the order of trailarrd.yaml."""
        own, store = self._pollers(), self._runtime.store
        return {
            name: own.get(name) or DistantPoller(name, slot, self.shares, store, self._asking)
            for name, slot in self._runtime.slots.items()
        }

    def services(self) -> Iterator[Service]:
        """The last ones that are begun, as the first changes what runs."""
        if wakeups := self._peers.wakeups:
            heard = self._runtime.store.commits.note
            yield Service(name="wakeups", run=at_once(lambda: wakeups.run(heard)))
        yield Service(name="hint relay", run=at_once(self.relay.run))
        yield Service(name="shares", run=at_once(self.shares.run))
