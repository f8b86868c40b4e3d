"""Cases 22 to 26: folders in trouble, names and files that mislead."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.edge.conftest import states
from tests.edge.disks import BEFORE, refresh_well
from tests.refresh.conftest import seen
from trailarrd.domain.want import WANT_ALL
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tests.refresh.conftest import World

# 22: folder not created yet


async def test_22_media_folder_not_created_yet(world: World) -> None:
    """The item is wanted where that is said, its folder comes with its first file."""
    world.want = WANT_ALL
    arr_id = world.shelf.library.add(title="Delta", year=2004)["id"]
    world.shelf.library.set_file(arr_id, has_file=False)
    assert not world.shelf.place(arr_id).exists()
    await refresh_well(world, {1: "absent", 2: "absent", 3: "absent", arr_id: "absent"})
    assert (await world.rows())[arr_id].status(world.now).value == "monitored"
    world.shelf.put(arr_id, "Delta-trailer.mkv")
    await refresh_well(world, {1: "absent", 2: "absent", 3: "absent", arr_id: "present"})


# 23: unreadable sub-folder, dangling symlink, loop, FIFO, socket


async def test_23_trouble_in_one_folder_is_noted_and_the_others_are_scanned(world: World) -> None:
    world.shelf.put(3, "Trailers/Teaser.mkv")
    folder = world.shelf.place(2)
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
    (folder / "Trailers").symlink_to("Trailers")
    (folder / "Extras").symlink_to(".")
    async with asyncio.timeout(20):
        await refresh_well(world, {1: "absent", 2: "absent", 3: "present"})


async def test_23_unreadable_sub_folder_is_unknown_and_stops_nobody(world: World) -> None:
    trailer = world.shelf.put(2, "Trailers/Teaser.mkv")
    world.shelf.put(3, "Trailers/Teaser.mkv")
    expected = {1: "absent", 2: "present", 3: "present"}
    await refresh_well(world, expected)

    def scandir(path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if path == str(trailer.parent):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return os.scandir(path)

    world.roots.scandir = scandir
    report = await world.refresh()
    assert seen(report) == {"present": 1, "absent": 1, "unknown": 1}
    assert await states(world) == expected


async def test_23_folder_that_links_into_a_mount_that_is_gone_is_unknown(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)
    folder = world.shelf.place(2)
    folder.rename(folder.with_name("on the other disk"))
    folder.symlink_to("/nonexistent/Beta")
    assert seen(await world.refresh()) == {"absent": 2, "unknown": 1}
    assert await states(world) == BEFORE


# 24: names


@pytest.mark.parametrize(
    "name",
    [
        "Am\u00e9lie",
        "Ame\u0301lie",
        "\N{CLAPPER BOARD} 映画",
        "ends with a dot.",
        "ends with a space ",
        "AC\\DC",
        "x" * 255,
        "é" * 127,
        "new\nline",
    ],
    ids=["NFC", "NFD", "emoji", "dot", "space", "backslash", "255-bytes", "254-bytes", "newline"],
)
async def test_24_unusual_folder_names_are_matched(world: World, name: str) -> None:
    arr_id = world.shelf.add("Delta", 2004)
    world.shelf.library.move(arr_id, f"{world.shelf.library.dialect.root}/{name}")
    (world.shelf.folder / name).mkdir()
    (world.shelf.folder / name / "a-trailer.mkv").write_bytes(b"video")
    await world.refresh()
    assert (await states(world))[arr_id] == "present"


@pytest.mark.parametrize(
    ("here", "there"), [("Ame\u0301lie", "Am\u00e9lie"), ("Am\u00e9lie", "Ame\u0301lie")]
)
async def test_24_nfc_there_and_nfd_here(world: World, here: str, there: str) -> None:
    arr_id = world.shelf.add("Delta", 2004)
    world.shelf.library.move(arr_id, f"{world.shelf.library.dialect.root}/{there}")
    (world.shelf.folder / here).mkdir()
    (world.shelf.folder / here / "a-trailer.mkv").write_bytes(b"video")
    await world.refresh()
    assert (await states(world))[arr_id] == "present"


async def test_24_a_trailer_whose_name_is_not_utf8_counts_and_is_stored(world: World) -> None:
    world.shelf.put(2, "caf\udce9-trailer.mkv")
    await refresh_well(world)
    with closing(sqlite3.connect(world.database.path)) as database:
        rows = database.execute("SELECT trailer_file FROM media WHERE arr_id = 2").fetchall()
    assert rows == [("caf\N{REPLACEMENT CHARACTER}-trailer.mkv",)]


async def test_24_a_name_that_no_disk_can_have_is_reported_and_stops_nobody(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    root = world.shelf.library.dialect.root
    too_long = world.shelf.add("Delta", 2004)
    world.shelf.library.move(too_long, f"{root}/{'x' * 256}")
    report = await world.refresh()
    assert seen(report) == {"present": 1, "absent": 2, "unknown": 1}


# 25: trailer name traps

TRAPS: dict[str, tuple[str, bool]] = {
    "an episode with the word": ("The Trailer S01E02.mkv", False),
    "a title with the word": ("Trailer Park Boys.mkv", False),
    "a picture": ("trailer.jpg", False),
    "a description": ("x-trailer.nfo", False),
    "unfinished": ("x-trailer.mkv.part", False),
    "capitals": ("x-TRAILER.MKV", True),
    "a bare word with a digit": ("trailer2.mkv", False),
    "a suffix with a digit": ("x-trailer2.mkv", True),
    "AppleDouble": ("._x-trailer.mkv", False),
    "thumbnails": ("@eaDir/x-trailer.mkv", False),
}


@pytest.mark.parametrize("trap", TRAPS)
async def test_25_trailer_name_traps(world: World, trap: str) -> None:
    name, counts = TRAPS[trap]
    world.shelf.put(2, name)
    await refresh_well(world, BEFORE if counts else dict.fromkeys((1, 2, 3), "absent"))


async def test_25_an_empty_file_is_no_trailer(world: World) -> None:
    world.shelf.put(2, "x-trailer.mkv", b"")
    await refresh_well(world, dict.fromkeys((1, 2, 3), "absent"))


@pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])
async def test_25_the_movie_itself_is_no_trailer(world: World) -> None:
    world.shelf.library.edit(2, movieFile={"relativePath": "Beta.trailer.mkv"})
    world.shelf.put(2, "Beta.trailer.mkv")
    await refresh_well(world, dict.fromkeys((1, 2, 3), "absent"))


# 26: changes between refreshes


async def test_26_a_trailer_added_and_one_deleted_outside_are_both_noticed(world: World) -> None:
    first = world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)
    first.unlink()
    world.shelf.put(3, "Gamma-trailer.mkv")
    await refresh_well(world, {1: "absent", 2: "absent", 3: "present"})
    events: list[Any] = [(event, arr_id) for event, arr_id, _ in await world.history()]
    assert ("trailer-vanished", 2) in events
    assert ("trailer-appeared", 3) in events
    assert (await world.decisions())[2] == (True, "mode-missing")
    assert (await world.decisions())[3] == (False, "trailer-present")
