"""What goes wrong with a file is said in words that help, without any SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from trailarrd.domain.media import MediaKind
from trailarrd.errors import DatabaseError
from trailarrd.store.engine import create_engine, parse_url
from trailarrd.store.failures import translated
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

MOVIES = [("movies", "radarr", MediaKind("movie"))]


async def fails(url: str) -> str:
    """The message of a store that is opened and written to."""
    with pytest.raises(DatabaseError) as caught:
        async with Store.open(url, busy_timeout=0.05) as store:
            await store.register(MOVIES)
    message = str(caught.value)
    assert "INSERT" not in message
    assert "PRAGMA" not in message
    assert "\n" not in message
    return message


async def test_locked_by_another_program(url: str, path: Path) -> None:
    async with Store.open(url):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await fails(url) == (
            f"database {path} is locked by another program; try again when that one is done"
        )
        other.execute("ROLLBACK")
    async with Store.open(url) as store:
        await store.register(MOVIES)
        assert [row.name for row in await store.connections()] == ["movies"]


async def test_not_writable(url: str, path: Path) -> None:
    async with Store.open(url):
        pass
    # As root may write every file, SQLite itself is told not to.
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database,
        pytest.raises(DatabaseError, match="cannot be written; check owner, permissions and mount"),
        translated(str(path)),
    ):
        database.execute("DELETE FROM connections")


def overwrite(path: Path, *, keep: int, junk: bytes) -> None:
    """Leave the first bytes as they are and fill the file with junk."""
    path.parent.mkdir(exist_ok=True)
    whole = path.read_bytes() if path.exists() else b""
    path.write_bytes(whole[:keep] + junk * 10_000)


def put_a_directory(path: Path) -> None:
    path.mkdir(parents=True)


async def test_not_a_database(url: str, path: Path) -> None:
    overwrite(path, keep=0, junk=b"trailers: yes\n")
    assert (await fails(url)).startswith(f"database {path} is not a SQLite database")


async def test_damaged_in_the_middle(url: str, path: Path) -> None:
    async with Store.open(url) as store:
        await store.register(MOVIES)
    overwrite(path, keep=100, junk=b"\xff" * 8)
    assert (await fails(url)).startswith(f"database {path} is damaged; restore a backup")


async def test_a_directory_in_its_place(url: str, path: Path) -> None:
    put_a_directory(path)
    assert (await fails(url)).startswith(f"database {path} cannot be opened; check that it is a file")


async def test_a_file_where_its_directory_should_be(url: str, path: Path) -> None:
    path.parent.write_text("in the way")
    assert (await fails(url)).startswith(f"database {path} cannot be created: ")


async def test_no_space_left(tmp_path: Path) -> None:
    engine = create_engine(parse_url(f"sqlite:///{tmp_path}/x.db"), busy_timeout=1)

    async def fill() -> None:
        with translated("x"):
            async with engine.begin() as db:
                await db.execute(sa.text("CREATE TABLE a (x BLOB)"))
                await db.execute(sa.text("PRAGMA max_page_count = 4"))
                await db.execute(sa.text("INSERT INTO a VALUES (zeroblob(100000))"))

    with pytest.raises(DatabaseError, match=r"^database x cannot grow: no space left on its disk"):
        await fill()
    await engine.dispose()


async def test_anything_else_is_told_in_the_drivers_words_without_the_statement(tmp_path: Path) -> None:
    engine = create_engine(parse_url(f"sqlite:///{tmp_path}/x.db"), busy_timeout=1)
    with pytest.raises(DatabaseError) as caught, translated("x"):
        async with engine.begin() as db:
            await db.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "hunter2"})
    assert str(caught.value) == "database x cannot be used: no such table: nowhere"
    await engine.dispose()
