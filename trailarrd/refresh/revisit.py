"""Some items of one connection, asked for again because its server told of them.

The same line as a refresh, for a few: ask, parse, map, look, decide, plan, apply. What the whole library
alone can tell (who is gone, who has whose id now) is left to a refresh.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import structlog

from trailarrd.domain.known import KnownItems
from trailarrd.domain.paths import PathMapper
from trailarrd.domain.planner import Planner, marks_of
from trailarrd.domain.report import Outcome
from trailarrd.domain.revisit import beyond_doubt
from trailarrd.errors import DatabaseError
from trailarrd.refresh.catalogue import Catalogue
from trailarrd.refresh.refresher import look

if TYPE_CHECKING:
    from collections.abc import Collection

    from trailarrd.domain.plan import RefreshPlan
    from trailarrd.refresh.refresher import Refresher
    from trailarrd.store import RefreshStart

log = structlog.get_logger()


class _Draft(NamedTuple):
    plan: RefreshPlan
    left: int
    """Items that only the whole library can tell of."""

    @property
    def outcome(self) -> Outcome:
        return Outcome.PARTIAL if self.plan.trailers.unknown or self.left else Outcome.OK


async def revisit(refresher: Refresher, arr_ids: Collection[int]) -> bool:
    """Ask for these items again and store what changed; whether nothing is left to a whole refresh.

    Waits while anybody refreshes the connection. A server that cannot be asked changes nothing.

    Raises:
        DatabaseError: the database cannot be used; whatever was there before still is.
    """
    store, connection = refresher.store, refresher.connection
    async with store.refresh_lock(connection.name, on_wait=refresher.log_wait):
        start = await store.begin_revisit(connection, len(arr_ids), at=refresher.clock())
        try:
            draft = await _plan(refresher, start, arr_ids)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001  # the refresh that follows tells the user of it
            trouble = refresher.trouble_of(error)
            await store.fail_revisit(start, trouble.error, at=refresher.clock())
            return False
        return await _apply(refresher, start, draft)


async def _plan(refresher: Refresher, start: RefreshStart, arr_ids: Collection[int]) -> _Draft:
    catalogue = Catalogue(refresher.provider, refresher.api, refresher.redactor)
    mapper = PathMapper(refresher.connection.path_mappings)
    view = refresher.disk(await refresher.store.root_history(start))
    await view.check_roots(mapper.to_local(root) for root in await catalogue.root_folders())
    items = refresher.place(await catalogue.some(sorted(arr_ids)), mapper)
    known = await refresher.store.known_like(start, [marks_of(item) for item in items])
    sure, theirs = beyond_doubt(items, known)
    rules = replace(start.rules, derivation=catalogue.derivation)
    planner = Planner(KnownItems(theirs), rules, refresher.guard)
    planner.recall(sure)
    await look(sure, view)
    planner.add(sure)
    return _Draft(planner.finish(), len(arr_ids) - len(sure))


async def _apply(refresher: Refresher, start: RefreshStart, draft: _Draft) -> bool:
    counts = await refresher.store.apply_revisit(
        start, draft.plan, at=refresher.clock(), outcome=draft.outcome
    )
    log.info(
        "revisit.finished",
        connection=start.connection,
        fetched=counts.fetched,
        added=counts.added,
        updated=counts.updated,
        restored=counts.restored,
        left=draft.left,
    )
    return not draft.left
