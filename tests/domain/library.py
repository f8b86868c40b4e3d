"""A library that is refreshed by plans alone: no server, no disk, no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trailarrd.domain.known import Known, KnownItems
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MonitorMode, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import Change, Entry, Item, Observation, RefreshPlan, Rules
from trailarrd.domain.planner import Planner

if TYPE_CHECKING:
    from collections.abc import Iterable


MISSING, NEW, SYNC, NONE = MonitorMode.MISSING, MonitorMode.NEW, MonitorMode.SYNC, MonitorMode.NONE
ABSENT = Observation(TrailerState.ABSENT)
PRESENT = Observation(TrailerState.PRESENT, "Alien-trailer.mkv")


class Listed(NamedTuple):
    """An item of a server, and what is in its folder."""

    item: Item
    seen: Observation


def item(arr_id: int = 1, seen: Observation = ABSENT, **changes: Any) -> Listed:
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
    return Listed(Item(media, LocalPath("/mnt" + media.path)), seen)


def plan_of(
    known: dict[int, Known],
    items: Iterable[Listed],
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


def add(planner: Planner, items: Iterable[Listed]) -> None:
    """Match a batch, look at it and decide."""
    batch = list(items)
    planner.decide(planner.match([one.item for one in batch]), [one.seen for one in batch])


def remember(entry: Entry, was: Known | None = None, *, keeps_file: bool = False) -> Known:
    """What the store would know of an item once it is written."""
    return Known(
        id=was.id if was else 100 + entry.media.arr_id,
        arr_id=entry.media.arr_id,
        fingerprint=entry.fingerprint,
        trailer=entry.trailer,
        trailer_hash=was.trailer_hash if was and keeps_file else entry.trailer_hash,
        intent=was.intent if was else None,
        monitored=entry.monitored,
        monitor_reason=entry.monitor_reason,
        first_refresh=entry.first_refresh,
        removed=False,
        held=False,
        contradicted=entry.contradicted,
        identity=entry.identity,
        folder=entry.folder,
        signature=entry.signature,
    )


class Library:
    """A connection's stored state in miniature: every plan is applied in full."""

    def __init__(self) -> None:
        self.known: dict[int, Known] = {}
        self.refresh_number = 0
        self.mode: MonitorMode | None = None
        self.baseline: int | None = None

    def refresh(self, mode: MonitorMode, *items: Listed) -> RefreshPlan:
        self.refresh_number += 1
        number = self.refresh_number
        self.baseline = self.baseline if mode is self.mode else None
        plan = plan_of(self.known, items, mode=mode, refresh=number, baseline=self.baseline)
        for added in plan.additions:
            self._keep(remember(added))
        for change in plan.changes:
            self._keep(remember(change.entry, change.known, keeps_file=change.keeps_file))
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


def library_of(*items: Listed, mode: MonitorMode = MISSING) -> Library:
    library = Library()
    library.refresh(mode, *items)
    return library


def only_change(plan: RefreshPlan) -> Change:
    assert (len(plan.additions), len(plan.removals), len(plan.held)) == (0, 0, 0)
    (change,) = plan.changes
    return change
