"""A disk that is full or read-only costs nothing that is stored; said in one line, with exit code 75."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.crash.remains import Remains
from tests.mounts import bound, mount, tmpfs
from tests.process import completed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Start
    from tests.household import Household

_REMOUNT: Final = 32
_BIND: Final = 4096
_READ_ONLY: Final = 1
MANY: Final = 400
"""Items whose rows and history need more than a few pages."""


@pytest.fixture
def small_disk(household: Household) -> Iterator[Path]:
    """The database gets a disk of its own: one megabyte."""
    state = household.database.path.parent
    state.mkdir()
    with tmpfs(state):
        mount("tmpfs", state, flags=_REMOUNT, options="size=4m")
        yield state


def fill(folder: Path, *, but: int) -> Path:
    """A file that leaves so many bytes of the disk."""
    filler = folder / "something else"
    free = os.statvfs(folder)
    with suppress(OSError):  # who writes beside us may have taken the rest
        filler.write_bytes(bytes(free.f_bavail * free.f_frsize - but))
    return filler


def beside(folder: Path) -> list[str]:
    """Copies of the database, finished or not."""
    return [one.name for one in folder.iterdir() if "backup" in one.name]


def grow(household: Household) -> None:
    """Many more movies."""
    for number in range(MANY):
        household.movies.library.add(title=f"Item {number}", year=2000)


async def converges(household: Household, run: Callable[..., Any]) -> None:
    """The next refresh makes the database as good as a new one."""
    done = await run("refresh")
    assert done.code in (0, 1), done.err
    remains = Remains(household.database)
    remains.check()
    assert len(remains.state("movies").listed) == len(household.movies.library)


@pytest.mark.parametrize("left", [0, 1, 12, 40], ids="{} pages left".format)
async def test_a_full_disk_fails_the_refresh_and_nothing_else(
    household: Household, run: Callable[..., Any], small_disk: Path, left: int
) -> None:
    assert (await run("refresh")).code == 0
    before = household.database.content()
    grow(household)
    filler = fill(small_disk, but=left * 4096)
    done = await run("refresh")
    assert done.code == 75
    assert "no space left on its disk; free some and try again" in done.err or "disk is full" in done.err
    assert "Traceback" not in done.err
    filler.unlink()
    assert household.database.content() == before
    Remains(household.database).check()
    await converges(household, run)


async def test_a_daemon_outlives_a_full_disk_and_its_health_tells_of_it(
    household: Household, start: Start, run: Callable[..., Any], small_disk: Path
) -> None:
    household.settings = "refresh: {interval: 10s}\n"
    household.write_config()
    daemon = await start()
    await daemon.until("refresh.finished", connection="movies", added=3)
    grow(household)
    filler = fill(small_disk, but=0)
    await daemon.until("database.unusable", within=40, connection="movies")
    told = await run("status")
    assert (told.code, "refresh-not-stored" in told.out, "disk-low" in told.out) == (1, True, True)
    filler.unlink()
    await daemon.until("refresh.finished", within=40, connection="movies", added=MANY)
    Remains(household.database).check()


async def test_without_space_for_a_backup_there_is_no_migration(
    household: Household, run: Callable[..., Any], small_disk: Path
) -> None:
    assert (await run("refresh")).code == 0
    household.database.sql("UPDATE alembic_version SET version_num = '0001'")  # as if it were old
    before = household.database.content()
    filler = fill(small_disk, but=16 * 4096)
    done = await run("media")
    filler.unlink()
    assert (done.code, done.out) == (75, "")
    assert "stays at revision 0001, as no backup of it could be made" in done.err
    assert "no space left on its disk" in done.err
    assert household.database.sql("SELECT version_num FROM alembic_version") == [("0001",)]
    assert household.database.content() == before
    assert beside(small_disk) == []


LIMITED = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
from trailarrd.cli import main
main()
"""


async def test_files_that_may_not_grow_fail_the_refresh_and_nothing_else(
    household: Household, run: Callable[..., Any]
) -> None:
    """What a quota does; it needs no superuser to try."""
    assert (await run("refresh")).code == 0
    before = household.database.content()
    grow(household)
    size = household.database.path.stat().st_size
    limited = (sys.executable, "-c", LIMITED.format(size=size))
    done = await completed(*limited, "--config", str(household.config), "refresh", env=household.environ)
    assert done.code == 75
    assert f"database {household.database.path} " in done.err
    assert "Traceback" not in done.err
    assert household.database.content() == before
    Remains(household.database).check()
    await converges(household, run)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nobody may write, not even the superuser."""
    if os.geteuid():
        folder.chmod(0o500)
        yield
        folder.chmod(0o700)
        return
    with bound(folder, folder):
        mount("none", folder, flags=_REMOUNT | _BIND | _READ_ONLY)
        yield


@pytest.mark.parametrize("words", [["refresh"], ["run"], ["monitor", "1"]], ids=" ".join)
async def test_a_read_only_folder_is_said_and_nothing_is_lost(
    household: Household, run: Callable[..., Any], words: list[str]
) -> None:
    assert (await run("refresh")).code == 0
    before = household.database.content()
    grow(household)
    with read_only(household.database.path.parent):
        done = await run(*words)
    assert (done.code, done.out) == (75, "")
    assert "cannot be opened; check that it is a file and that this user may write its directory" in done.err
    assert "Traceback" not in done.err
    assert household.database.content() == before
    await converges(household, run)


async def test_a_new_database_in_a_read_only_folder_is_said(
    household: Household, run: Callable[..., Any]
) -> None:
    household.database.path.parent.mkdir()
    with read_only(household.database.path.parent):
        done = await run("refresh")
    assert (done.code, done.out) == (75, "")
    assert f"database {household.database.path} cannot be created: " in done.err
    await converges(household, run)


async def test_a_sound_database_can_be_checked_and_copied_where_nothing_can_be_written(
    household: Household, run: Callable[..., Any], tmp_path: Path
) -> None:
    """As on a disk that was mounted to rescue what is on it."""
    assert (await run("refresh")).code == 0
    before = household.database.content()
    household.database.sql("PRAGMA journal_mode=DELETE")
    with read_only(household.database.path.parent):
        assert (await run("db", "check")).code == 0
        assert (await run("db", "backup", str(tmp_path / "rescued.db"))).code == 0
    household.database.path.unlink()
    assert (await run("db", "restore", str(tmp_path / "rescued.db"))).code == 0
    assert household.database.content() == before
