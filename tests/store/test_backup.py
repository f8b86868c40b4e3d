"""A copy of the database before every migration and on demand: never half a one."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.store.copies import NOON, content, names, sql
from trailarrd.errors import DatabaseError
from trailarrd.store.backup import back_up, backups_of, copy
from trailarrd.store.engine import sqlite_file
from trailarrd.store.integrity import check
from trailarrd.store.schema import head
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import Library

# -- before a migration ---------------------------------------------------------------------------


async def test_before_a_migration_the_database_is_copied_as_it_was(old: Path, url: str) -> None:
    before = content(old)
    async with Store.open(url) as store:
        assert [row.name for row in await store.connections()] == ["m"]
    (backup,) = backups_of(old)
    assert re.fullmatch(r"trailarrd\.db\.backup-0001-\d{8}T\d{6}Z", backup.name)
    assert content(backup) == before
    assert sql(old, "SELECT version_num FROM alembic_version") == [(head(),)]


async def test_a_copy_has_what_is_still_in_the_wal(old: Path, url: str) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as holds_it_open:
        holds_it_open.execute("PRAGMA journal_mode=WAL")
        holds_it_open.execute("UPDATE connections SET name = 'renamed'")
        assert old.with_name("trailarrd.db-wal").stat().st_size > 0
        async with Store.open(url):
            pass
    (backup,) = backups_of(old)
    assert sql(backup, "SELECT name FROM connections") == [("renamed",)]
    assert names(old) == {old.name, backup.name}


async def test_without_a_backup_there_is_no_migration(
    old: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(old)
    monkeypatch.setattr(os, "fsync", _no_space)
    with pytest.raises(DatabaseError) as caught:
        async with Store.open(url):
            pytest.fail("it was opened all the same")
    assert f"database {old} stays at revision 0001, as no backup of it could be made" in str(caught.value)
    assert content(old) == before


def _no_space(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("keep", "kept"), [(3, 3), (1, 1), (0, 0)])
async def test_the_newest_backups_are_kept(old: Path, url: str, keep: int, kept: int) -> None:
    for day in range(1, 6):
        back_up(old, keep=99, at=NOON + timedelta(days=day))
    before = backups_of(old)
    async with Store.open(url, backups=keep):
        pass
    if keep == 0:
        assert backups_of(old) == before, "none is made, so none has to go"
        return
    after = backups_of(old)
    assert len(after) == kept
    assert set(after[1:]) <= set(before)
    assert after[1:] == before[: kept - 1]


async def test_a_new_database_needs_no_backup_and_neither_does_one_that_is_up_to_date(
    store: Store, url: str, path: Path
) -> None:
    async with Store.open(url):
        pass
    assert backups_of(path) == []


async def test_of_several_that_open_an_old_database_at_once_one_makes_the_backup(old: Path, url: str) -> None:
    async def use() -> None:
        async with Store.open(url) as store:
            await store.connections()

    await asyncio.gather(*(use() for _ in range(6)))
    assert len(backups_of(old)) == 1


# -- copies ---------------------------------------------------------------------------------------


async def test_a_copy_is_whole_while_others_write(library: Library, path: Path, tmp_path: Path) -> None:
    """Every state of the original has as many items with an even title as with an odd one."""
    await library.refresh(*(library.item(n) for n in range(1, 201)))
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as db:
            while not stop.is_set():
                db.execute("UPDATE media SET year = coalesce(year, 0) + 1")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(10):
            await asyncio.to_thread(copy, path, tmp_path / f"copy-{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(10):
        years = sql(
            tmp_path / f"copy-{number}.db", "SELECT count(*), count(DISTINCT coalesce(year, 0)) FROM media"
        )
        assert years == [(200, 1)]
        assert check(tmp_path / f"copy-{number}.db").problems == ()


def test_a_copy_is_one_file_as_private_as_the_database(old: Path, tmp_path: Path) -> None:
    old.chmod(0o640)
    target = tmp_path / "backups" / "mine.db"
    target.parent.mkdir()
    copy(old, target)
    assert list(target.parent.iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sql(target, "PRAGMA journal_mode") == [("delete",)]


def test_a_copy_that_fails_leaves_nothing_behind(old: Path, tmp_path: Path) -> None:
    """Its last step fails here: the name is taken by a folder."""
    target = tmp_path / "backups" / "mine.db"
    target.mkdir(parents=True)
    with pytest.raises(DatabaseError, match=f"{target} cannot be made: .*: is a directory"):
        copy(old, target)
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_said(old: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"cannot be made: .*no such file or directory"):
        copy(old, tmp_path / "nowhere" / "mine.db")


def test_two_backups_in_one_second_have_two_names(old: Path) -> None:
    first, second = (back_up(old, keep=3, at=NOON) for _ in range(2))
    assert (first.name, second.name) == (
        "trailarrd.db.backup-0001-20260301T120000Z",
        "trailarrd.db.backup-0001-20260301T120000Z-2",
    )
    assert backups_of(old) == [second, first]


def test_a_clock_that_was_set_back_does_not_cost_the_backup_that_was_just_made(old: Path) -> None:
    first, second = (back_up(old, keep=2, at=NOON + timedelta(days=day)) for day in (1, 2))
    new = back_up(old, keep=2, at=NOON - timedelta(days=1000))
    assert new.exists()
    assert (first.exists(), second.exists()) == (False, True)


def test_only_its_own_backups_are_counted_and_deleted(old: Path) -> None:
    strangers = [
        "trailarrd.db.backup-mine",
        "trailarrd.db.backup-0001-20260301T120000Z.gz",
        "other.db.backup-0001-20260301T120000Z",
        "trailarrd.db.before-restore-20260301T120000Z",
    ]
    for name in strangers:
        old.with_name(name).touch()
    made = [back_up(old, keep=1, at=NOON + timedelta(days=day)) for day in range(3)]
    assert backups_of(old) == made[-1:]
    assert names(old) == {old.name, made[-1].name, *strangers}


def test_only_a_sqlite_file_can_be_backed_up() -> None:
    with pytest.raises(
        DatabaseError,
        match=r"^database postgresql\+asyncpg://me:\*\*\*@h/t is on a server: pg_dump",
    ):
        sqlite_file("postgresql://me:secret@h/t")
