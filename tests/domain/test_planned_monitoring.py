"""What a chain of refreshes makes of each item: modes, baselines, the user's word, disks that are away."""

from __future__ import annotations

import pytest

from tests.domain.library import ABSENT, MISSING, NEW, NONE, PRESENT, SYNC, item, library_of, only_change
from trailarrd.domain.judgement import judge
from trailarrd.domain.monitoring import MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.plan import (
    UNSEEN,
    Observation,
    Rules,
)


def test_a_trailer_that_appears_ends_the_search() -> None:
    library = library_of(item())
    entry = only_change(library.refresh(MISSING, item(seen=PRESENT))).entry
    assert (entry.trailer, entry.trailer_file) == PRESENT[:2]
    assert (entry.monitored, entry.monitor_reason) == (False, MonitorReason.TRAILER_PRESENT)


def test_a_trailer_that_vanishes_begins_it_anew() -> None:
    library = library_of(item(seen=PRESENT))
    entry = only_change(library.refresh(MISSING, item(seen=ABSENT))).entry
    assert (entry.trailer, entry.trailer_file) == ABSENT[:2]
    assert (entry.monitored, entry.monitor_reason) == (True, MonitorReason.MODE_MISSING)


def test_another_trailer_file_is_a_change() -> None:
    library = library_of(item(seen=PRESENT))
    seen = Observation(TrailerState.PRESENT, "Trailers/one.mkv")
    assert only_change(library.refresh(MISSING, item(seen=seen))).entry.trailer_file == seen.file


@pytest.mark.parametrize("before", [ABSENT, PRESENT, UNSEEN])
@pytest.mark.parametrize("first", MonitorMode)
@pytest.mark.parametrize("later", MonitorMode)
def test_an_unreachable_disk_decides_nothing_anew(
    before: Observation, first: MonitorMode, later: MonitorMode
) -> None:
    """The last state and the last decision stand, whatever the mode has become meanwhile."""
    library = library_of(item(seen=before), mode=first)
    decided = library.known[1]
    plan = library.refresh(later, item(seen=UNSEEN))
    assert (len(plan.changes), plan.unchanged, plan.trailers.unknown) == (0, 1, 1)
    assert library.known[1] == decided


def test_an_unreachable_disk_keeps_the_state_through_an_edit() -> None:
    library = library_of(item(seen=PRESENT))
    moved = item(seen=UNSEEN, path=RemotePath("/archive/Film 1"), monitored_remotely=False)
    change = only_change(library.refresh(SYNC, moved))
    entry = change.entry
    assert (entry.trailer, change.keeps_file) == (TrailerState.PRESENT, True)
    assert (entry.monitored, entry.monitor_reason) == (False, MonitorReason.TRAILER_PRESENT)
    assert (entry.media, entry.local_path) == (moved.item.media, moved.item.local_path)


def test_a_disk_that_returns_is_believed_again() -> None:
    library = library_of(item(seen=PRESENT))
    library.refresh(MISSING, item(seen=UNSEEN))
    assert only_change(library.refresh(MISSING, item())).entry.trailer is TrailerState.ABSENT


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
    library.refresh(MISSING, item(seen=PRESENT))
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


@pytest.mark.parametrize("seen", [ABSENT, PRESENT])
def test_a_first_look_is_a_change_even_if_the_user_had_decided(seen: Observation) -> None:
    library = library_of(item(seen=UNSEEN))
    library.known[1] = library.known[1]._replace(
        intent=False, monitored=False, monitor_reason=MonitorReason.USER
    )
    assert only_change(library.refresh(MISSING, item(seen=seen))).entry.trailer is seen.trailer


@pytest.mark.parametrize("mode", MonitorMode)
def test_an_unseen_new_item_is_not_decided(mode: MonitorMode) -> None:
    trailer, decision, *_ = judge(item().item, UNSEEN, None, Rules(refresh=1, mode=mode, baseline=0))
    assert (trailer, decision) == (TrailerState.UNKNOWN, (False, MonitorReason.UNDECIDED))
