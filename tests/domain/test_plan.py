"""What one refresh will change, and what a chain of refreshes makes of a library."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.library import (
    ABSENT,
    MISSING,
    NEW,
    PRESENT,
    Listed,
    add,
    item,
    library_of,
    only_change,
    plan_of,
)
from trailarrd.domain.keys import file_hash
from trailarrd.domain.known import KnownItems
from trailarrd.domain.monitoring import MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import UNSEEN, Observation, Rules
from trailarrd.domain.planner import Planner


def test_the_first_refresh_adds_everything() -> None:
    plan = plan_of({}, [item(1), item(2, PRESENT), item(3, UNSEEN)], refresh=1)
    assert [
        (one.media, one.local_path, one.trailer, one.trailer_file, one.monitored, one.monitor_reason)
        for one in plan.additions
    ] == [
        (item(arr_id).item.media, LocalPath(f"/mnt/movies/Film {arr_id}"), *rest)
        for arr_id, *rest in [
            (1, TrailerState.ABSENT, None, True, MonitorReason.MODE_MISSING),
            (2, TrailerState.PRESENT, PRESENT.file, False, MonitorReason.TRAILER_PRESENT),
            (3, TrailerState.UNKNOWN, None, False, MonitorReason.UNDECIDED),
        ]
    ]
    assert (len(plan.changes), len(plan.removals), len(plan.held)) == (0, 0, 0)
    assert (plan.fetched, plan.unchanged, plan.monitored) == (3, 0, 1)
    trailers = plan.trailers
    assert (trailers.present, trailers.absent, trailers.unknown) == (1, 1, 1)


COUNTED_BEFORE = ABSENT._replace(counted_before=True)


@pytest.mark.parametrize("mode", MonitorMode)
def test_a_trailer_that_lies_there_and_no_longer_counts_is_kept_and_nothing_is_wanted(
    mode: MonitorMode,
) -> None:
    library = library_of(item(1, PRESENT), mode=mode)
    (known,) = library.known.values()
    plan = library.refresh(mode, item(1, COUNTED_BEFORE))
    assert (len(plan.changes), plan.unchanged, plan.trailers.present) == (0, 1, 1)
    change = only_change(library.refresh(mode, item(1, COUNTED_BEFORE, title="Another")))
    assert (change.entry.trailer, change.keeps_file, change.entry.monitored) == (
        TrailerState.PRESENT,
        True,
        False,
    )
    gone = only_change(library.refresh(mode, item(1, ABSENT, title="Another")))
    assert (gone.known.trailer_hash, gone.entry.trailer) == (known.trailer_hash, TrailerState.ABSENT)


def test_who_has_no_trailer_gets_none_by_a_file_that_counted_for_another() -> None:
    plan = plan_of({}, [item(1, COUNTED_BEFORE)], refresh=1)
    assert [one.trailer for one in plan.additions] == [TrailerState.ABSENT]


def test_a_look_is_told_the_trailer_of_the_item_with_that_id_even_if_it_was_moved() -> None:
    library = library_of(item(1, PRESENT), item(2))
    items = [item(1, path=RemotePath("/movies/Moved")), item(2), item(3)]
    matches = Planner(
        KnownItems(library.known.values()), Rules(refresh=2, mode=MISSING, baseline=None)
    ).match([one.item for one in items])
    assert [one.trailer_hash for one in matches] == [file_hash(PRESENT.file), 0, 0]
    assert [one.row for one in matches] == [None, 1, None]


@pytest.mark.parametrize("mode", MonitorMode)
def test_a_refresh_without_a_change_writes_nothing(mode: MonitorMode) -> None:
    items = [item(1), item(2, PRESENT), item(3, UNSEEN), item(4, monitored_remotely=False)]
    library = library_of(*items, mode=mode)
    plan = library.refresh(mode, *items)
    assert [*plan.additions, *plan.changes, *plan.removals, *plan.held] == []
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
    assert (len(again.changes), again.unchanged) == (0, 2)


def test_a_moved_folder_is_a_change() -> None:
    library = library_of(item())
    change = only_change(library.refresh(MISSING, item(path=RemotePath("/archive/Film 1"))))
    assert change.entry.local_path == "/mnt/archive/Film 1"


@pytest.mark.parametrize("local_path", [LocalPath("/other/Film 1"), None])
def test_a_new_mapping_is_a_change(local_path: LocalPath | None) -> None:
    library = library_of(item())
    listed = item()
    elsewhere = listed._replace(item=replace(listed.item, local_path=local_path))
    change = only_change(library.refresh(MISSING, elsewhere))
    assert change.entry.local_path == local_path


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
    assert [change.entry.media for change in plan.changes] == [edited.item.media]
    assert [added.media.arr_id for added in plan.additions] == [4]


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
def test_what_is_marked_removed_is_not_removed_again(listed: list[Listed]) -> None:
    library = library_of(item(1), item(2))
    library.refresh(MISSING, item(1))
    plan = plan_of({2: library.known[2]}, listed)
    assert ([*plan.removals], [*plan.held]) == ([], [])


@pytest.mark.parametrize("seen", [ABSENT, UNSEEN])
def test_a_removed_item_that_is_listed_again_is_restored(seen: Observation) -> None:
    """The same row with its intent, even if nothing else of it changed."""
    library = library_of(item(1), item(2))
    library.intend(2, intent=False)
    library.refresh(MISSING, item(1), item(2))
    library.refresh(MISSING, item(1))
    assert library.known[2].removed
    change = only_change(library.refresh(MISSING, item(1), item(2, seen)))
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


@given(st.permutations(range(1, 7)), st.integers(1, 5))
def test_batches_and_their_order_do_not_matter(order: list[int], size: int) -> None:
    library = library_of(*(item(arr_id) for arr_id in range(3, 10)))
    planner = Planner(KnownItems(library.known.values()), Rules(refresh=2, mode=MISSING, baseline=None))
    for start in range(0, len(order), size):
        add(planner, (item(arr_id) for arr_id in order[start : start + size]))
    plan = planner.finish()
    assert {added.media.arr_id for added in plan.additions} == {1, 2}
    assert {gone.arr_id for gone in plan.removals} == {7, 8, 9}
    assert (plan.fetched, plan.unchanged, len(plan.changes)) == (6, 4, 0)
