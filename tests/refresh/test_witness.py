"""The item's own file is the witness: a folder that does not show it proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refresh.conftest import did, seen
from tests.world import Shelf
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.report import Outcome
from trailarrd.domain.want import WANT_ALL
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from pathlib import Path

    from tests.refresh.conftest import World
    from trailarrd.domain.roots import RootObservation


def have(world: World, *arr_ids: int) -> None:
    """The server has the files of these, and the folders show them."""
    for arr_id in arr_ids:
        world.shelf.library.set_file(arr_id, has_file=True)
        empty(world, arr_id)
        world.shelf.lay(arr_id)


def empty(world: World, arr_id: int) -> None:
    """Nothing is left in its folder but what no server calls its own."""
    for file in sorted(world.shelf.place(arr_id).rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    world.shelf.put(arr_id, "poster.jpg")


async def state(world: World, arr_id: int) -> tuple[str, bool, str, bool]:
    row = (await world.rows())[arr_id]
    return row.trailer.value, row.monitored, row.monitor_reason.value, row.contradicted


async def roots(world: World) -> list[RootObservation]:
    return (await world.store.roots())[world.name]


ABSENT = ("absent", True, "mode-missing", False)
CONTRADICTED = ("unknown", False, "contradicted", True)
KEPT = ("present", False, "trailer-present", True)


async def test_an_item_without_its_own_file_is_unknown_whatever_it_was_before(world: World) -> None:
    have(world, 1, 2)
    await world.refresh()
    assert await state(world, 1) == ABSENT
    empty(world, 1)
    report = await world.refresh()
    assert await state(world, 1) == CONTRADICTED
    assert (report.outcome, report.contradicted) == (Outcome.OK, 1)
    assert seen(report)["unknown"] == 1
    assert await state(world, 2) == ABSENT
    world.shelf.lay(1)
    await world.refresh()
    assert await state(world, 1) == ABSENT


async def test_a_new_item_whose_folder_is_not_there_is_unknown_if_its_server_has_a_file(world: World) -> None:
    arr_id = world.shelf.library.add(title="Moved", year=2020)["id"]
    world.shelf.library.set_file(arr_id, has_file=True)
    await world.refresh()
    assert await state(world, arr_id) == CONTRADICTED


async def test_a_trailer_that_was_known_stays_though_its_folder_shows_nothing(world: World) -> None:
    have(world, 1)
    world.shelf.put(1, "Trailers/x.mkv")
    await world.refresh()
    empty(world, 1)
    await world.refresh()
    assert await state(world, 1) == KEPT
    assert (await world.rows())[1].trailer_file == "Trailers/x.mkv"
    world.shelf.lay(1)
    await world.refresh()
    assert await state(world, 1) == ABSENT


async def test_a_trailer_that_is_seen_is_there_though_the_own_file_is_not(world: World) -> None:
    have(world, 1)
    empty(world, 1)
    world.shelf.put(1, "Trailers/x.mkv")
    report = await world.refresh()
    assert await state(world, 1) == KEPT
    assert seen(report)["present"] == 1


async def test_only_the_users_own_yes_stands(world: World) -> None:
    have(world, 1)
    await world.refresh()
    await world.intend(1, intent=True)
    empty(world, 1)
    await world.refresh()
    assert await state(world, 1) == ("unknown", True, "user", True)
    await world.intend(1, intent=None)
    assert await state(world, 1) == CONTRADICTED


@pytest.mark.parametrize("says", ["no", "nothing"])
async def test_it_ends_when_the_server_does_not_say_so_any_more(world: World, says: str) -> None:
    world.want = WANT_ALL
    have(world, 1)
    empty(world, 1)
    await world.refresh()
    assert await state(world, 1) == CONTRADICTED
    if says == "no":
        world.shelf.library.set_file(1, has_file=False)
    else:
        world.shelf.library.clear(1, "hasFile", "statistics", "movieFile")
    await world.refresh()
    assert await state(world, 1) == ABSENT
    assert (await world.rows())[1].has_file is (False if says == "no" else None)


async def test_a_root_folder_that_is_not_trusted_keeps_what_was_known(world: World) -> None:
    world.want = WANT_ALL
    have(world, 1, 2)
    empty(world, 1)
    await world.refresh()
    world.shelf.folder.rename(world.shelf.folder.with_name("away"))
    await world.refresh()
    assert [await state(world, 1), await state(world, 2)] == [CONTRADICTED, ABSENT]
    world.shelf.library.set_file(1, has_file=False)
    await world.refresh()
    assert await state(world, 1) == ("unknown", False, "undecided", False)


async def test_that_a_server_tells_of_files_from_now_on_is_no_news(world: World) -> None:
    world.want = WANT_ALL
    world.shelf.library.clear(1, "hasFile", "statistics")
    await world.refresh()
    before = await world.history()
    have(world, 1)
    world.shelf.library.clear(1, "movieFile")
    report = await world.refresh()
    assert (did(report), await world.history()) == ({"fetched": 3, "unchanged": 3}, before)
    assert (await world.rows())[1].has_file is True
    world.shelf.library.set_file(1, has_file=False)
    world.shelf.library.clear(1, "movieFile")
    await world.refresh()
    assert (await world.history())[len(before) :] == [("updated", 1, {"has_file": [True, False]})]


async def test_a_contradiction_is_one_event_and_so_is_its_end(world: World) -> None:
    have(world, 1)
    await world.refresh()
    before = len(await world.history())
    empty(world, 1)
    await world.refresh()
    world.shelf.lay(1)
    await world.refresh()
    told = (await world.history())[before:]
    assert [event for event, *_ in told] == ["unmonitored", "monitored"]
    assert told[0][2] == {
        "trailer": ["absent", "unknown"],
        "monitored": [True, False],
        "monitor_reason": ["mode-missing", "contradicted"],
        "contradicted": [False, True],
    }


@pytest.mark.parametrize("dialect", [RADARR], indirect=True)
async def test_a_disk_that_is_lost_is_given_up_by_the_user_and_the_server_together(world: World) -> None:
    world.want = WANT_ALL
    world.grow(12)
    have(world, *world.shelf.library.ids)
    for arr_id in world.shelf.library.ids:
        world.shelf.put(arr_id, "Trailers/x.mkv")
    await world.refresh()
    world.shelf.folder.rename(world.shelf.folder.with_name("lost"))
    (world.shelf.folder / "new").mkdir(parents=True)
    await world.refresh()
    assert [root.state.value for root in await roots(world)] == ["other-device"]
    assert await world.store.trust_roots(world.name) == 1
    report = await world.refresh()
    assert (report.outcome, report.contradicted, report.monitored) == (Outcome.PARTIAL, 12, 0)
    assert set((await world.each("trailer")).values()) == {"present"}
    for arr_id in world.shelf.library.ids:
        world.shelf.library.set_file(arr_id, has_file=False)
    report = await world.refresh()
    assert (report.vanishing, report.contradicted, report.monitored) == (12, 0, 0)
    assert await world.store.approve_vanished(world.name, world.now) == 12
    assert (await world.refresh()).monitored == 12


@pytest.mark.parametrize("dialect", [RADARR], indirect=True)
@pytest.mark.parametrize(("lost", "of", "outcome"), [(3, 4, "ok"), (4, 81, "ok"), (4, 79, "partial")])
async def test_more_than_three_and_more_than_a_twentieth_of_a_root_folder_are_more_than_single_files(
    world: World, lost: int, of: int, outcome: str
) -> None:
    world.grow(of)
    have(world, *world.shelf.library.ids)
    for arr_id in world.shelf.library.ids[:lost]:
        empty(world, arr_id)
    report = await world.refresh()
    assert (report.outcome.value, report.contradicted) == (outcome, lost)
    (root,) = await roots(world)
    assert (root.with_file, root.contradicted, root.is_elsewhere) == (of, lost, outcome == "partial")
    assert root.fits is None
    assert [one.path for one in report.elsewhere] == [root.path] * (outcome == "partial")


def map_to(world: World, local: Path, remote: str = "") -> PathMapping:
    return PathMapping(RemotePath(remote or world.shelf.library.dialect.root), LocalPath(str(local)))


@pytest.mark.parametrize("dialect", [RADARR], indirect=True)
async def test_a_mapping_that_is_wrong_by_one_level_is_told_with_the_one_that_fits(world: World) -> None:
    world.grow(6)
    have(world, *world.shelf.library.ids)
    world.mappings = (map_to(world, world.shelf.folder.parent),)
    report = await world.refresh()
    assert (report.outcome, report.contradicted) == (Outcome.PARTIAL, 6)
    assert set((await world.each("monitored")).values()) == {False}
    fits = map_to(world, world.shelf.folder)
    assert [(one.path, one.fits) for one in await roots(world)] == [(str(world.shelf.folder.parent), fits)]
    world.mappings = (fits,)
    report = await world.refresh()
    assert (report.outcome, report.contradicted, seen(report)) == (Outcome.OK, 0, {"absent": 6})
    assert set((await world.decisions()).values()) == {(True, "mode-missing")}
    assert [(one.contradicted, one.fits) for one in await roots(world)] == [(0, None)]


@pytest.mark.parametrize("dialect", [RADARR], indirect=True)
async def test_in_a_root_folder_that_is_not_the_right_one_nothing_is_wanted_of_which_there_is_no_file_either(
    world: World,
) -> None:
    world.want = WANT_ALL
    world.grow(8)
    have(world, *world.shelf.library.ids)
    for arr_id in (1, 2, 3):
        world.shelf.library.set_file(arr_id, has_file=False)
    world.shelf.put(3, "Trailers/x.mkv")
    await world.refresh()
    assert [await state(world, arr_id) for arr_id in (1, 4)] == [ABSENT, ABSENT]
    world.mappings = (map_to(world, world.shelf.folder.parent),)
    for _ in range(2):
        report = await world.refresh()
        assert (report.outcome, report.contradicted, report.monitored) == (Outcome.PARTIAL, 5, 0)
        assert seen(report) == {"unknown": 8}
        assert await state(world, 1) == ("unknown", False, "undecided", False)
        assert (await state(world, 3))[0] == "present"
    assert await world.refresher().revisit([1, 2])
    assert (await state(world, 1))[1] is False
    asked = len(world.shelf.server.requests)
    await world.refresh()
    paths = [one.path for one in world.shelf.server.requests[asked:]]
    assert len(set(paths)) == len(paths), "what is known already makes nobody ask twice"
    world.mappings = (map_to(world, world.shelf.folder),)
    assert (await world.refresh()).outcome is Outcome.OK
    assert [await state(world, arr_id) for arr_id in (1, 4)] == [ABSENT, ABSENT]


@pytest.mark.parametrize("dialect", [RADARR], indirect=True)
async def test_a_disk_that_is_away_and_back_under_its_own_name_shows_all_at_once(world: World) -> None:
    world.want = WANT_ALL
    world.grow(8)
    have(world, *world.shelf.library.ids)
    world.shelf.library.set_file(1, has_file=False)
    for arr_id in world.shelf.library.ids:
        empty(world, arr_id)
    assert (await world.refresh()).monitored == 0
    assert await state(world, 1) == ("unknown", False, "undecided", False)
    for arr_id in world.shelf.library.ids:
        world.shelf.lay(arr_id)
    report = await world.refresh()
    assert (report.outcome, report.monitored) == (Outcome.OK, 8)


@pytest.mark.parametrize("dialect", [RADARR], indirect=True)
async def test_what_fits_is_looked_for_again_only_when_what_is_missing_has_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.grow(6)
    have(world, *world.shelf.library.ids)
    world.mappings = (map_to(world, world.shelf.folder.parent),)
    await world.refresh()
    hidden = world.shelf.folder.rename(world.shelf.folder.with_name(".hidden"))
    await world.refresh()
    (root,) = await roots(world)
    assert root.fits is not None
    hidden.rename(world.shelf.folder)
    world.shelf.library.set_file(1, has_file=False)
    await world.refresh()
    (root,) = await roots(world)
    assert (root.contradicted, root.fits is None) == (5, False)


@pytest.mark.parametrize("dialect", [RADARR], indirect=True)
async def test_of_two_root_folders_only_the_wrong_one_is_told(world: World, tmp_path: Path) -> None:
    library = world.shelf.library
    library.roots.append("/more")
    more = Shelf(world.shelf.server, tmp_path / "media" / "more")
    for number in range(5):
        library.add(title=f"More {number}", year=2000 + number, root="/more")
    for arr_id in library.ids:
        record = library.set_file(arr_id, has_file=True)
        folder = record["path"].replace("/movies", str(world.shelf.folder)).replace("/more", str(more.folder))
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / str(library.own_file(arr_id))).write_bytes(b"a video")
    right, wrong = map_to(world, world.shelf.folder), map_to(world, more.folder.parent, "/more")
    world.mappings = (right, wrong)
    report = await world.refresh()
    assert (report.outcome, report.contradicted) == (Outcome.PARTIAL, 5)
    assert [(one.path, one.fits) for one in report.elsewhere] == [
        (wrong.local, map_to(world, more.folder, "/more"))
    ]
    assert (
        sorted(monitored for monitored, _ in (await world.decisions()).values()) == [False] * 5 + [True] * 3
    )
    world.mappings = (right, map_to(world, more.folder, "/more"))
    assert (await world.refresh()).outcome is Outcome.OK
    assert set((await world.decisions()).values()) == {(True, "mode-missing")}
