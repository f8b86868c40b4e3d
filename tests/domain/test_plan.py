"""What one refresh will change, and what a chain of refreshes makes of a library."""

from __future__ import annotations

from collections import ChainMap, UserDict
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.identity import folder_mark
from trailarrd.domain.known import KnownItems
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import (
    UNSEEN,
    Addition,
    Change,
    Entry,
    Item,
    Known,
    RefreshPlan,
    Rules,
    Sight,
    file_mark,
)
from trailarrd.domain.planner import Planner, fingerprint, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MISSING, NEW, SYNC, NONE = MonitorMode.MISSING, MonitorMode.NEW, MonitorMode.SYNC, MonitorMode.NONE
ABSENT = Sight(TrailerState.ABSENT)
PRESENT = Sight(TrailerState.PRESENT, "Alien-trailer.mkv")


def item(arr_id: int = 1, sight: Sight = ABSENT, **changes: Any) -> Item:
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
    return Item(media, LocalPath("/mnt" + media.path), sight)


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
    """Recall a batch and add it, with the sights and signatures that these items have."""
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


def test_the_first_refresh_adds_everything() -> None:
    plan = plan_of({}, [item(1), item(2, PRESENT), item(3, UNSEEN)], refresh=1)
    assert [added.entry for added in plan.additions] == [
        Entry(
            media=seen.media,
            local_path=LocalPath(f"/mnt/movies/Film {arr_id}"),
            trailer=trailer,
            trailer_file=file,
            monitored=monitored,
            monitor_reason=reason,
        )
        for arr_id, seen, trailer, file, monitored, reason in [
            (1, item(1), TrailerState.ABSENT, None, True, MonitorReason.MODE_MISSING),
            (2, item(2), TrailerState.PRESENT, PRESENT.file, False, MonitorReason.TRAILER_PRESENT),
            (3, item(3), TrailerState.UNKNOWN, None, False, MonitorReason.UNDECIDED),
        ]
    ]
    assert (len(plan.changes), len(plan.removals), len(plan.held)) == (0, 0, 0)
    assert (plan.fetched, plan.unchanged, plan.monitored) == (3, 0, 1)
    trailers = plan.trailers
    assert (trailers.present, trailers.absent, trailers.unknown) == (1, 1, 1)


@pytest.mark.parametrize("mode", MonitorMode)
def test_a_refresh_without_a_change_writes_nothing(mode: MonitorMode) -> None:
    items = [item(1), item(2, PRESENT), item(3, UNSEEN), item(4, monitored_remotely=False)]
    library = library_of(*items, mode=mode)
    plan = library.refresh(mode, *items)
    assert (plan.additions, plan.changes, [*plan.removals], [*plan.held]) == ([], [], [], [])
    assert (plan.fetched, plan.unchanged) == (4, 4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Alien: Director's Cut"),
        ("path", "/movies/4k/Film 1"),
        ("year", 1980),
        ("external_ids", {"tmdb": "1001", "imdb": "tt0078748"}),
        ("youtube_trailer_id", "jQ5lPt9edzQ"),
        ("main_file", "Alien.4k.mkv"),
        ("monitored_remotely", False),
        pytest.param("year", None, id="year cleared"),
        pytest.param("external_ids", {}, id="external ids cleared"),
        pytest.param("youtube_trailer_id", None, id="trailer id cleared"),
        pytest.param("main_file", None, id="main file cleared"),
    ],
)
def test_an_edit_on_the_server_is_a_change_here(field: str, value: object) -> None:
    """A value that the server cleared is cleared here too."""
    library = library_of(item(1), item(2))
    edit: dict[str, Any] = {field: value}
    change = only_change(library.refresh(MISSING, item(1, **edit), item(2)))
    assert change.known.id == 101
    assert getattr(change.entry.media, field) == value
    assert not change.known.removed
    again = library.refresh(MISSING, item(1, **edit), item(2))
    assert (again.changes, again.unchanged) == ([], 2)


def test_a_moved_folder_is_a_change() -> None:
    library = library_of(item())
    change = only_change(library.refresh(MISSING, item(path=RemotePath("/archive/Film 1"))))
    assert change.entry.local_path == "/mnt/archive/Film 1"


@pytest.mark.parametrize("local_path", [LocalPath("/other/Film 1"), None])
def test_a_new_mapping_is_a_change(local_path: LocalPath | None) -> None:
    library = library_of(item())
    change = only_change(library.refresh(MISSING, replace(item(), local_path=local_path)))
    assert change.entry.local_path == local_path


