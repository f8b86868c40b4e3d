"""How the plan of one refresh comes about: ask, parse, map, look, decide. All of it only reads."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import msgspec

from trailarrd.concurrency import to_completion
from trailarrd.disk.view import DiskView
from trailarrd.domain.connection import Connection
from trailarrd.domain.guard import Guard
from trailarrd.domain.known import KnownItems
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath, PathMapper, RemotePath
from trailarrd.domain.plan import Item, Match, Observation, RefreshPlan
from trailarrd.domain.planner import Planner
from trailarrd.domain.quarantine import Quarantine
from trailarrd.domain.report import Meter
from trailarrd.domain.roots import RootHistory
from trailarrd.domain.rotation import ScanRotation
from trailarrd.refresh.absence import Absence, AbsenceInquiry
from trailarrd.refresh.elsewhere import lost_by_root, with_fitting_mappings
from trailarrd.refresh.library import ProviderLibrary, RecentRoots
from trailarrd.refresh.planned import PlannedRefresh
from trailarrd.refresh.scope import Scope
from trailarrd.store.filter import MediaFilter
from trailarrd.store.refreshes import RefreshStart
from trailarrd.store.spool import Buffers
from trailarrd.store.store import Store

_BREAK: Final = 0.02
"""Seconds, about what a batch takes: who shares the machine with us gets as much of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Makes the plan for what one refresh is about: the whole library, or some items of it."""

    start: RefreshStart
    connection: Connection
    store: Store
    library: Callable[[], ProviderLibrary]
    """A new one for each reading."""
    disk: Callable[[RootHistory], DiskView]
    guard: Guard
    full_scan: timedelta
    root_folders: RecentRoots
    meter: Meter
    progress: Callable[[int], None]

    async def plan(self, elsewhere: frozenset[LocalPath] | None = None) -> PlannedRefresh:
        """Ask the server, look at the disk, and work out what that changes.

        Which root folders are `elsewhere` than the library shows only in the end; until then it is taken
        from the last refresh, and if that was wrong, all of it is done once more.
        """
        start, library = self.start, self.library()
        mapper = PathMapper(self.connection.path_mappings)
        history, absence = await self.store.root_history(start), await self._absence()
        remote_roots = await self._remote_roots(library, absence)
        view = self.disk(history if elsewhere is None else history._replace(elsewhere=elsewhere))
        await view.check_roots(history.observations if start.stored else map(mapper.to_local, remote_roots))
        scope = Scope(start, self.store, library, mapper, absence.arr_ids)
        known, batches = await scope.items()
        with ExitStack() as stack:
            buffers = stack.enter_context(self.store.buffers())
            planner = self._planner(known, library, buffers)
            looked = await self._decide(planner, batches, view, library)
            plan = await self._finish(planner, library.quarantine)
            left, roots = 0, view.roots
            if start.only is None:
                if elsewhere is None and view.is_misjudged:
                    return await self.plan(view.elsewhere)
                self.meter.looked(self.connection.name, looked)
                lost = lost_by_root(view.missing, remote_roots, mapper)
                mappings = self.connection.path_mappings
                roots = await with_fitting_mappings(roots, history.observations, lost, mappings)
            else:
                plan.removals = absence.gone
                done = plan.fetched + len(absence.gone) + len(absence.settled)
                left = len(start.only) - done - await scope.unknown()
            return PlannedRefresh(plan, library.quarantine, roots, view.notes, stack.pop_all(), left)

    async def _absence(self) -> Absence:
        """What became of the items that are said to be deleted."""
        if not self.start.deleted:
            return Absence()
        return await AbsenceInquiry(self.start, self.store, self.library(), self.guard).ask()

    async def _remote_roots(self, library: ProviderLibrary, absence: Absence) -> Sequence[RemotePath]:
        """The server's root folders, unless nothing else is to be asked."""
        if self.start.stored or self.start.only == absence.arr_ids:
            return ()
        ask = self.root_folders.recent if self.start.only else self.root_folders.asked
        return list(await ask(library))

    def _planner(self, known: KnownItems, library: ProviderLibrary, buffers: Buffers) -> Planner:
        return Planner(
            known,
            replace(self.start.rules, derivation=library.derivation),
            self.guard,
            trailer_guard=self.connection.trailer_guard,
            plan=buffers.plan,
            unmatched=buffers.unmatched,
            unsettled=buffers.unsettled,
        )

    async def _decide(
        self,
        planner: Planner,
        batches: AsyncGenerator[list[Item], None],
        view: DiskView,
        library: ProviderLibrary,
    ) -> float:
        """Go through the items batch by batch; how many seconds the disk took."""
        # Some items alone are looked at because something was told of them: it is everybody's turn.
        rotation = ScanRotation(self.full_scan, self.start.last_began, self.start.began)
        looked = 0.0
        async with aclosing(batches):
            async for items in batches:
                matches = planner.match(items)
                await self.store.wait_idle(_BREAK)
                began = time.monotonic()
                observations = await _look(matches, view, rotation)
                looked += time.monotonic() - began
                planner.decide(matches, observations)
                self.progress(library.arrived)
        return looked

    async def _finish(self, planner: Planner, quarantine: Quarantine) -> RefreshPlan:
        """The plan; in a thread, as a large library that was moved takes its time to be recognised."""
        trailers = None
        if self.start.only is not None and planner.may_lose_trailers:
            present = MediaFilter(connection=self.connection.name, trailer=TrailerState.PRESENT)
            trailers = await self.store.count(present, now=self.start.began)
        sure = quarantine.all_identified
        finish = partial(planner.finish, quarantine.arr_ids, may_remove=sure, trailers=trailers)
        return await to_completion(asyncio.to_thread(finish))


async def _look(
    matches: Sequence[Match], view: DiskView, rotation: ScanRotation
) -> Sequence[Observation | None]:
    """What is to be seen of each; a folder is listed if it has changed, or in its turn."""
    turn = [
        msgspec.structs.replace(one, due=True)
        if one.signature and rotation.is_due(one.item.media.arr_id)
        else one
        for one in matches
    ]
    return await view.look(turn)
