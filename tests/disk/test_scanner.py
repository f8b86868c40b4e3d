"""Many folders, few threads; a disk in trouble says unknown, never absent, and stops nobody else."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.disk.conftest import see
from trailarrd.disk.belief import Belief
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import LookRequest, Scanner
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import UNSEEN, Sight
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from tests.disk.conftest import Disk, Until

ABSENT = Sight(TrailerState.ABSENT)
TRAILER = "x-trailer.mkv"
PRESENT = Sight(TrailerState.PRESENT, TRAILER)


def request(folder: Path, root: Path | None = None) -> LookRequest:
    return LookRequest(LocalPath(str(folder)), None, LocalPath(str(root or folder.parent)))


def make_item(folder: Path, *files: str) -> Path:
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"video")
    return folder


def make_library(root: Path, size: int) -> list[Path]:
    """Every second item has a trailer."""
    return [make_item(root / f"{n:04}", *([TRAILER] if n % 2 else ["x.mkv"])) for n in range(size)]


def scanner(disk: Disk, deadline: float = 30) -> Scanner:
    return Scanner(Belief(Roots(deadline=deadline, scandir=disk.scandir)))


async def test_the_answers_come_in_the_order_of_the_requests(tmp_path: Path) -> None:
    """Three roots, mixed, and more folders than one thread takes at once."""
    folders = [f for root in "abc" for f in make_library(tmp_path / root, 300)]
    mixed = folders[::3] + folders[1::3] + folders[2::3]
    sights = await see(Scanner(Belief(Roots())), [request(folder) for folder in mixed])
    assert sights == [PRESENT if int(folder.name) % 2 else ABSENT for folder in mixed]


async def test_nothing_asked_nothing_answered() -> None:
    assert await see(Scanner(Belief(Roots())), []) == []


async def test_a_trailer_that_comes_or_goes_is_noticed_at_the_next_look(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv")
    looker = Scanner(Belief(Roots()))
    assert await see(looker, [request(folder)]) == [ABSENT]
    (folder / TRAILER).write_bytes(b"video")
    assert await see(looker, [request(folder)]) == [PRESENT]
    (folder / TRAILER).unlink()
    assert await see(looker, [request(folder)]) == [ABSENT]


async def test_a_sequel_has_not_its_forerunners_trailer(tmp_path: Path) -> None:
    alien = make_item(tmp_path / "Alien")
    aliens = make_item(tmp_path / "Aliens", TRAILER)
    assert await see(Scanner(Belief(Roots())), [request(alien), request(aliens)]) == [ABSENT, PRESENT]


async def test_two_items_in_one_folder_both_have_its_trailer(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", TRAILER)
    assert await see(Scanner(Belief(Roots())), [request(folder)] * 2) == [PRESENT, PRESENT]


# Roots


async def test_a_root_that_is_gone_or_empty_makes_its_items_unknown(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    good = make_item(tmp_path / "good/Heat")
    requests = [request(tmp_path / "gone/a"), request(tmp_path / "empty/a"), request(good)]
    assert await see(Scanner(Belief(Roots())), requests) == [UNSEEN, UNSEEN, ABSENT]


async def test_a_root_that_is_not_believed_is_counted_and_not_noted_for_each_batch(tmp_path: Path) -> None:
    belief = Belief(Roots())
    looker = Scanner(belief)
    for _ in range(3):
        await see(looker, [request(tmp_path / "gone/a"), request(tmp_path / "gone/b")])
    assert looker.notes == []
    (gone,) = belief.sights
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
    belief = Belief(Roots(scandir=disk.scandir))
    sights = await see(Scanner(belief), [request(folder) for folder in (first, *rest)])
    assert sights == [PRESENT] + [UNSEEN] * 8
    assert [(root.state, root.unseen) for root in belief.sights] == [(RootState.EMPTY, 8)]


async def test_an_item_that_is_the_root_itself_is_unknown(tmp_path: Path) -> None:
    """Other items' files lie there: their trailers are not this item's."""
    make_item(tmp_path / "movies", TRAILER)
    looker = Scanner(Belief(Roots()))
    sights = await see(looker, [request(tmp_path / "movies", tmp_path / "movies")])
    assert sights == [UNSEEN]
    assert "the root folder itself" in looker.notes[0]


# Folders that are not there


async def test_a_folder_that_does_not_exist_below_a_good_root_is_absent(tmp_path: Path) -> None:
    make_item(tmp_path / "Heat")
    requests = [request(tmp_path / "Alien"), request(tmp_path / "A/Alien", tmp_path)]
    looker = Scanner(Belief(Roots()))
    assert await see(looker, requests) == [ABSENT, ABSENT]
    assert looker.notes == []


async def test_a_folder_that_links_to_nothing_is_unknown(tmp_path: Path) -> None:
    """As when the items are links into another share, and that one is gone."""
    (tmp_path / "Heat").symlink_to("/nonexistent/Heat")
    (tmp_path / "nas2").symlink_to("/nonexistent")
    looker = Scanner(Belief(Roots()))
    requests = [request(tmp_path / "Heat"), request(tmp_path / "nas2/Alien", tmp_path)]
    assert await see(looker, requests) == [UNSEEN, UNSEEN]
    assert len(looker.notes) == 2


async def test_a_folder_below_an_empty_folder_that_is_not_the_root_is_unknown(
    tmp_path: Path,
) -> None:
    """As when a second share is mounted inside the root, and came up empty."""
    make_item(tmp_path / "hd/Heat")
    (tmp_path / "4k").mkdir()
    requests = [
        request(tmp_path / "4k/Heat", tmp_path),
        request(tmp_path / "4k/H/Heat", tmp_path),
        request(tmp_path / "hd/Alien", tmp_path),
    ]
    assert await see(Scanner(Belief(Roots())), requests) == [UNSEEN, UNSEEN, ABSENT]


async def test_a_folder_that_is_a_file_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "Heat").write_bytes(b"video")
    assert await see(Scanner(Belief(Roots())), [request(tmp_path / "Heat")]) == [UNSEEN]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "x" * 300])
async def test_a_folder_that_cannot_exist_is_unknown_and_stops_nobody(tmp_path: Path, name: str) -> None:
    good = make_item(tmp_path / "good", TRAILER)
    bad = LookRequest(LocalPath(f"{tmp_path}/{name}"), None, LocalPath(str(tmp_path)))
    looker = Scanner(Belief(Roots()))
    assert await see(looker, [bad, request(good)]) == [UNSEEN, PRESENT]
    looker.notes[0].encode()


# Folders in trouble


async def test_an_unreadable_folder_is_unknown_and_stops_nobody(
    tmp_path: Path, disk: Disk, trouble: int
) -> None:
    bad, good = make_library(tmp_path, 2)
    disk.fail(bad, trouble)
    looker = scanner(disk)
    assert await see(looker, [request(bad), request(good)]) == [UNSEEN, PRESENT]
    assert len(looker.notes) == 1
    assert looker.notes[0].startswith(f"{bad}: ")


async def test_an_unreadable_trailers_folder_is_unknown_unless_a_trailer_lies_outside(
    tmp_path: Path, disk: Disk, trouble: int
) -> None:
    bad = make_item(tmp_path / "bad", "Trailers/x.mkv")
    good = make_item(tmp_path / "good", "Trailers/x.mkv", TRAILER)
    other = make_item(tmp_path / "other", "Trailers/x.mkv", "Extras/Trailers/y.mkv")
    for folder in (bad, good, other):
        disk.fail(folder / "Trailers", trouble)
    sights = await see(scanner(disk), [request(bad), request(good), request(other)])
    extra = Sight(TrailerState.PRESENT, "Extras/Trailers/y.mkv")
    assert sights == [UNSEEN, PRESENT, extra]


async def test_links_loops_pipes_and_sockets_are_noted_and_never_opened(tmp_path: Path) -> None:
    import os
    import socket

    folder = make_item(tmp_path / "Heat", "y.trailer.mkv")
    os.mkfifo(folder / "a-trailer.mkv")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path is limited to some 100 bytes
        try:
            listener.bind("b-trailer.mkv")
        finally:
            os.chdir(here)
    (folder / "c-trailer.mkv").symlink_to("nowhere")
    (folder / "d-trailer.mkv").symlink_to("d-trailer.mkv")
    (folder / "e-trailer.mkv").mkdir()
    (folder / "f-trailer.mkv").touch()
    (folder / "Trailers").symlink_to("Trailers")
    (folder / "Extras").symlink_to(".")
    looker = Scanner(Belief(Roots(deadline=5)))
    found = Sight(TrailerState.PRESENT, "y.trailer.mkv")
    assert await see(looker, [request(folder)]) == [found]
    assert [note.split(": ")[0].removeprefix(f"{folder}/") for note in looker.notes] == [
        f"{letter}-trailer.mkv" for letter in "abcdef"
    ]


async def test_only_links_to_nothing_leave_no_doubt_that_there_is_no_trailer(
    tmp_path: Path,
) -> None:
    folder = make_item(tmp_path / "Heat")
    (folder / TRAILER).symlink_to("nowhere")
    (folder / "Trailers").symlink_to("Trailers")
    looker = Scanner(Belief(Roots()))
    assert await see(looker, [request(folder)]) == [ABSENT]
    assert len(looker.notes) == 2


async def test_a_link_to_a_video_and_a_link_to_a_trailers_folder_count(tmp_path: Path) -> None:
    store = make_item(tmp_path / "store", "video.mkv")
    linked = make_item(tmp_path / "linked")
    (linked / TRAILER).symlink_to("../store/video.mkv")
    below = make_item(tmp_path / "below")
    (below / "Trailers").symlink_to(store)
    sights = await see(Scanner(Belief(Roots())), [request(linked), request(below)])
    assert sights == [PRESENT, Sight(TrailerState.PRESENT, "Trailers/video.mkv")]


# Layouts


@pytest.mark.parametrize(
    ("files", "reported"),
    [
        (["b-trailer.mkv", "a.trailer.mkv", "trailer.mkv", "Trailers/a.mkv"], "a.trailer.mkv"),
        (["trailer.mkv", "Trailers/a.mkv"], "trailer.mkv"),
        (["Extras/Trailers/a.mkv", "Trailers/b.mkv", "Trailers/C.mkv"], "Trailers/b.mkv"),
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
    assert await see(Scanner(Belief(Roots())), [request(folder)]) == [Sight(TrailerState.PRESENT, reported)]


async def test_the_items_own_video_is_not_its_trailer(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "The Trailer", "The Trailer.mkv")
    asked = request(folder)._replace(main_file="The Trailer.mkv")
    assert await see(Scanner(Belief(Roots())), [asked]) == [ABSENT]


async def test_a_folder_is_listed_once_and_its_trailers_folder_only_if_needed(
    tmp_path: Path, disk: Disk
) -> None:
    beside = make_item(tmp_path / "beside", TRAILER, "Trailers/x.mkv")
    below = make_item(tmp_path / "below", "x.mkv", "Trailers/x.mkv", "Subs/x.srt")
    await see(scanner(disk), [request(beside), request(below)])
    del disk.listed[str(tmp_path)]
    assert disk.listed == {str(beside): 1, str(below): 1, str(below / "Trailers"): 1}


# Names


async def test_a_name_that_is_not_utf8_counts_and_can_be_stored(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", "caf\udce9-trailer.mkv")
    looker = Scanner(Belief(Roots()))
    assert await see(looker, [request(folder)]) == [
        Sight(TrailerState.PRESENT, "caf\N{REPLACEMENT CHARACTER}-trailer.mkv")
    ]
    assert "not UTF-8" in looker.notes[0]
    looker.notes[0].encode()


@pytest.mark.parametrize(
    "name", ["\N{CLAPPER BOARD} 映画", "ends with a dot.", "ends with a space ", "AC\\DC", "é" * 127]
)
async def test_unusual_names_are_names(tmp_path: Path, name: str) -> None:
    folder = make_item(tmp_path / name, TRAILER)
    assert await see(Scanner(Belief(Roots())), [request(folder)]) == [PRESENT]


COMPOSED, DECOMPOSED = "Am\u00e9lie", "Ame\u0301lie"


@pytest.mark.parametrize(
    ("root", "folder", "asked_root", "asked_folder"),
    [
        ("movies", COMPOSED, "movies", DECOMPOSED),
        ("movies", DECOMPOSED, "movies", COMPOSED),
        (COMPOSED, COMPOSED, DECOMPOSED, DECOMPOSED),
        (DECOMPOSED, COMPOSED, COMPOSED, DECOMPOSED),
        (COMPOSED, DECOMPOSED, COMPOSED, COMPOSED),
    ],
)
async def test_a_folder_is_found_in_either_unicode_spelling(
    tmp_path: Path, root: str, folder: str, asked_root: str, asked_folder: str
) -> None:
    make_item(tmp_path / root / folder, TRAILER)
    asked = request(tmp_path / asked_root / asked_folder)
    assert await see(Scanner(Belief(Roots())), [asked]) == [PRESENT]


async def test_a_folder_with_an_accent_that_exists_in_no_spelling_is_absent(tmp_path: Path) -> None:
    make_item(tmp_path / "Heat")
    assert await see(Scanner(Belief(Roots())), [request(tmp_path / COMPOSED)]) == [ABSENT]


async def test_a_name_cannot_forge_a_line_of_the_log(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat\nerror: all is lost")
    (folder / TRAILER).touch()
    looker = Scanner(Belief(Roots()))
    await see(looker, [request(folder)])
    assert "\n" not in looker.notes[0]


async def test_notes_are_bounded_and_the_rest_is_counted(tmp_path: Path) -> None:
    folders = [make_item(tmp_path / str(n)) for n in range(130)]
    for folder in folders:
        (folder / TRAILER).touch()
    looker = Scanner(Belief(Roots()))
    await see(looker, [request(folder) for folder in folders])
    assert (len(looker.notes), looker.notes_dropped) == (100, 30)


# Disks that hang


async def test_a_folder_that_hangs_makes_the_rest_of_its_root_unknown_and_no_other(
    tmp_path: Path, disk: Disk
) -> None:
    bad, good = make_library(tmp_path / "bad", 600), make_library(tmp_path / "good", 600)
    disk.hang(bad[5], bad[140])
    roots = Roots(deadline=0.2, scandir=disk.scandir)
    roots.paces[LocalPath(str(tmp_path / "bad"))] = 0.0005  # slow enough for two threads
    belief = Belief(roots)
    sights = await see(Scanner(belief), [request(folder) for folder in bad + good])
    seen = [PRESENT if n % 2 else ABSENT for n in range(600)]
    hung = [*seen[:5], *[UNSEEN] * 95, *seen[100:140]]  # two threads had begun, on 100 folders each
    hung = [PRESENT if sight == PRESENT else UNSEEN for sight in hung]
    assert sights == hung + [UNSEEN] * 460 + seen
    assert [root.state for root in belief.sights] == [RootState.TIMED_OUT, RootState.OK]
    assert [root.unseen for root in belief.sights] == [600 - 8, 0]


async def test_a_root_that_hung_is_given_up_for_the_rest_of_the_refresh(tmp_path: Path, disk: Disk) -> None:
    bad, other = make_library(tmp_path, 2)
    disk.hang(bad)
    looker = scanner(disk, deadline=0.1)
    assert await see(looker, [request(bad)]) == [UNSEEN]
    disk.back.set()
    await asyncio.sleep(0.1)
    assert await see(looker, [request(other)]) == [UNSEEN]


async def test_as_long_as_a_thread_hangs_no_later_refresh_sends_another(
    tmp_path: Path, disk: Disk, until: Until
) -> None:
    (bad,) = make_library(tmp_path, 1)
    disk.hang(bad)
    roots = Roots(deadline=0.1, scandir=disk.scandir)
    for _ in range(3):
        assert await see(Scanner(Belief(roots)), [request(bad)]) == [UNSEEN]
    assert disk.listed[str(bad)] == 1
    disk.back.set()

    async def is_back() -> bool:
        return await see(Scanner(Belief(roots)), [request(bad)]) == [ABSENT]

    await until(is_back)


async def test_a_slow_disk_that_goes_on_is_waited_for(tmp_path: Path, disk: Disk) -> None:
    """The deadline is for no progress at all, not for the whole of a chunk."""
    folders = make_library(tmp_path, 12)
    for folder in folders:
        disk.before(folder, lambda: time.sleep(0.1))
    sights = await see(scanner(disk, deadline=0.5), [request(folder) for folder in folders])
    assert sights == [PRESENT if n % 2 else ABSENT for n in range(12)]


async def test_a_thread_that_was_given_up_stops_at_the_next_folder(
    tmp_path: Path, disk: Disk, until: Until
) -> None:
    folders = make_library(tmp_path, 20)
    disk.hang(folders[3])
    await see(scanner(disk, deadline=0.1), [request(folder) for folder in folders])
    disk.back.set()
    await until(_threads_ended)
    assert disk.listed[str(folders[4])] == 0


async def test_cancelling_a_look_does_not_wait_for_the_disk(tmp_path: Path, disk: Disk, until: Until) -> None:
    folders = make_library(tmp_path, 3)
    disk.hang(folders[0])
    look = asyncio.create_task(see(scanner(disk), [request(folder) for folder in folders]))

    async def has_begun() -> bool:
        return disk.listed[str(folders[0])] > 0

    await until(has_begun)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(look, 5)
    disk.back.set()
    await until(_threads_ended)
    assert disk.listed[str(folders[1])] == 0


async def _threads_ended() -> bool:
    return not any(thread.name.startswith("disk ") for thread in threading.enumerate())


async def test_at_most_two_threads_are_in_one_root(tmp_path: Path, disk: Disk) -> None:
    folders = make_library(tmp_path, 700)
    inside: set[int] = set()
    met: list[int] = []

    def linger() -> None:
        inside.add(threading.get_ident())
        time.sleep(0.02)
        met.append(len(inside))
        inside.discard(threading.get_ident())

    for folder in folders[::10]:
        disk.before(folder, linger)
    await see(scanner(disk), [request(folder) for folder in folders])
    assert set(met) <= {1, 2}
    assert len(met) == 70


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