def test_a_trailer_that_appears_ends_the_search() -> None:
    library = library_of(item())
    entry = only_change(library.refresh(MISSING, item(sight=PRESENT))).entry
    assert (entry.trailer, entry.trailer_file) == PRESENT
    assert (entry.monitored, entry.monitor_reason) == (False, MonitorReason.TRAILER_PRESENT)


def test_a_trailer_that_vanishes_begins_it_anew() -> None:
    library = library_of(item(sight=PRESENT))
    entry = only_change(library.refresh(MISSING, item(sight=ABSENT))).entry
    assert (entry.trailer, entry.trailer_file) == ABSENT
    assert (entry.monitored, entry.monitor_reason) == (True, MonitorReason.MODE_MISSING)


def test_another_trailer_file_is_a_change() -> None:
    library = library_of(item(sight=PRESENT))
    seen = Sight(TrailerState.PRESENT, "Trailers/one.mkv")
    assert only_change(library.refresh(MISSING, item(sight=seen))).entry.trailer_file == seen.file


@pytest.mark.parametrize("before", [ABSENT, PRESENT, UNSEEN])
@pytest.mark.parametrize("first", MonitorMode)
@pytest.mark.parametrize("later", MonitorMode)
def test_an_unreachable_disk_decides_nothing_anew(
    before: Sight, first: MonitorMode, later: MonitorMode
) -> None:
    """The last state and the last decision stand, whatever the mode has become meanwhile."""
    library = library_of(item(sight=before), mode=first)
    decided = library.known[1]
    plan = library.refresh(later, item(sight=UNSEEN))
    assert (plan.changes, plan.unchanged, plan.trailers.unknown) == ([], 1, 1)
    assert library.known[1] == decided


def test_an_unreachable_disk_keeps_the_state_through_an_edit() -> None:
    library = library_of(item(sight=PRESENT))
    moved = item(sight=UNSEEN, path=RemotePath("/archive/Film 1"), monitored_remotely=False)
    change = only_change(library.refresh(SYNC, moved))
    entry = change.over(replace(change.entry, trailer_file=PRESENT.file))
    assert (entry.trailer, entry.trailer_file) == PRESENT
    assert (entry.monitored, entry.monitor_reason) == (False, MonitorReason.TRAILER_PRESENT)
    assert (entry.media, entry.local_path) == (moved.media, moved.local_path)


def test_a_disk_that_returns_is_believed_again() -> None:
    library = library_of(item(sight=PRESENT))
    library.refresh(MISSING, item(sight=UNSEEN))
    assert only_change(library.refresh(MISSING, item())).entry.trailer is TrailerState.ABSENT


def test_removal_waits_for_the_end_of_the_library() -> None:
    known = library_of(item(1), item(2), item(3)).known
    planner = Planner(KnownItems(known.values()), Rules(refresh=2, mode=MISSING, baseline=None))
    add(planner, [item(3)])
    add(planner, [])
    add(planner, [item(1)])
    plan = planner.finish()
    assert ([one.id for one in plan.removals], [*plan.held], plan.unchanged) == ([102], [], 2)


@pytest.mark.parametrize("exempt", [frozenset({2}), frozenset({2, 3}), frozenset({1, 2, 3, 99})])
def test_an_unreadable_record_is_no_reason_to_remove(exempt: frozenset[int]) -> None:
    known = library_of(item(1), item(2), item(3)).known
    plan = plan_of(known, [item(1)], exempt=exempt)
    assert [gone.arr_id for gone in plan.removals] == [3] * (3 not in exempt)
    assert ([*plan.held], plan.unchanged) == ([], 1)


def test_an_unreadable_record_without_an_id_holds_every_removal() -> None:
    known = library_of(item(1), item(2), item(3)).known
    edited = item(1, title="Edited")
    plan = plan_of(known, [edited, item(4)], exempt=frozenset({3}), may_remove=False)
    assert ([*plan.removals], [one.arr_id for one in plan.held]) == ([], [2])
    assert [change.entry.media for change in plan.changes] == [edited.media]
    assert [added.entry.media.arr_id for added in plan.additions] == [4]


def test_an_empty_library_removes_nothing() -> None:
    """field-notes 4(c) 2."""
    known = library_of(item(1), item(2)).known
    plan = plan_of(known, [])
    assert ([*plan.removals], plan.fetched) == ([], 0)
    assert [one.arr_id for one in plan.held] == [1, 2]


def test_an_empty_library_of_which_nothing_was_known_holds_nothing() -> None:
    plan = plan_of({}, [])
    assert (len(plan.additions), len(plan.removals), len(plan.held)) == (0, 0, 0)


