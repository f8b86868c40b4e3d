"""A copy of the database before every migration, on demand, and back again: never half a one."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import command

from trailarrd.domain.media import MediaKind
from trailarrd.errors import DatabaseError, DatabaseTooNewError
from trailarrd.store import Store, back_up, backups_of, check, copy, restore, sqlite_file
from trailarrd.store.schema import HEAD, alembic_config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.store.conftest import Library

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sql(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        return database.execute(statement).fetchall()


def content(path: Path) -> list[str]:
    """Everything in it, without the pages that it lies on; read without leaving anything beside it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return list(database.iterdump())


def names(path: Path) -> set[str]:
    """What lies beside the database, but for locks and what SQLite keeps there."""
    passing = ("lock", "-wal", "-shm")
    return {one.name for one in path.parent.iterdir() if not one.name.endswith(passing)}


@pytest.fixture
def old(path: Path) -> Path:
    """A database as the first version of trailarrd left it, with one connection."""
    path.parent.mkdir()
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.begin() as db:
        command.upgrade(alembic_config(db), "0001")
        db.exec_driver_sql(
            "INSERT INTO connections (name, provider, kind, active) VALUES ('m', 'radarr', 'movie', 1)"
        )
    return path


# -- before a migration ---------------------------------------------------------------------------


async def test_before_a_migration_the_database_is_copied_as_it_was(old: Path, url: str) -> None:
    before = content(old)
    async with Store.open(url) as store:
        assert [row.name for row in await store.connections()] == ["m"]
    (backup,) = backups_of(old)
    assert re.fullmatch(r"trailarrd\.db\.backup-0001-\d{8}T\d{6}Z", backup.name)
    assert content(backup) == before
    assert sql(old, "SELECT version_num FROM alembic_version") == [(HEAD,)]


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


# -- check ----------------------------------------------------------------------------------------


async def test_a_sound_database_is_said_to_be_sound(library: Library, path: Path) -> None:
    await library.refresh(library.item(1), library.item(2))
    health = check(path)
    assert (health.revision, health.problems, health.is_current) == (HEAD, (), True)


def test_an_older_database_is_told_from_a_current_one_and_left_alone(old: Path) -> None:
    before = content(old)
    health = check(old)
    assert (health.revision, health.is_current) == ("0001", False)
    assert content(old) == before


def test_rows_that_refer_to_nothing_are_found(old: Path) -> None:
    sql(old, "INSERT INTO refreshes (connection_id, started_at) VALUES (99, '2026-03-01 12:00:00')")
    assert check(old).problems == ("row 1 of refreshes refers to nothing in connections",)


def test_a_damaged_index_is_found(old: Path) -> None:
    """The index says that the connection has another name than the row does."""
    (number,) = sql(old, "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_connections_1'")[
        0
    ]
    (size,) = sql(old, "PRAGMA page_size")[0]
    pages = bytearray(old.read_bytes())
    begin = (number - 1) * size
    page = pages[begin : begin + size]
    assert page.count(b"m") == 1
    pages[begin : begin + size] = page.replace(b"m", b"n")
    old.write_bytes(pages)
    problems = check(old).problems
    assert any("sqlite_autoindex_connections_1" in problem for problem in problems)


# -- restore --------------------------------------------------------------------------------------


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


def test_only_a_sqlite_file_can_be_backed_up() -> None:
    with pytest.raises(
        DatabaseError, match=r"^database postgresql\+psycopg://me:\*\*\*@h/t is no SQLite file"
    ):
        sqlite_file("postgresql://me:secret@h/t")


@pytest.fixture(autouse=True)
def _nothing_unfinished_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert [one.name for one in tmp_path.rglob("*") if ".part" in one.name or "restoring" in one.name] == []
