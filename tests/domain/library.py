"""A library that is refreshed by plans alone: no server, no disk, no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from trailarrd.domain.identity import folder_mark
from trailarrd.domain.known import KnownItems
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import (
    Addition,
    Change,
    Item,
    Known,
    Observation,
    RefreshPlan,
    Rules,
    file_mark,
)
from trailarrd.domain.planner import Planner

if TYPE_CHECKING:
    from collections.abc import Iterable


MISSING, NEW, SYNC, NONE = MonitorMode.MISSING, MonitorMode.NEW, MonitorMode.SYNC, MonitorMode.NONE
ABSENT = Observation(TrailerState.ABSENT)
PRESENT = Observation(TrailerState.PRESENT, "Alien-trailer.mkv")


def item(arr_id: int = 1, observation: Observation = ABSENT, **changes: Any) -> Item:
    name = f"Film {arr_id}"
    fields: dict[str, Any] = {
        "arr_id": arr_id,
        "title": name,
        "path": RemotePath(f"/movies/{name}"),
        "monitored_remotely": True,
        "year": 1979,
        "external_ids": {"tmdb": str(1000 + arr_id)},
        "youtube_trailer_id": "LjLamj-b0I8",
        "main_file": "Alien.mkv",
    }
    media = Media(**(fields | changes))
    return Item(media, LocalPath("/mnt" + media.path), observation)


def plan_of(
    known: dict[int, Known],
    items: Iterable[Item],
    *,
    mode: MonitorMode = MISSING,
    refresh: int = 2,
    baseline: int | None = None,
    exempt: frozenset[int] = frozenset(),
    may_remove: bool = True,
) -> RefreshPlan:
    planner = Planner(KnownItems(known.values()), Rules(refresh=refresh, mode=mode, baseline=baseline))
    add(planner, items)
    return planner.finish(exempt, may_remove=may_remove)


def add(planner: Planner, items: Iterable[Item]) -> None:
    """Recall a batch and add it, with the observations and signatures that these items have."""
    batch = [replace(one) for one in items]
    signatures = [one.signature for one in batch]
    planner.recall(batch)
    for one, signature in zip(batch, signatures, strict=True):
        one.signature = signature
    planner.add(batch)


def remember(made: Addition | Change, was: Known | None, refresh: int) -> Known:
    """What the store would know of an item once it is written."""
    entry = made.entry
    kept = isinstance(made, Change) and made.keeps_file
    return Known(
        id=was.id if was else 100 + entry.media.arr_id,
        arr_id=entry.media.arr_id,
        fingerprint=made.fingerprint,
        trailer=entry.trailer,
        trailer_mark=was.trailer_mark if was and kept else file_mark(entry.trailer_file),
        intent=was.intent if was else None,
        monitored=entry.monitored,
        monitor_reason=entry.monitor_reason,
        first_refresh=was.first_refresh if was else refresh,
        removed=False,
        folder=folder_mark(entry.media.path),
        signature=made.signature,
    )


class Library:
    """A connection's stored state in miniature: every plan is applied in full."""

    def __init__(self) -> None:
        self.known: dict[int, Known] = {}
        self.refresh_number = 0
        self.mode: MonitorMode | None = None
        self.baseline: int | None = None

    def refresh(self, mode: MonitorMode, *items: Item) -> RefreshPlan:
        self.refresh_number += 1
        number = self.refresh_number
        self.baseline = self.baseline if mode is self.mode else None
        plan = plan_of(self.known, items, mode=mode, refresh=number, baseline=self.baseline)
        for added in plan.additions:
            self._keep(remember(added, None, number))
        for change in plan.changes:
            self._keep(remember(change, change.known, number))
        for gone in plan.removals:
            self._keep(gone._replace(removed=True))
        self.mode = mode
        if mode is NEW and self.baseline is None:
            self.baseline = number
        return plan

    def _keep(self, known: Known) -> None:
        self.known[known.arr_id] = known

    def intend(self, arr_id: int, intent: bool | None) -> None:
        self.known[arr_id] = self.known[arr_id]._replace(intent=intent)

    def monitored(self) -> dict[int, tuple[bool, str]]:
        return {
            arr_id: (known.monitored, known.monitor_reason.value)
            for arr_id, known in self.known.items()
            if not known.removed
        }


def library_of(*items: Item, mode: MonitorMode = MISSING) -> Library:
    library = Library()
    library.refresh(mode, *items)
    return library


def only_change(plan: RefreshPlan) -> Change:
    assert (len(plan.additions), len(plan.removals), len(plan.held)) == (0, 0, 0)
    (change,) = plan.changes
    return change
