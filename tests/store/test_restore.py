"""A copy takes the database's place: whole or not at all, and what was there is kept."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import stat
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.store.copies import NOON, content, names, sql
from trailarrd.domain.media import MediaKind
from trailarrd.errors import DatabaseError, DatabaseTooNewError
from trailarrd.store.backup import copy
from trailarrd.store.restore import restore
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def backup(old: Path, tmp_path: Path) -> Path:
    """A copy of the database as it was when its connection was still called `m`."""
    target = tmp_path / "mine.db"
    copy(old, target)
    sql(old, "UPDATE connections SET name = 'later'")
    return target


def connection_names(path: Path) -> list[tuple[Any, ...]]:
    return sql(path, "SELECT name FROM connections")


async def test_a_backup_takes_the_place_and_the_present_database_is_kept(
    old: Path, url: str, backup: Path
) -> None:
    before = content(backup)
    done = restore(old, backup, NOON)
    assert (done.revision, done.kept) == (
        "0001",
        old.with_name("trailarrd.db.before-restore-20260301T120000Z"),
    )
    assert done.kept
    assert (connection_names(old), connection_names(done.kept)) == ([("m",)], [("later",)])
    assert content(backup) == before
    assert names(old) == {old.name, done.kept.name}
    async with Store.open(url) as store:
        assert [row.name for row in await store.connections()] == ["m"]


def test_what_is_in_the_wal_of_the_present_database_is_kept_and_not_mixed_into_the_restored_one(
    old: Path, backup: Path
) -> None:
    """As a daemon that was killed leaves it."""
    killed = old.with_name("killed.db")
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("UPDATE connections SET name = 'in the wal'")
        for end in ("", "-wal"):
            killed.with_name(f"{killed.name}{end}").write_bytes(
                old.with_name(f"{old.name}{end}").read_bytes()
            )
    done = restore(killed, backup, NOON)
    assert done.kept
    assert connection_names(done.kept) == [("in the wal",)]
    assert not killed.with_name("killed.db-wal").exists()
    assert connection_names(killed) == [("m",)]


@pytest.mark.parametrize(
    "present", [b"no database at all" * 1000, b"", b"SQLite format 3\0" + b"\xff" * 8000]
)
def test_a_database_that_cannot_even_be_read_is_replaced_and_kept_with_all_that_lay_beside_it(
    old: Path, backup: Path, present: bytes
) -> None:
    old.write_bytes(present)
    wal = old.with_name("trailarrd.db-wal")
    wal.write_bytes(b"something")
    done = restore(old, backup, NOON)
    assert done.kept
    assert connection_names(old) == [("m",)]
    if present:
        assert done.kept.read_bytes() == present
    assert not wal.exists() or wal.stat().st_size == 0


def test_a_database_that_is_lost_is_restored_too(old: Path, backup: Path) -> None:
    old.unlink()
    assert restore(old, backup, NOON).kept is None
    assert connection_names(old) == [("m",)]
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


def _newer(backup: Path) -> None:
    sql(backup, "UPDATE alembic_version SET version_num = '9999'")


def _foreign(backup: Path) -> None:
    backup.unlink()
    sql(backup, "CREATE TABLE Movies (Id INTEGER)")


def _orphaned(backup: Path) -> None:
    sql(backup, "INSERT INTO refreshes (connection_id, started_at) VALUES (99, '2026-03-01 12:00:00')")


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (_newer, DatabaseTooNewError, "was written by a newer trailarrd"),
        (_foreign, DatabaseError, "belongs to another program"),
        (_orphaned, DatabaseError, "is damaged: row 1 of refreshes refers to nothing"),
        (lambda backup: backup.write_bytes(b"junk" * 5000), DatabaseError, "is damaged, or no SQLite"),
        (lambda backup: backup.write_bytes(b""), DatabaseError, "is empty"),
        (lambda backup: backup.write_bytes(backup.read_bytes()[:9000]), DatabaseError, "is damaged"),
        (lambda backup: backup.unlink(), DatabaseError, "there is no backup"),
    ],
    ids=["newer", "another program's", "orphans", "junk", "empty", "cut short", "missing"],
)
def test_a_backup_that_is_not_sound_and_ours_is_refused_by_name_and_nothing_is_changed(
    old: Path, backup: Path, spoil: Any, error: type[DatabaseError], says: str
) -> None:
    before, beside = old.read_bytes(), names(old)
    spoil(backup)
    with pytest.raises(error, match=says) as caught:
        restore(old, backup, NOON)
    assert str(backup) in str(caught.value)
    assert (old.read_bytes(), names(old)) == (before, beside)


async def test_a_database_in_use_is_not_replaced(store: Store, url: str, path: Path, tmp_path: Path) -> None:
    """Not under a daemon's feet, not under a refresh, not under a command that sets an intent."""
    backup = tmp_path / "mine.db"
    copy(path, backup)
    refusal = f"database {re.escape(str(path))} is in use by "
    with pytest.raises(DatabaseError, match=refusal + "another trailarrd command; stop that first"):
        restore(path, backup, NOON)
    async with store.refresh_lock("movies", on_wait=print):
        with pytest.raises(DatabaseError, match=refusal + rf".*\(pid {os.getpid()}, since .*\); stop"):
            restore(path, backup, NOON)
    async with store.daemon_lock():
        with pytest.raises(DatabaseError, match=refusal + rf".*\(pid {os.getpid()}, since .*\); stop"):
            restore(path, backup, NOON)
    await store.register([("still there", "radarr", MediaKind("movie"))])
    assert ("still there",) in connection_names(path)


def test_a_database_that_another_program_has_open_is_not_replaced(old: Path, backup: Path) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as shell:
        shell.execute("PRAGMA journal_mode=WAL")
        shell.execute("SELECT * FROM connections").fetchall()
        with pytest.raises(DatabaseError, match="is locked by another program"):
            restore(old, backup, NOON)
    assert connection_names(old) == [("later",)]
    assert names(old) == {old.name}


async def test_who_opens_the_database_during_a_restore_waits_for_its_end(
    old: Path, url: str, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    fsync = os.fsync

    def slow(descriptor: int) -> None:
        reached.set()
        assert go_on.wait(10)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    restoring = asyncio.create_task(asyncio.to_thread(restore, old, backup, NOON))
    assert await asyncio.to_thread(reached.wait, 10)
    with pytest.raises(DatabaseError, match="is being restored by trailarrd"):
        async with Store.open(url, busy_timeout=0.2):
            pytest.fail("opened in the middle")
    opening = asyncio.create_task(_connections(url))
    await asyncio.sleep(0.3)
    assert not opening.done()
    go_on.set()
    await restoring
    assert await opening == ["m"]


async def _connections(url: str) -> list[str]:
    async with Store.open(url) as store:
        return [row.name for row in await store.connections()]
