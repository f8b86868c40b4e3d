"""Case 21: disks that are not there: missing, empty, stale, hanging, another one, lost for good."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests import mounts
from tests.edge.disks import Hanging, refresh_unknown, refresh_well
from tests.process import PIPE, STDOUT, running
from tests.world import shelf_of_three
from trailarrd.config import load
from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.disk.roots import Roots
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import RootState
from trailarrd.runtime.runtime import open_runtime
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.e2e.conftest import Start
    from tests.household import Household
    from tests.refresh.conftest import World


async def test_21_root_missing(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)
    away = world.shelf.folder.rename(world.shelf.folder.with_name("unmounted"))
    for _ in range(2):
        await refresh_unknown(world, RootState.MISSING)
    away.rename(world.shelf.folder)
    await refresh_well(world)


@pytest.mark.parametrize("litter", [(), ("lost+found", ".nomedia")], ids=["nothing", "litter"])
async def test_21_mount_point_empty(world: World, litter: tuple[str, ...]) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)
    away = world.shelf.folder.rename(world.shelf.folder.with_name("unmounted"))
    for name in ("", *litter):
        (world.shelf.folder / name).mkdir()
    for _ in range(2):
        await refresh_unknown(world, RootState.EMPTY)
    shutil.rmtree(world.shelf.folder)
    away.rename(world.shelf.folder)
    await refresh_well(world)


async def test_21_tmpfs_unmounted_and_mounted_again(world: World) -> None:
    """Really: the mount point is empty, then something strays into it, then the library is back."""
    root = world.shelf.folder
    library = root.rename(root.with_name("the library"))
    root.mkdir()
    with mounts.tmpfs(root):
        shutil.copytree(library, root, dirs_exist_ok=True)
        world.shelf.put(2, "Trailers/Teaser.mkv")
        shutil.copytree(root, library, dirs_exist_ok=True)
        await refresh_well(world)

        mounts.unmount(root)
        await refresh_unknown(world, RootState.EMPTY)
        (root / "an upload.mkv").write_bytes(b"video")
        for _ in range(3):
            await refresh_unknown(world, RootState.OTHER_DEVICE)

        mounts.mount("tmpfs", root)
        await refresh_unknown(world, RootState.EMPTY)
        shutil.copytree(library, root, dirs_exist_ok=True)
        await refresh_well(world)

        (world.shelf.place(2) / "Trailers/Teaser.mkv").unlink()
        await refresh_well(world, dict.fromkeys((1, 2, 3), "absent"))


async def test_21_bind_mount_of_the_same_file_system_unmounted(world: World) -> None:
    """The number of the file system stays; the mount point holds a movie that came meanwhile."""
    root = world.shelf.folder
    library = root.rename(root.with_name("the library"))
    world.shelf.put(3, "Gamma.mkv")
    with mounts.bound(library, root):
        for arr_id in (1, 2):
            world.shelf.put(arr_id, "Trailers/Teaser.mkv")
        device = root.stat().st_dev
        expected = {1: "present", 2: "present", 3: "absent"}
        await refresh_well(world, expected)
        mounts.unmount(root)
        assert root.stat().st_dev == device
        await refresh_unknown(world, RootState.OTHER_DEVICE)
        mounts.bind(library, root)
        await refresh_well(world, expected)


async def test_21_another_device_with_the_same_library_is_believed(world: World) -> None:
    """As after a restart of the host with NFS, btrfs or overlay: a new number, the same folders."""
    root = world.shelf.folder
    world.shelf.put(2, "Trailers/Teaser.mkv")
    library = root.rename(root.with_name("the library"))
    shutil.copytree(library, root)
    await refresh_well(world)
    with mounts.tmpfs(root):
        shutil.copytree(library, root, dirs_exist_ok=True)
        await refresh_well(world)
    await refresh_well(world)


async def test_21_a_library_lost_for_good_is_believed_on_the_users_word(world: World) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)
    world.shelf.folder.rename(world.shelf.folder.with_name("the dead disk"))
    (world.shelf.folder / "a new beginning").mkdir(parents=True)
    await refresh_unknown(world, RootState.OTHER_DEVICE)
    assert await world.store.trust_roots(world.name) == 1
    await refresh_well(world, {1: "unknown", 2: "present", 3: "unknown"})
    for arr_id in (1, 2, 3):  # its server looks at its disks, and forgets what it had there
        world.shelf.library.set_file(arr_id, has_file=False)
    await refresh_well(world, dict.fromkeys((1, 2, 3), "absent"))


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO, errno.EACCES, errno.ENOTCONN])
async def test_21_stale_handle_or_dying_disk(world: World, number: int) -> None:
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)

    def fail(path: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        raise OSError(number, os.strerror(number), path)

    world.roots.scandir = fail
    await refresh_unknown(world, RootState.UNREADABLE)
    world.roots.scandir = os.scandir
    await refresh_well(world)


async def test_21_hanging_mount(world: World) -> None:
    """The answer is there as soon as the deadline is over, and a second refresh asks no second time."""
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)
    disk = Hanging(world.shelf.folder)
    world.roots = Roots(deadline=0.3, scandir=disk)
    began = time.monotonic()
    await refresh_unknown(world, RootState.TIMED_OUT)
    await refresh_unknown(world, RootState.TIMED_OUT)
    assert time.monotonic() - began < 5
    assert disk.listed[str(world.shelf.folder)] == 1
    disk.over.set()
    await asyncio.sleep(0.1)
    await refresh_well(world)


async def test_21_really_hanging_mount(world: World) -> None:
    """A file system in the kernel whose server never answers: no signal and no time-out wakes it."""
    world.shelf.put(2, "Trailers/Teaser.mkv")
    await refresh_well(world)
    world.roots = Roots(deadline=0.3)
    with mounts.hung(world.shelf.folder):
        await refresh_unknown(world, RootState.TIMED_OUT)
    await asyncio.sleep(0.1)  # the thread is free again
    await refresh_well(world)


async def test_21_really_hanging_mount_blocks_no_other_connection_and_no_shutdown(
    household: Household, start: Start
) -> None:
    """Two connections share the hung root; a third goes on; SIGTERM ends the process at once."""
    again = shelf_of_three(RADARR, household.home / "again")
    household.shelves["again"] = again
    household.modes["again"] = "missing"
    household.settings = "disk: {timeout: 1s}\n"
    async with again.server:
        household.write_config()
        text = household.config.read_text()
        household.config.write_text(text.replace(str(again.folder), str(household.movies.folder)))
        with mounts.hung(household.movies.folder):
            daemon = await start()
            await daemon.until("refresh.finished", connection="series", outcome="ok")
            for name in ("movies", "again"):
                await daemon.until("refresh.finished", connection=name, outcome="partial", added=3)
                (told,) = daemon.told("root.not_believed", connection=name)
                assert (told["state"], told["items"]) == ("timed-out", 3)
            code, seconds = await daemon.stop(signal.SIGTERM)
    assert (code, seconds < 9) == (0, True)


HUNG_DAEMON = """
import asyncio, os, sys, threading
from functools import partial
from pathlib import Path
from trailarrd.daemon import daemon, program
from trailarrd.config import load
from trailarrd.disk.roots import Roots
from trailarrd.discovery.plugins import discover, providers_by_name