@pytest.mark.parametrize("listed", [[], [item(1)]])
def test_what_is_marked_removed_is_not_removed_again(listed: list[Item]) -> None:
    library = library_of(item(1), item(2))
    library.refresh(MISSING, item(1))
    plan = plan_of({2: library.known[2]}, listed)
    assert ([*plan.removals], [*plan.held]) == ([], [])


@pytest.mark.parametrize("sight", [ABSENT, UNSEEN])
def test_a_removed_item_that_is_listed_again_is_restored(sight: Sight) -> None:
    """The same row with its intent, even if nothing else of it changed."""
    library = library_of(item(1), item(2))
    library.intend(2, intent=False)
    library.refresh(MISSING, item(1), item(2))
    library.refresh(MISSING, item(1))
    assert library.known[2].removed
    change = only_change(library.refresh(MISSING, item(1), item(2, sight)))
    assert change.known.removed
    assert (change.known.id, change.known.intent) == (102, False)
    assert (change.entry.monitored, change.entry.monitor_reason) == (False, MonitorReason.USER)


def test_a_restored_item_is_as_old_as_it_was() -> None:
    library = library_of(item(1), item(2), mode=NEW)
    library.refresh(NEW, item(1))
    library.refresh(NEW, item(1), item(2))
    assert library.monitored()[2] == (False, "mode-new")


@pytest.mark.parametrize("ids", [{}, {"tmdb": "0"}, {"tmdb": "348"}])
def test_items_with_the_same_external_id_stay_two(ids: dict[str, str]) -> None:
    """field-notes 4(c) 10."""
    library = library_of(item(1, external_ids=ids), item(2, external_ids=ids))
    assert sorted(library.known) == [1, 2]


def test_the_same_movie_in_two_connections_is_two_rows() -> None:
    """field-notes 4(c) 14: neither refresh removes the other's."""
    hd, uhd = library_of(item(7)), library_of(item(9, title="Film 7"))
    assert [*hd.refresh(MISSING, item(7)).removals] == []
    assert [*uhd.refresh(MISSING, item(9, title="Film 7")).removals] == []
    assert (list(hd.known), list(uhd.known)) == ([7], [9])


def test_the_first_refresh_in_mode_new_monitors_nothing() -> None:
    """field-notes S19 and 4(c) 27: an existing library is never monitored at once."""
    library = library_of(item(1), item(2), mode=NEW)
    assert library.monitored() == {1: (False, "mode-new"), 2: (False, "mode-new")}


def test_an_item_after_the_baseline_stays_monitored_until_it_has_a_trailer() -> None:
    library = library_of(item(1), mode=NEW)
    library.refresh(NEW, item(1), item(2))
    library.refresh(NEW, item(1), item(2))
    assert library.monitored() == {1: (False, "mode-new"), 2: (True, "mode-new")}
    library.refresh(NEW, item(1), item(2, PRESENT))
    assert library.monitored()[2] == (False, "trailer-present")


@pytest.mark.parametrize(
    ("baseline", "first", "new"), [(None, 1, False), (5, 4, False), (5, 5, False), (5, 6, True)]
)
def test_new_means_first_seen_after_the_baseline(baseline: int | None, first: int, new: bool) -> None:
    assert Rules(refresh=9, mode=NEW, baseline=baseline).is_new(first) is new


def test_a_change_of_mode_decides_every_item_again() -> None:
    """field-notes 4(c) 27: new, missing, none, sync, and new again with a baseline of its own."""
    one, two = item(1), item(2, monitored_remotely=False)
    library = library_of(one, mode=NEW)
    library.refresh(NEW, one, two)
    assert library.monitored() == {1: (False, "mode-new"), 2: (True, "mode-new")}
    library.refresh(MISSING, one, two)
    assert library.monitored() == {1: (True, "mode-missing"), 2: (True, "mode-missing")}
    library.refresh(NONE, one, two)
    assert library.monitored() == {1: (False, "mode-none"), 2: (False, "mode-none")}
    library.refresh(SYNC, one, two)
    assert library.monitored() == {1: (True, "mode-sync"), 2: (False, "mode-sync")}
    library.refresh(NEW, one, two, item(3))
    assert set(library.monitored().values()) == {(False, "mode-new")}


def test_mode_sync_follows_the_server_in_both_directions() -> None:
    """field-notes 4(c) 27: the server un-monitors, and monitors again."""
    library = library_of(item(), mode=SYNC)
    for remotely in (False, True, False):
        library.refresh(SYNC, item(monitored_remotely=remotely))
        assert library.monitored() == {1: (remotely, "mode-sync")}


