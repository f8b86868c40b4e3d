"""Cases 15 to 20: from a path as the server sees it to the folder on this host, and a look into it.

Each goes through a whole refresh: the trailer lies where the path should lead, and only there.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tests.edge.conftest import states
from tests.refresh.conftest import did
from trailarrd.domain.paths import LocalPath, PathMapper, PathMapping, RemotePath
from trailarrd.domain.report import Outcome
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from tests.refresh.conftest import World
    from trailarrd.domain.report import RefreshReport


def local_path(world: World, *pairs: tuple[str, str]) -> list[PathMapping]:
    """Mappings whose local sides are folders of this test."""
    home = world.shelf.folder.parent
    return [
        PathMapping(RemotePath(remote), LocalPath(f"{home}/{local}".rstrip("/"))) for remote, local in pairs
    ]


async def refresh(world: World, mappings: Iterable[PathMapping]) -> RefreshReport:
    """One refresh by these mappings."""
    world.mappings = tuple(mappings)
    return await world.refresh()


def trailer_in(world: World, folder: str) -> Path:
    """A trailer in a folder of this test."""
    file = world.shelf.folder.parent / folder / "a-trailer.mkv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"video")
    return file


def only(world: World, path: str, root: str) -> None:
    """The server has one item, there."""
    library = world.shelf.library
    library.roots[:] = [root]
    library.delete(2, 3)
    library.move(1, path)


async def test_15_mapping_of_movies_with_a_library_movies_4k(world: World) -> None:
    """Whole components: the second library keeps its path."""
    elsewhere = world.shelf.folder.parent / "movies-4k"
    world.shelf.library.roots[:] = ["/movies", str(elsewhere)]
    world.shelf.library.move(1, "/movies/Alpha")
    world.shelf.library.move(2, f"{elsewhere}/Beta")
    world.shelf.library.delete(3)
    trailer_in(world, "m/Alpha")
    trailer_in(world, "movies-4k/Beta")
    mappings = local_path(world, ("/movies", "m"), (str(elsewhere.parent / "movies"), "wrong"))
    assert (await refresh(world, mappings)).outcome is Outcome.OK
    assert await states(world) == {1: "present", 2: "present"}


async def test_16_mapping_source_occurs_again_inside_the_path(world: World) -> None:
    """Only the prefix changes: bazarr's `Movies/Movies`."""
    only(world, "/tv/Show/tv", "/tv")
    trailer_in(world, "mnt/tv/Show/tv")
    assert (await refresh(world, local_path(world, ("/tv", "mnt/tv")))).outcome is Outcome.OK
    assert await states(world) == {1: "present"}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_17_overlapping_mappings(world: World, order: tuple[int, ...]) -> None:
    """The longest wins, whatever the order in the file."""
    only(world, "/data/media/movies/Alpha", "/data/media/movies")
    trailer_in(world, "right/Alpha")
    pairs = [("/data", "short"), ("/data/media", "middle"), ("/data/media/movies", "right")]
    assert (await refresh(world, local_path(world, *(pairs[i] for i in order)))).outcome is Outcome.OK
    assert await states(world) == {1: "present"}


@pytest.mark.parametrize(
    ("remote", "path", "root", "folder"),
    [
        ("D:\\Movies", "D:\\Movies\\Alpha (2001)", "D:\\Movies", "m/Alpha (2001)"),
        ("d:\\movies", "D:\\Movies\\Alpha", "D:\\Movies", "m/Alpha"),
        ("D:/Movies", "D:\\Movies\\Alpha", "D:\\Movies\\", "m/Alpha"),
        ("D:\\Movies\\", "D:\\Movies/A\\Alpha", "D:\\Movies", "m/A/Alpha"),
        ("D:\\", "D:\\Movies\\Alpha", "D:\\Movies", "m/Movies/Alpha"),
        ("\\\\nas\\tv", "\\\\NAS\\TV\\Alpha", "\\\\nas\\tv", "m/Alpha"),
        ("//nas/tv", "//nas/tv/Alpha", "//nas/tv", "m/Alpha"),
        ("/movies/", "/movies/Alpha", "/movies", "m/Alpha"),
        ("/movies", "/movies/Alpha/", "/movies/", "m/Alpha"),
        ("/movies", "/movies//A/./Alpha", "/movies", "m/A/Alpha"),
        ("/movies", "/movies/AC\\DC", "/movies", "m/AC\\DC"),
    ],
)
async def test_18_windows_unc_slashes_case_and_trailing_slash(
    world: World, remote: str, path: str, root: str, folder: str
) -> None:
    only(world, path, root)
    trailer_in(world, folder)
    assert (await refresh(world, local_path(world, (remote, "m")))).outcome is Outcome.OK
    assert await states(world) == {1: "present"}


