"""What this daemon works at, as one of several of a database: takes, gives back, and answers others."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
import structlog

from trailarrd.domain.sharing import Peer, rules_in_force, shared_out
from trailarrd.errors import DatabaseError, LeaseLostError, StoppedError, TrailarrdError, summary
from trailarrd.plugin.provider import WebhookHint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from trailarrd.config import Settings
    from trailarrd.domain.report import RefreshReport
    from trailarrd.store.commits import Commits
    from trailarrd.store.errands import Errands, Request
    from trailarrd.store.peers import Peers

log = structlog.get_logger()

_BREATH: Final = 0.2
"""Seconds between two looks, however much is committed."""
_EVERY: Final = 1.0
_EVERY_IF_WOKEN: Final = 3.0
"""Seconds to the next look where nothing wakes us, and where news does."""


class Worker(Protocol):
    """Who works at a connection: see `trailarrd.daemon.poller.Poller`."""

    @property
    def is_over(self) -> bool: ...

    @property
    def note(self) -> dict[str, Any]: ...

    def retire(self) -> None: ...

    def request(self) -> Awaitable[RefreshReport]: ...

    async def revisit(self, arr_ids: Collection[int]) -> None: ...


class Team(Protocol):
    """Those who work for this daemon."""

    @property
    def workers(self) -> Mapping[str, Worker]:
        """By their connections."""

    async def work_at(self, connections: frozenset[str]) -> None:
        """Begin at these, and end at all others."""

    def hear(self, connection: str, hint: WebhookHint) -> None:
        """What another daemon was told of one of these."""

    async def delete(self, media_id: int) -> str | None:
        """Take away the trailer of ours of an item of these; why it was not done, None if it was."""


class Shares:
    """Goes by what all daemons see, so that all come to the same; each of them takes and gives its own."""

    def __init__(self, peers: Peers, team: Team, settings: Callable[[], Settings], commits: Commits) -> None:
        self.peers = peers
        self._team = team
        self._settings = settings
        self._commits = commits
        self.living: list[Peer] = []
        """All daemons, as they were seen last."""
        self._seen_at = time.monotonic()
        self._differing: dict[str, tuple[str, str]] = {}
        self._leaving: dict[str, Worker] = {}
        self._told: object = None
        self._answering: dict[int, asyncio.Task[None]] = {}

    @property
    def known(self) -> list[Peer] | None:
        """The same; None if that is so long ago that each of them may have lost all by now."""
        is_over = time.monotonic() - self._seen_at > self.peers.ttl
        return None if is_over else self.living

    @property
    def differing(self) -> dict[str, str]:
        """Connections of which another configuration says other things: in which settings, and for whom."""
        own = rules_of(self._settings()) if self._differing else {}
        return {
            name: f"another {unlike(own.get(name, ''), digest)} than {holder}"
            for name, (digest, holder) in self._differing.items()
        }

    def note_of(self, connection: str) -> Mapping[str, Any]:
        """What the daemon that works at it tells of that; empty if none does."""
        living = self.known or ()
        return next((one.seats[connection].note for one in living if connection in one.seats), {})

    async def run(self) -> None:
        """Look whenever something was committed, and now and then, until cancelled."""
        every = min(_EVERY_IF_WOKEN if self.peers.wakeups else _EVERY, self.peers.ttl / 5)
        while True:
            news = self._commits.next
            try:
                await self.round()
            except DatabaseError as error:
                log.warning("shares.failed", error=str(error))
                await self._work_at(self.peers.held - self._leaving.keys())
                await asyncio.sleep(every)
            await asyncio.sleep(_BREATH)
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), every)

    async def round(self) -> None:
        """Take what is this daemon's and free, give back what another one should have, answer who asks."""
        await self._introduce()
        began = time.monotonic()
        self.living, errands = await self.peers.look(self.peers.held)
        self._seen_at = began
        peers = {one.id: one for one in self.living}
        if self.peers.id not in peers:
            return  # it was cut off, and is about to be one again
        self._compare(peers)
        mine = frozenset(name for name, owner in shared_out(peers).items() if owner == self.peers.id)
        taken = {name for one in self.living for name in one.seats}
        held = self.peers.held
        # Not only what is new: what was lost and has come back between two looks is begun anew.
        await self._work_at((held & mine) - self._leaving.keys())
        if free := sorted(mine - taken - held):
            await self.peers.take(free)
            self.living = await self.peers.living()
        await self._work_at((self.peers.held & mine) - self._leaving.keys())
        await self._give_back(mine)
        await self._answer(errands)
        for name, worker in self._team.workers.items():
            await self.peers.tell_of(name, worker.note)

    async def _introduce(self) -> None:
        """Tell what the configuration says, if that is news."""
        settings = self._settings()
        rules = {name: one for name, one in rules_of(settings).items() if name not in self._differing}
        knows = sorted(one.name for one in settings.connections)
        told: dict[str, Any] = {"rules": rules, "knows": knows, "differing": self.differing}
        if told != self._told and await self.peers.tell(**told):
            self._told = told

    def _compare(self, peers: Mapping[str, Peer]) -> None:
        """What another one goes by that says other things stays in force, also when that one is dead.

        A start, or the same words in both configurations, is the user's word that it is otherwise.
        """
        own, before = rules_of(self._settings()), self._differing
        force = rules_in_force(peers).items()
        found = {name: (digest, one.holder) for name, (digest, one) in force if one.id != self.peers.id}
        self._differing = {
            name: other for name, other in (before | found).items() if own.get(name, other[0]) != other[0]
        }
        for name in self._differing.keys() - before.keys():
            digest, holder = self._differing[name]
            log.warning("shares.differ", connection=name, other=holder, settings=unlike(own[name], digest))

    async def _work_at(self, names: frozenset[str]) -> None:
        workers = self._team.workers
        if workers.keys() != names:
            self._leaving |= {name: one for name, one in workers.items() if name not in names}
            await self._team.work_at(names)

    async def _give_back(self, mine: frozenset[str]) -> None:
        """What another one should have, as soon as nobody is at work at it here."""
        self._leaving = {name: worker for name, worker in self._leaving.items() if not worker.is_over}
        if given := sorted(self.peers.held - mine - self._leaving.keys()):
            await self.peers.give(given)

    async def _answer(self, errands: Errands) -> None:
        workers = self._team.workers
        if errands.hints:
            for name, hint in await self.peers.take_hints(list(workers)):
                self._team.hear(name, msgspec.convert(hint, WebhookHint))
        for one in errands.requests:
            if one.id not in self._answering and one.connection in workers:
                work = self._serve(one, workers[one.connection])
                task = self._answering[one.id] = asyncio.create_task(work, name=f"request {one.id}")
                task.add_done_callback(partial(lambda number, _: self._answering.pop(number), one.id))

    async def _serve(self, request: Request, worker: Worker) -> None:
        """What another one asked for; where it is cut short, it is left to who comes after us."""
        told: dict[str, Any] = {}
        try:
            if request.delete_of is not None:
                told = {"refused": await self._team.delete(request.delete_of)}
            elif request.arr_ids is None:
                told = {"report": msgspec.to_builtins(await worker.request())}
            else:
                await worker.revisit(request.arr_ids)
        except (StoppedError, LeaseLostError):
            return
        except TrailarrdError as error:
            told = {"error": summary(error)}
        try:
            await self.peers.answer(request.id, told)
        except DatabaseError as error:
            log.warning("shares.failed", error=str(error))


_DECIDING: Final = ("provider", "monitor", "path_mappings", "want", "trailer_guard", "removal_guard")


def rules_of(settings: Settings) -> dict[str, str]:
    """A digest of each setting that decides about items, for each connection that this daemon may work at."""
    return {one.name: ".".join(map(_digest, _rules(settings, one))) for one in settings.served}


def unlike(own: str, other: str) -> str:
    """The settings in which two of these differ."""
    pairs = zip(_DECIDING, own.split("."), other.split("."), strict=False)
    return ", ".join(name for name, one, another in pairs if one != another) or "settings"


def _rules(settings: Settings, connection: Any) -> tuple[object, ...]:
    """In the order of `_DECIDING`."""
    known = connection.connection()
    own = (known.provider, known.mode, known.path_mappings, known.want, known.trailer_guard)
    return (*own, settings.removal_guard.guard())


def _digest(value: object) -> str:
    words = msgspec.json.encode(value, order="deterministic", enc_hook=repr)
    return hashlib.sha256(words).hexdigest()[:8]
