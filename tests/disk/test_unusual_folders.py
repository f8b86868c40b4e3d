"""Folders in trouble and odd names: noted, never fatal, and never taken for what they are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.disk.conftest import see
from tests.disk.items import ABSENT, PRESENT, TRAILER, make_item, make_library, request, scanner
from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import UNSEEN, Observation

if TYPE_CHECKING:
    from tests.disk.conftest import Disk

COMPOSED, DECOMPOSED = "Am\u00e9lie", "Ame\u0301lie"


async def test_a_folder_that_links_to_nothing_is_unknown(tmp_path: Path) -> None:
    """As when the items are links into another share, and that one is gone."""
    (tmp_path / "Heat").symlink_to("/nonexistent/Heat")
    (tmp_path / "nas2").symlink_to("/nonexistent")
    looker = Scanner(RootTrust(Roots()))
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
    assert await see(Scanner(RootTrust(Roots())), requests) == [UNSEEN, UNSEEN, ABSENT]


async def test_a_folder_that_is_a_file_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "Heat").write_bytes(b"video")
    assert await see(Scanner(RootTrust(Roots())), [request(tmp_path / "Heat")]) == [UNSEEN]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "x" * 300])
async def test_a_folder_that_cannot_exist_is_unknown_and_stops_nobody(tmp_path: Path, name: str) -> None:
    good = make_item(tmp_path / "good", TRAILER)
    bad = LookRequest(LocalPath(f"{tmp_path}/{name}"), None, LocalPath(str(tmp_path)))
    looker = Scanner(RootTrust(Roots()))
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
    other = make_item(tmp_path / "other", "Trailers/x.mkv", "TRAILERS/y.mkv")
    for folder in (bad, good, other):
        disk.fail(folder / "Trailers", trouble)
    looks = await see(scanner(disk), [request(bad), request(good), request(other)])
    assert looks == [UNSEEN, PRESENT, Observation(TrailerState.PRESENT, "TRAILERS/y.mkv")]


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
    looker = Scanner(RootTrust(Roots(deadline=5)))
    found = Observation(TrailerState.PRESENT, "y.trailer.mkv")
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
    looker = Scanner(RootTrust(Roots()))
    assert await see(looker, [request(folder)]) == [ABSENT]
    assert len(looker.notes) == 2


async def test_a_link_to_a_video_and_a_link_to_a_trailers_folder_count(tmp_path: Path) -> None:
    store = make_item(tmp_path / "store", "video.mkv")
    linked = make_item(tmp_path / "linked")
    (linked / TRAILER).symlink_to("../store/video.mkv")
    below = make_item(tmp_path / "below")
    (below / "Trailers").symlink_to(store)
    looks = await see(Scanner(RootTrust(Roots())), [request(linked), request(below)])
    assert looks == [PRESENT, Observation(TrailerState.PRESENT, "Trailers/video.mkv")]


# Names


async def test_a_name_that_is_not_utf8_counts_and_can_be_stored(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", "caf\udce9-trailer.mkv")
    looker = Scanner(RootTrust(Roots()))
    assert await see(looker, [request(folder)]) == [
        Observation(TrailerState.PRESENT, "caf\N{REPLACEMENT CHARACTER}-trailer.mkv")
    ]
    assert "not UTF-8" in looker.notes[0]
    looker.notes[0].encode()


@pytest.mark.parametrize(
    "name", ["\N{CLAPPER BOARD} 映画", "ends with a dot.", "ends with a space ", "AC\\DC", "é" * 127]
)
async def test_unusual_names_are_names(tmp_path: Path, name: str) -> None:
    folder = make_item(tmp_path / name, TRAILER)
    assert await see(Scanner(RootTrust(Roots())), [request(folder)]) == [PRESENT]


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
    assert await see(Scanner(RootTrust(Roots())), [asked]) == [PRESENT]


async def test_a_folder_with_an_accent_that_exists_in_no_spelling_is_absent(tmp_path: Path) -> None:
    make_item(tmp_path / "Heat")
    assert await see(Scanner(RootTrust(Roots())), [request(tmp_path / COMPOSED)]) == [ABSENT]


async def test_a_name_cannot_forge_a_line_of_the_log(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat\nerror: all is lost")
    (folder / TRAILER).touch()
    looker = Scanner(RootTrust(Roots()))
    await see(looker, [request(folder)])
    assert "\n" not in looker.notes[0]


async def test_notes_are_bounded_and_the_rest_is_counted(tmp_path: Path) -> None:
    folders = [make_item(tmp_path / str(n)) for n in range(130)]
    for folder in folders:
        (folder / TRAILER).touch()
    looker = Scanner(RootTrust(Roots()))
    await see(looker, [request(folder) for folder in folders])
    *kept, last = looker.notes
    assert (len(kept), last) == (100, "and 30 more notes like these")
