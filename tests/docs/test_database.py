"""What the pages say about the database file, its backups and its locks is so."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import pytest

from tests.docs.pages import chapters, page, plain, table, tables
from trailarrd.cli.db import db
from trailarrd.config.outline import DatabaseSettings
from trailarrd.errors import DatabaseError
from trailarrd.intercom import socket_of
from trailarrd.store.backup import BeforeMigration, back_up, copy
from trailarrd.store.restore import restore
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

OPERATIONS = chapters(page("operations.md"))
COMMANDS = chapters(page("commands.md"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_every_subcommand_of_db_is_described_with_its_arguments_and_no_other() -> None:
    shown = [plain(row[0]) for row in table(COMMANDS["trailarrd db"])]
    real = []
    for name, found in db.commands.items():
        context = click.Context(found, info_name=name)
        words = [parameter.make_metavar(context) for parameter in found.params]
        real.append(" ".join(["trailarrd db", name, *words]))
    assert shown == real


async def test_every_file_beside_the_database_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "trailarrd.db"
    async with (
        Store.open(f"sqlite+aiosqlite:///{path}") as store,
        store.daemon_lock(),
        store.refresh_lock("NAME", on_wait=print),
    ):
        beside = socket_of(f"sqlite+aiosqlite:///{path}")
        assert beside
        beside.touch()  # as the daemon does
        found = {one.name for one in await asyncio.to_thread(lambda: list(tmp_path.iterdir()))}
    saved = back_up(path, keep=1, at=NOON)
    kept = restore(path, saved, NOON).kept
    assert kept
    found |= {
        saved.name.replace(saved.name[-21:], "REVISION-TIME"),
        kept.name.replace(kept.name[-16:], "TIME"),
    }
    told = {name for row in table(OPERATIONS["The database"]) for name in re.findall(r"`([^`]+)`", row[0])}
    assert found - {path.name} == told


def test_the_default_number_of_backups_is_the_one_on_the_page() -> None:
    rows = {row[0]: row[1] for one in tables(page("configuration.md")) for row in one}
    assert rows["`database.backups`"] == f"`{DatabaseSettings.model_fields['backups'].default}`"


async def test_each_refusal_is_said_as_on_the_page(tmp_path: Path) -> None:
    said = [plain(row[0]) for row in table(OPERATIONS["The rest"])]
    path = tmp_path / "trailarrd.db"
    url = f"sqlite+aiosqlite:///{path}"
    async with Store.open(url) as store, store.daemon_lock():
        await asyncio.to_thread(copy, path, tmp_path / "mine.db")
        with pytest.raises(DatabaseError) as second:
            async with store.daemon_lock():
                pytest.fail("two daemons")
        with pytest.raises(DatabaseError) as in_use:
            restore(path, tmp_path / "mine.db", NOON)
    for error in (second, in_use):
        sentence = str(error.value).removeprefix(f"database {path} ")
        assert re.sub(r"trailarrd.* \(pid \d+, since [^)]+\)", "OWNER", sentence) in said
    path.unlink()
    with pytest.raises(DatabaseError) as no_backup:
        BeforeMigration(path, keep=1)("0001")
    (row,) = (row for row in said if row.startswith("stays at revision"))
    assert str(no_backup.value).startswith(f"database {path} {row}: ")
