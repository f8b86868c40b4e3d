"""Many folders, few threads; a disk in trouble says unknown, never absent, and stops nobody else."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.disk.conftest import see
from tests.disk.items import ABSENT, PRESENT, TRAILER, make_item, make_library, request, scanner
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.plan import UNSEEN, Observation
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.disk.conftest import Disk


async def test_the_answers_come_in_the_order_of_the_requests(tmp_path: Path) -> None:
    """Three roots, mixed, and more folders than one thread takes at once."""
    folders = [f for root in "abc" for f in make_library(tmp_path / root, 300)]
    mixed = folders[::3] + folders[1::3] + folders[2::3]
    looks = await see(Scanner(RootTrust(Roots())), [request(folder) for folder in mixed])
    assert looks == [PRESENT if int(folder.name) % 2 else ABSENT for folder in mixed]


async def test_nothing_asked_nothing_answered() -> None:
    assert await see(Scanner(RootTrust(Roots())), []) == []


async def test_a_trailer_that_comes_or_goes_is_noticed_at_the_next_look(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv")
    looker = Scanner(RootTrust(Roots()))
    assert await see(looker, [request(folder)]) == [ABSENT]
    (folder / TRAILER).write_bytes(b"video")
    assert await see(looker, [request(folder)]) == [PRESENT]
    (folder / TRAILER).unlink()
    assert await see(looker, [request(folder)]) == [ABSENT]


async def test_a_sequel_has_not_its_forerunners_trailer(tmp_path: Path) -> None:
    alien = make_item(tmp_path / "Alien")
    aliens = make_item(tmp_path / "Aliens", TRAILER)
    assert await see(Scanner(RootTrust(Roots())), [request(alien), request(aliens)]) == [ABSENT, PRESENT]


async def test_two_items_in_one_folder_both_have_its_trailer(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", TRAILER)
    assert await see(Scanner(RootTrust(Roots())), [request(folder)] * 2) == [PRESENT, PRESENT]


# Roots


async def test_a_root_that_is_gone_or_empty_makes_its_items_unknown(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    good = make_item(tmp_path / "good/Heat")
    requests = [request(tmp_path / "gone/a"), request(tmp_path / "empty/a"), request(good)]
    assert await see(Scanner(RootTrust(Roots())), requests) == [UNSEEN, UNSEEN, ABSENT]


async def test_a_root_that_is_not_believed_is_counted_and_not_noted_for_each_batch(tmp_path: Path) -> None:
    trust = RootTrust(Roots())
    looker = Scanner(trust)
    for _ in range(3):
        await see(looker, [request(tmp_path / "gone/a"), request(tmp_path / "gone/b")])
    assert looker.notes == []
    (gone,) = trust.observations
    assert (gone.state, gone.unseen) == (RootState.MISSING, 6)


async def test_a_root_in_trouble_makes_its_items_unknown(tmp_path: Path, disk: Disk, trouble: int) -> None:
    folder = make_item(tmp_path / "movies/Heat", TRAILER)
    disk.fail(folder.parent, trouble)
    assert await see(scanner(disk), [request(folder)]) == [UNSEEN]


async def test_folders_that_vanish_together_with_their_root_are_unknown(tmp_path: Path, disk: Disk) -> None:
    """The share is unmounted in the middle: a trailer that was seen before stays seen."""
    _, first, *rest = make_library(tmp_path / "movies", 10)
    (tmp_path / "movies").rename(tmp_path / "elsewhere")
    (tmp_path / "movies").symlink_to("elsewhere")

    def unmount() -> None:
        (tmp_path / "movies").unlink()
        (tmp_path / "movies").mkdir()

    disk.before(rest[0], unmount)
    trust = RootTrust(Roots(scandir=disk.scandir))
    looks = await see(Scanner(trust), [request(folder) for folder in (first, *rest)])
    assert looks == [PRESENT] + [UNSEEN] * 8
    assert [(root.state, root.unseen) for root in trust.observations] == [(RootState.EMPTY, 8)]


async def test_an_item_that_is_the_root_itself_is_unknown(tmp_path: Path) -> None:
    """Other items' files lie there: their trailers are not this item's."""
    make_item(tmp_path / "movies", TRAILER)
    looker = Scanner(RootTrust(Roots()))
    looks = await see(looker, [request(tmp_path / "movies", tmp_path / "movies")])
    assert looks == [UNSEEN]
    assert "the root folder itself" in looker.notes[0]


# Folders that are not there


async def test_a_folder_that_does_not_exist_below_a_good_root_is_absent(tmp_path: Path) -> None:
    make_item(tmp_path / "Heat")
    requests = [request(tmp_path / "Alien"), request(tmp_path / "A/Alien", tmp_path)]
    looker = Scanner(RootTrust(Roots()))
    assert await see(looker, requests) == [ABSENT, ABSENT]
    assert looker.notes == []


# Layouts


@pytest.mark.parametrize(
    ("files", "reported"),
    [
        (["b-trailer.mkv", "a.trailer.mkv", "trailer.mkv", "Trailers/a.mkv"], "a.trailer.mkv"),
        (["trailer.mkv", "Trailers/a.mkv"], "trailer.mkv"),
        (["Trailers/b.mkv", "Trailers/C.mkv"], "Trailers/b.mkv"),
        (["Trailers/x.mkv", "TRAILERS/y.mkv"], "TRAILERS/y.mkv"),
        (["TRAILERS/y.txt", "Trailers/x.mkv"], "Trailers/x.mkv"),
    ],
)
async def test_of_several_trailers_always_the_same_is_reported(
    tmp_path: Path, files: list[str], reported: str
) -> None:
    folder = tmp_path / "Heat"
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"video")
    looks = await see(Scanner(RootTrust(Roots())), [request(folder)])
    assert looks == [Observation(TrailerState.PRESENT, reported)]


async def test_the_items_own_video_is_not_its_trailer(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "The Trailer", "The Trailer.mkv")
    asked = replace(request(folder), main_file="The Trailer.mkv")
    assert await see(Scanner(RootTrust(Roots())), [asked]) == [ABSENT]


async def test_a_folder_is_listed_once_and_its_trailers_folder_only_if_needed(
    tmp_path: Path, disk: Disk
) -> None:
    beside = make_item(tmp_path / "beside", TRAILER, "Trailers/x.mkv")
    below = make_item(tmp_path / "below", "x.mkv", "Trailers/x.mkv", "Subs/x.srt")
    await see(scanner(disk), [request(beside), request(below)])
    del disk.listed[str(tmp_path)]
    assert disk.listed == {str(beside): 1, str(below): 1, str(below / "Trailers"): 1}


async def test_a_bug_is_not_taken_for_trouble_of_the_disk(tmp_path: Path, disk: Disk) -> None:
    (folder,) = make_library(tmp_path, 1)

    def bug() -> None:
        raise AssertionError("a bug")

    disk.before(folder, bug)
    with pytest.raises(ExceptionGroup):
        await see(scanner(disk), [request(folder)])


async def test_a_folder_deleted_under_the_listing_is_absent(tmp_path: Path, disk: Disk) -> None:
    kept, gone = make_library(tmp_path, 2)
    disk.before(gone, lambda: shutil.rmtree(gone))
    assert await see(scanner(disk), [request(kept), request(gone)]) == [ABSENT, ABSENT]


async def test_a_disk_that_is_slower_than_it_was_known_to_be_gets_more_threads_in_the_middle_of_a_part(
    tmp_path: Path,
) -> None:
    """As a first look is, or the weekly one, after refreshes that only asked for the folders' times."""
    folders = make_library(tmp_path / "films", 300)
    at_work, most = 0, 0

    @contextmanager
    def slow(path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        time.sleep(0.01)
        at_work -= 1
        with os.scandir(path) as entries:
            yield entries

    roots = Roots(scandir=slow)
    roots.paces[request(folders[0]).root] = 0.00001
    looks = await see(Scanner(RootTrust(roots)), [request(folder) for folder in folders])
    assert looks == [PRESENT if int(folder.name) % 2 else ABSENT for folder in folders]
    assert most > 4
