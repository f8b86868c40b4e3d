"""Who can wait leaves the machine to those who read or write, but not for longer than he wants to."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.world import DatabaseFile
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared


async def test_idleness_comes_with_the_end_of_what_is_under_way(tmp_path: Path) -> None:
    """Here a write that another program keeps waiting."""
    database = DatabaseFile(tmp_path / "trailarrd.db")
    async with Store.open(database.url) as store:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(store.forget("nobody"))
            await asyncio.sleep(0)
            idle = asyncio.create_task(store.wait_idle(60.0))
            await asyncio.sleep(0.1)
            assert not idle.done()
            await store.wait_idle(0.01)
            assert not writing.done()
            other.execute("COMMIT")
        async with asyncio.timeout(20):
            await asyncio.wait([writing, idle])
        assert idle.exception() is None


async def test_where_nobody_reads_or_writes_it_is_others_turn_once(tmp_path: Path) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        turns += 1

    async with Store.open(DatabaseFile(tmp_path / "trailarrd.db").url) as store:
        counting = asyncio.create_task(count())
        await store.wait_idle(60.0)
        assert turns == 1
        await counting
