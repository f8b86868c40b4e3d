"""Why one item is in the state that it is in, and what would change that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from trailarrd.concurrency import in_thread
from trailarrd.disk.inspection import Survey, survey
from trailarrd.disk.roots import Roots
from trailarrd.disk.trust import NO_HISTORY, past
from trailarrd.disk.view import DiskView
from trailarrd.documents import media, to_second
from trailarrd.documents.connections import Mapping
from trailarrd.domain.keys import file_hash
from trailarrd.domain.monitoring import MonitorMode, MonitorReason, TrailerState, row_of
from trailarrd.domain.paths import LocalPath, PathMapper, PathMapping, is_below, parent, path_on_this_host
from trailarrd.domain.plan import UNSEEN, Item, Match, Observation
from trailarrd.domain.target import NoTarget, target_of
from trailarrd.domain.times import AUTO, TimesPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trailarrd.domain.roots import RootObservation
    from trailarrd.domain.trailers import TrailerRules
    from trailarrd.store.connections import ConnectionRow
    from trailarrd.store.listing import MediaRow
    from trailarrd.store.store import Store

EVENTS: Final = 20
"""Of an item's history so many are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    store: Store
    mappings: Sequence[PathMapping]
    rules: TrailerRules
    times: TimesPolicy = AUTO
    deadline: float = 10.0

    async def explain(self, item: MediaRow, connection: ConnectionRow, now: datetime) -> media.Told:
        """What is stored of it, beside what the disk shows now.

        Raises `DatabaseError` if the database cannot be read.
        """
        mapper = PathMapper(self.mappings)
        local, mapping = mapper.to_local(item.remote_path), mapper.mapping_of(item.remote_path)
        roots = (await self.store.roots()).get(connection.name, [])
        observation, files = await self._look(item, local, roots) if local else (None, Survey())
        hidden = local is not None and await self._is_hidden(item, local, roots)
        contradicted = item.contradicted if observation is None else observation.own_file is False
        target = target_of(item, local, self.rules, contradicted=contradicted, files=files.files)
        there = None if isinstance(target, NoTarget) else target
        events = await self.store.history(limit=EVENTS, media_id=item.id)
        return media.Told(
            item=media.Item.of(item, now, self.rules),
            last_told=to_second(connection.last_success),
            removed_at=to_second(item.removed_at),
            held_since=to_second(item.held_at),
            mapping=Mapping(remote=mapping.remote, local=mapping.local) if mapping else None,
            local_path_now=local,
            trailer_now=_trailer_now(item, observation),
            counting=[media.File(file=one.path, rule=one.verdict) for one in files.counting],
            near=[
                media.NearMiss(file=one.path, rule=one.verdict, better_name=one.better_name)
                for one in files.near
            ],
            hiding=list(files.hiding),
            mode=connection.mode,
            row=row_of(item.monitor_reason, monitored=item.monitored),
            intent_at=to_second(item.intent_at),
            intent_by=item.intent_by,
            history=[media.Event.of(event) for event in events],
            would_change=_what_would_change(
                item, connection.mode or MonitorMode.NONE, observation, hidden=hidden
            ),
            trailer_target_now=there and there.path,
            not_shown_by=list(there.not_shown_by) if there else [],
        )

    async def _look(
        self, item: MediaRow, local: LocalPath, found: Sequence[RootObservation]
    ) -> tuple[Observation, Survey]:
        """As a refresh looks, and then at every file."""
        roots = [root.path for root in found]
        elsewhere = frozenset(root.path for root in found if root.is_elsewhere)
        history = NO_HISTORY._replace(elsewhere=elsewhere)
        view = DiskView(Roots(deadline=self.deadline), history, trailers=self.rules)
        await view.check_roots(roots)
        match = Match(Item(item, local), b"", trailer_hash=file_hash(item.trailer_file))
        (observation,) = await view.look([match])
        observation = observation or UNSEEN
        if observation.trailer is TrailerState.UNKNOWN:
            return observation, Survey()
        root = max((root for root in roots if is_below(local, root)), key=len, default=parent(local))
        main_file = item.main_file and path_on_this_host(item.main_file, item.remote_path)
        thread = in_thread(partial(survey, local, root, self.rules, main_file), "explain")
        await asyncio.wait({thread}, timeout=self.deadline)
        return observation, thread.result() if thread.done() else Survey()

    async def _is_hidden(self, item: MediaRow, local: LocalPath, roots: Sequence[RootObservation]) -> bool:
        """Whether the next refresh will take the folder for unchanged, by its times."""
        if not item.signature:
            return False
        view = DiskView(
            Roots(deadline=self.deadline, trust_times=self.times, host=self.store.host),
            past(roots),
            trailers=self.rules,
        )
        await view.check_roots([root.path for root in roots])
        (seen,) = await view.look([Match(Item(item, local), b"", signature=item.signature)])
        return seen is None