@pytest.mark.parametrize("path", ["/movies", "/movies/"])
async def test_18_path_that_is_the_mapping_source_itself(world: World, path: str) -> None:
    """It is the root folder: nothing in it is taken for this item's trailer, and nothing is lost."""
    only(world, path, "/movies")
    trailer_in(world, "m")
    report = await refresh(world, local_path(world, ("/movies", "m")))
    assert (report.outcome, await states(world)) == (Outcome.PARTIAL, {1: "unknown"})


def test_18_posix_paths_are_case_sensitive_and_windows_paths_are_not() -> None:
    mapper = PathMapper(
        [
            PathMapping(RemotePath("/Movies"), LocalPath("/m")),
            PathMapping(RemotePath("D:\\TV"), LocalPath("/t")),
        ]
    )
    assert mapper.to_local(RemotePath("/movies/Alpha")) == "/movies/Alpha"
    assert mapper.to_local(RemotePath("d:/tv/Alpha")) == "/t/Alpha"
    assert mapper.to_local(RemotePath("E:\\TV\\Alpha")) is None


@pytest.mark.parametrize(
    ("remote", "local"), [("''", "/mnt"), ("/movies", "''"), ("movies", "/mnt"), ("/movies", "mnt/movies")]
)
async def test_19_empty_or_relative_mapping_is_refused(
    household: Household, trailarrd: CommandLine, remote: str, local: str
) -> None:
    """With the line it stands in; and nothing is asked of any server."""
    text = household.config.read_text()
    before = f'{{remote: /movies, local: "{household.movies.folder}"}}'
    assert before in text
    household.config.write_text(text.replace(before, f"{{remote: {remote}, local: {local}}}"))
    done = await trailarrd("refresh")
    assert done.code == 78
    assert f"{household.config}:" in done.err
    assert household.movies.server.requests == []


async def test_19_mapping_from_the_root(world: World) -> None:
    """From `/` everything is meant, and nothing twice."""
    only(world, "/data/A/Alpha", "/data/A")
    trailer_in(world, "mnt/data/A/Alpha")
    assert (await refresh(world, local_path(world, ("/", "mnt")))).outcome is Outcome.OK
    assert await states(world) == {1: "present"}


async def test_19_mapping_to_the_root(world: World) -> None:
    home = world.shelf.folder.parent
    only(world, f"/host{home}/m/Alpha", f"/host{home}/m")
    trailer_in(world, "m/Alpha")
    mapping = PathMapping(RemotePath("/host"), LocalPath("/"))
    assert (await refresh(world, [mapping])).outcome is Outcome.OK
    assert await states(world) == {1: "present"}
    assert PathMapper([mapping]).to_local(RemotePath("/host")) == "/"


@pytest.mark.parametrize("path", ["/movies/../etc", "movies/Alpha", "..", ""], ids=repr)
async def test_19_path_that_leads_out_of_its_root_or_nowhere(world: World, path: str) -> None:
    only(world, path, "/movies")
    trailer_in(world, "etc")
    report = await refresh(world, local_path(world, ("/movies", "m")))
    known = await world.rows()
    assert {row.local_path for row in known.values()} <= {None}
    assert {row.trailer.value for row in known.values()} <= {"unknown"}
    assert report.fetched + report.quarantined == 1


@pytest.mark.parametrize("dialect", [RADARR], ids=["radarr"])
@pytest.mark.parametrize("path", ["/not on this host", "D:\\Movies"])
async def test_20_no_mapping_matches_any_item(world: World, path: str) -> None:
    """Nothing deleted, no state lost; the user is told where nothing was found."""
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await world.refresh()
    rows = {row.title: row.id for row in (await world.rows()).values()}
    library = world.shelf.library
    separator = "\\" if path.startswith("D") else "/"
    library.roots[:] = [path]
    for arr_id in (1, 2, 3):
        library.move(arr_id, f"{path}{separator}{library.record(arr_id)['title']}")
    for _ in range(2):
        report = await refresh(world, local_path(world, ("/films", "m")))
        assert (report.outcome, report.trailers.unknown) == (Outcome.PARTIAL, 3)
        assert "removed" not in did(report)
        assert {row.title: row.id for row in (await world.rows()).values()} == rows
        assert await states(world) == {1: "absent", 2: "present", 3: "absent"}
    named = [(root.path, root.state.value, root.items) for root in report.roots]
    assert named == ([] if path.startswith("D") else [(path, "missing", 3)])