@pytest.mark.parametrize("intent", [True, False])
def test_the_user_outranks_every_mode_but_not_a_trailer(intent: bool) -> None:
    library = library_of(item())
    library.intend(1, intent=intent)
    for mode in MonitorMode:
        library.refresh(mode, item(monitored_remotely=not intent))
        assert library.monitored() == {1: (intent, "user")}
    library.refresh(MISSING, item(sight=PRESENT))
    assert library.monitored() == {1: (False, "trailer-present")}
    library.refresh(MISSING, item())
    assert library.monitored() == {1: (intent, "user")}
    library.intend(1, intent=None)
    library.refresh(MISSING, item())
    assert library.monitored() == {1: (True, "mode-missing")}


def test_a_user_who_turns_round_is_followed() -> None:
    library = library_of(item())
    for intent in (True, False, True):
        library.intend(1, intent=intent)
        library.refresh(MISSING, item())
        assert library.monitored() == {1: (intent, "user")}


@pytest.mark.parametrize("sight", [ABSENT, PRESENT])
def test_a_first_look_is_a_change_even_if_the_user_had_decided(sight: Sight) -> None:
    library = library_of(item(sight=UNSEEN))
    library.known[1] = library.known[1]._replace(
        intent=False, monitored=False, monitor_reason=MonitorReason.USER
    )
    assert only_change(library.refresh(MISSING, item(sight=sight))).entry.trailer is sight.trailer


def test_settle_gives_an_unseen_stranger_no_decision() -> None:
    for mode in MonitorMode:
        entry = settle(item(sight=UNSEEN), None, Rules(refresh=1, mode=mode, baseline=0))
        assert (entry.trailer, entry.trailer_file) == (TrailerState.UNKNOWN, None)
        assert (entry.monitored, entry.monitor_reason) == (False, MonitorReason.UNDECIDED)


SHORT = st.text("ab/\n|\x1f", min_size=1, max_size=3).filter(str.strip)
MEDIA = st.builds(
    Media,
    arr_id=st.integers(1, 3),
    title=SHORT,
    path=SHORT.map(RemotePath),
    monitored_remotely=st.booleans(),
    year=st.none() | st.integers(1, 3),
    external_ids=st.dictionaries(SHORT, SHORT, max_size=2),
    youtube_trailer_id=st.none() | SHORT,
    main_file=st.none() | SHORT,
)
PLACED = st.tuples(MEDIA, st.none() | SHORT.map(LocalPath))


@given(PLACED, PLACED)
def test_a_fingerprint_tells_any_two_items_apart(
    one: tuple[Media, LocalPath | None], two: tuple[Media, LocalPath | None]
) -> None:
    assert len(fingerprint(*one)) == 16
    if one != two:
        assert fingerprint(*one) != fingerprint(*two)


@given(PLACED)
def test_the_order_of_external_ids_is_no_change(placed: tuple[Media, LocalPath | None]) -> None:
    media, local_path = placed
    turned = replace(media, external_ids=dict(reversed(list(media.external_ids.items()))))
    assert fingerprint(turned, local_path) == fingerprint(media, local_path)


class Lazy(UserDict[str, str]):
    """A mapping of a plugin's own, without a telling repr."""

    __repr__ = object.__repr__


@pytest.mark.parametrize("kind", [MappingProxyType, ChainMap, Lazy])
def test_a_fingerprint_goes_by_the_values_alone(
    kind: Callable[[dict[str, str]], Mapping[str, str]],
) -> None:
    """`external_ids` may be any mapping; equal ones are stored alike."""
    for ids in ({}, {"tmdb": "348"}):
        plain, other = item(external_ids=ids), item(external_ids=kind(dict(ids)))
        assert fingerprint(other.media, None) == fingerprint(plain.media, None)
    changed = item(external_ids=kind({"tmdb": "349"}))
    assert fingerprint(changed.media, None) != fingerprint(item().media, None)


@given(st.permutations(range(1, 7)), st.integers(1, 5))
def test_batches_and_their_order_do_not_matter(order: list[int], size: int) -> None:
    library = library_of(*(item(arr_id) for arr_id in range(3, 10)))
    planner = Planner(KnownItems(library.known.values()), Rules(refresh=2, mode=MISSING, baseline=None))
    for start in range(0, len(order), size):
        add(planner, (item(arr_id) for arr_id in order[start : start + size]))
    plan = planner.finish()
    assert {added.entry.media.arr_id for added in plan.additions} == {1, 2}
    assert {gone.arr_id for gone in plan.removals} == {7, 8, 9}
    assert (plan.fetched, plan.unchanged, plan.changes) == (6, 4, [])