def scandir(path):
    if path == sys.argv[2]:
        threading.Event().wait()
    return os.scandir(path)

daemon.open_runtime = partial(daemon.open_runtime, roots=Roots(deadline=0.5, scandir=scandir))
providers = providers_by_name(discover())
settings = load(Path(sys.argv[1]), providers=providers, environ=os.environ)
asyncio.run(program.run(settings, providers, ()))
"""


async def test_21_hanging_mount_blocks_no_shutdown_of_a_process(household: Household) -> None:
    """The same where no real mount can be made: the thread is stuck in Python, for ever."""
    command = (sys.executable, "-c", HUNG_DAEMON, str(household.config), str(household.movies.folder))
    async with running(*command, env=household.environ, stdout=PIPE, stderr=STDOUT) as process:
        assert process.stdout
        said = b""
        async with asyncio.timeout(60):
            while said.count(b"refresh.finished") < 2:
                line = await process.stdout.readline()
                assert line, said.decode()
                said += line
        assert b"timed-out" in said
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert time.monotonic() - began < 5


def test_21_hanging_mount_leaves_the_loop_free_and_lets_it_end(tmp_path: Path) -> None:
    """The loop ticks while the root hangs, and `asyncio.run` does not wait for the thread."""
    root = tmp_path / "movies"
    root.mkdir()
    disk = Hanging(root)
    ticks = 0

    async def main() -> RootState:
        nonlocal ticks
        roots = Roots(deadline=0.5, scandir=disk)
        asking = asyncio.create_task(roots.probe(LocalPath(str(root))))
        while not asking.done():
            ticks += 1
            await asyncio.sleep(0.01)
        return asking.result().state

    began = time.monotonic()
    assert asyncio.run(main()) is RootState.TIMED_OUT
    assert time.monotonic() - began < 5
    assert ticks > 10
    disk.over.set()


async def test_21_one_house_two_connections_one_hanging_root(household: Household) -> None:
    """The daemon's own composition: one thread is stuck in the shared root, not one for each."""
    household.shelves["again"] = household.movies
    household.modes["again"] = "missing"
    household.write_config()
    disk = Hanging(household.movies.folder)
    providers = providers_by_name(discover())
    settings = load(household.config, providers=providers, environ=household.environ)
    async with open_runtime(settings, providers, roots=Roots(deadline=0.3, scandir=disk)) as runtime:
        reports = await asyncio.gather(*(one.refresh() for one in runtime.refreshers.values()))
    assert {one.connection: one.outcome.value for one in reports} == {
        "movies": "partial",
        "series": "ok",
        "again": "partial",
    }
    assert disk.listed[str(household.movies.folder)] == 1
    disk.over.set()


async def test_21_the_user_is_told(household: Household, run: CommandLine) -> None:
    """In the log of the refresh, in its report, in `connections`; and `trust` ends it."""
    household.movies.put(2, "Trailers/Teaser.mkv")
    root = household.movies.folder
    await run("refresh")
    root.rename(root.with_name("unmounted"))
    (root / "an upload").mkdir(parents=True)
    done = await run("refresh", "--json")
    doubted = [{"path": str(root), "state": "other-device", "items": 3}]
    assert (done.code, done.document["refreshes"][0]["roots"]) == (1, doubted)
    assert done.err.count("root.not_believed") == 1
    assert "is it mounted?" in done.err
    assert "it is not the directory that it was" in " ".join((await run("connections")).out.split())
    uncounted = {"with_file": 0, "contradicted": 0, "fits": None}
    roots = {one["connection"]: one["roots"] for one in (await run("connections", "--json")).lines}
    assert roots == {
        "movies": [{"path": str(root), "state": "other-device", **uncounted}],
        "series": [{"path": str(household.series.folder), "state": "ok", **uncounted, "with_file": 3}],
    }
    assert (await run("trust", "movies")).code == 0
    done = await run("refresh", "--json")
    assert (done.code, done.document["refreshes"][0]["contradicted"]) == (0, 3)
    assert "directory" not in (await run("connections")).out
    assert (await run("trust", "moovies")).code == 2
