"""How a copy of a database is compared with what it was made of."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic import command

from trailarrd.store.schema import alembic_config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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


@pytest.fixture(autouse=True)
def _nothing_unfinished_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert [one.name for one in tmp_path.rglob("*") if ".part" in one.name or "restoring" in one.name] == []