def _trailer_now(item: MediaRow, observation: Observation | None) -> TrailerState | None:
    if observation is None:
        return None
    if observation.own_file is False and observation.trailer is TrailerState.ABSENT:
        return item.trailer if item.trailer is TrailerState.PRESENT else TrailerState.UNKNOWN
    kept = observation.counted_before or (item.vanishing_since and observation.trailer is TrailerState.ABSENT)
    return item.trailer if kept else observation.trailer


def _what_would_change(
    item: MediaRow, mode: MonitorMode, observation: Observation | None, *, hidden: bool
) -> list[str]:
    """What would put the item into another state, the nearest first."""
    return [
        *_of_the_disk(item, observation, hidden=hidden),
        *_of_the_user(item),
        *_of_the_rule(item, mode, observation),
    ]


def _of_the_disk(item: MediaRow, observation: Observation | None, *, hidden: bool) -> list[str]:
    if item.removed_at:
        return ["its server lists it again: then it comes back with your choice and its history"]
    if item.held_at:
        return [f"trailarrd removals approve {item.connection}, or its server lists it again"]
    if (observation and observation.counted_before) or item.vanishing_since:
        return _of_the_vanishing(item, observation)
    now = _trailer_now(item, observation)
    if now not in (None, item.trailer, TrailerState.UNKNOWN):
        found = f"its trailer {now}"
        if hidden:
            turn = f"its folder's turn to be listed (disk.full_scan), which will find {found}"
            return [f"{turn}; its times hide that, so write never for it in disk.trust_times"]
        return [f"the next refresh, which will find {found}"]
    return []


def _of_the_vanishing(item: MediaRow, observation: Observation | None) -> list[str]:
    if observation and observation.counted_before:
        return ["the file that counted before is gone, or has a name that counts"]
    return [
        f"trailarrd vanished approve {item.connection}",
        "a trailer is seen again, or a refresh ten minutes later sees the item's own file without one",
    ]


def _of_the_user(item: MediaRow) -> list[str]:
    if item.removed_at or item.monitor_reason is MonitorReason.TRAILER_PRESENT:
        return []
    if item.intent is None:
        other = "unmonitor" if item.monitored else "monitor"
        return [f"trailarrd {other} {item.id}, which outranks the mode"]
    return [f"trailarrd follow {item.id}, which drops your choice: then the mode decides"]


def _of_the_rule(item: MediaRow, mode: MonitorMode, observation: Observation | None) -> list[str]:
    if item.monitor_reason is MonitorReason.TRAILER_PRESENT:
        return ["its trailer is gone: then your choice counts again, or the mode"]
    if item.monitor_reason is MonitorReason.CONTRADICTED:
        return ["its folder shows the file that its server has, or its server has none any more"]
    if item.monitor_reason is MonitorReason.NO_FILE:
        return ["its server has a file of it", f"want: {{without_file: true}} for {item.connection}"]
    if item.condition:
        return [f"another want than {item.condition} for {item.connection}, or its server says otherwise"]
    if item.monitor_reason is MonitorReason.UNDECIDED:
        return ["its folder can be seen by a refresh"]
    appeared = observation is not None and observation.trailer is TrailerState.PRESENT
    changes = ["a trailer appears in its folder"] if item.monitored and not appeared else []
    if item.monitor_reason is MonitorReason.MODE_SYNC:
        changes.append("its server's own monitored flag changes")
    if item.monitor_reason is not MonitorReason.USER:
        changes.append(f"another mode than {mode.value} for {item.connection} in trailarrd.yaml")
    return changes
