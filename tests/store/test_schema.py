from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.blank import lay_blank
from trailarrd.errors import DatabaseError, DatabaseTooNewError
from trailarrd.store.engine import create_engine, parse_url
from trailarrd.store.schema import alembic_config, head, migrate
from trailarrd.store.store import Store
from trailarrd.store.tables import Base

if TYPE_CHECKING:
    from pathlib import Path


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def content(path: Path) -> bytes:
    return path.read_bytes()


def permissions(path: Path) -> int:
    return path.stat().st_mode


async def make(url: str) -> None:
    async with Store.open(url):
        pass


def described(path: Path) -> dict[str, object]:
    """Tables, in whatever order their columns are, and indexes."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"
        ).fetchall()
        found: dict[str, object] = {
            name: " ".join(sql.split()) for kind, name, sql in rows if kind == "index"
        }
        for kind, name, _ in rows:
            if kind == "table":
                asked = ("table_info", "foreign_key_list")
                facts = [row[1:] for one in asked for row in db.execute(f"PRAGMA {one}({name})")]
                found[name] = sorted(map(repr, facts))
    return found


async def test_the_tables_of_a_new_database_are_those_of_one_that_was_brought_up_to_date(
    old: Path, tmp_path: Path, url: str
) -> None:
    await make(url)
    await make(f"sqlite:///{tmp_path}/new.db")
    assert described(tmp_path / "new.db") == described(old)


def _is_no_other_engines(_index: object, name: str | None, *_: object) -> bool:
    return name != "ix_media_in_order"  # PostgreSQL's


@pytest.mark.filterwarnings("ignore:.*expression-based index")
async def test_the_migrations_make_the_tables_that_the_program_works_with(
    old: Path, url: str, path: Path
) -> None:
    await make(url)
    with sa.create_engine(f"sqlite:///{path}").connect() as db:
        opts = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(db, opts={**opts, "include_object": _is_no_other_engines})
        assert compare_metadata(context, Base.metadata) == []
        (autoincrement,) = db.execute(
            sa.text("SELECT count(*) FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        ).one()
        db.connection.close()
    assert autoincrement == sum(
        table.dialect_options["sqlite"]["autoincrement"] for table in Base.metadata.tables.values()
    )


async def test_indexes_hold_what_the_tables_say(url: str, path: Path) -> None:
    """Comparing tables leaves out a partial index's condition."""
    await make(url)
    with closing(sqlite3.connect(path)) as database:
        (sql,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'uq_media_living'").fetchone()
    assert sql.endswith("ON media (connection_id, arr_id) WHERE removed_at IS NULL AND held_at IS NULL")


async def test_times_that_were_stored_with_their_zone_become_like_all_others(
    old: Path, url: str, path: Path
) -> None:
    """SQLite compares them as texts: what a refresh wrote was never equal to what anything else wrote."""
    with sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool).begin() as db:
        command.upgrade(alembic_config(db), "0013")
    columns = "connection_id, kind, external_ids, monitored_remotely, monitored, monitor_reason, fingerprint"
    for arr_id, first, last in (
        (1, "2026-03-01 12:00:00+00:00", "2026-03-01 12:00:00.000005+00:00"),
        (2, "2026-03-01 12:00:00.000000", "2026-03-01 12:00:00"),
    ):
        execute(
            path,
            f"INSERT INTO media (arr_id, title, remote_path, trailer, first_refresh, first_seen,"
            f" last_changed, {columns}) VALUES ({arr_id}, 'x', '/x', 'absent', 1, '{first}', '{last}',"
            " 1, 'movie', '{}', 1, 1, 'missing', x'00')",
        )
    await make(url)
    with closing(sqlite3.connect(path)) as db:
        times = db.execute("SELECT first_seen, last_changed FROM media ORDER BY id").fetchall()
    noon = "2026-03-01 12:00:00"
    assert times == [(f"{noon}.000000", f"{noon}.000005"), (f"{noon}.000000", noon)]


def test_the_newest_revision_is_the_one_that_the_program_takes_for_it(tmp_path: Path) -> None:
    with sa.create_engine(f"sqlite:///{tmp_path}/x.db").connect() as db:
        scripts = ScriptDirectory.from_config(alembic_config(db))
        db.connection.close()
    assert scripts.get_heads() == [head()]


async def test_a_newer_database_is_refused_and_left_alone(url: str, path: Path) -> None:
    await make(url)
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    before = content(path)
    with pytest.raises(DatabaseTooNewError) as caught:
        await make(url)
    assert str(caught.value) == (
        f"database {path} was written by a newer trailarrd (its revision is 9999,"
        f" this program knows up to {head()}); upgrade trailarrd, or restore a backup"
    )
    assert content(path) == before


async def test_another_programs_database_is_refused_and_left_alone(url: str, path: Path) -> None:
    path.parent.mkdir()
    execute(path, "CREATE TABLE Movies (Id INTEGER)", "CREATE TABLE alembic_version (version_num TEXT)")
    with pytest.raises(DatabaseError, match="belongs to another program"):
        await make(url)
    with closing(sqlite3.connect(path)) as database:
        assert len(database.execute("SELECT name FROM sqlite_master").fetchall()) == 2


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    url = parse_url(f"sqlite:///{tmp_path}/x.db")
    engine = create_engine(url, busy_timeout=1)

    def migrate_on_a_small_disk(db: sa.Connection) -> None:
        db.exec_driver_sql("PRAGMA max_page_count = 6")  # too few for all tables and indexes
        migrate(db, "x.db", lambda _: None, lambda _: None)

    with pytest.raises(sa.exc.OperationalError, match="full"):
        async with engine.begin() as db:
            await db.run_sync(migrate_on_a_small_disk)
    async with engine.connect() as db:
        assert await db.run_sync(lambda sync: sa.inspect(sync).get_table_names()) == []
    await engine.dispose()


async def test_several_may_open_a_new_database_at_once(url: str) -> None:
    await asyncio.gather(*(make(url) for _ in range(8)))


@pytest.mark.slow
def test_alembic_is_loaded_only_when_there_is_something_to_migrate(old: Path, tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from trailarrd.store.store import Store\n"
        "async def main():\n"
        "    async with Store.open(sys.argv[1]) as store: await store.connections()\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)\n"
    )
    ran = [
        subprocess.run([sys.executable, "-c", program, url], check=True, capture_output=True, text=True)
        for url in (f"sqlite:///{tmp_path}/new.db", f"sqlite:///{old}", f"sqlite:///{old}")
    ]
    assert [one.stdout.strip() for one in ran] == ["False", "True", "False"]


async def test_the_database_that_tests_begin_with_is_what_the_program_makes(path: Path, url: str) -> None:
    await make(url)
    copied = path.with_name("copied.db")
    lay_blank(copied)
    assert content(copied) == content(path)
    assert await asyncio.to_thread(permissions, copied) == await asyncio.to_thread(permissions, path)
