"""Copies of the database while the daemon runs: as often as wanted, kept by their number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.runtime.copier import Copier
from trailarrd.store.backup import backups_of
from trailarrd.store.schema import head
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "trailarrd.db"
    async with Store.open(f"sqlite+aiosqlite:///{path}"):
        pass
    return path


async def test_a_copy_is_made_when_the_newest_is_old_enough_and_so_many_are_kept(database: Path) -> None:
    now = NOON
    copier = Copier(database=database, every=timedelta(days=1), keep=2, clock=lambda: now)
    before_an_upgrade = database.with_name("trailarrd.db.backup-0001-20250101T000000Z")
    before_an_upgrade.write_bytes(b"of an older version")
    made = []
    for hours in (0, 1, 23, 24, 49, 80):
        now = NOON + timedelta(hours=hours)
        if copy := copier.copy_if_due():
            made.append((hours, copy))
    assert [hours for hours, _ in made] == [0, 24, 49, 80]
    assert backups_of(database) == [made[3][1], made[2][1], before_an_upgrade]
    assert made[3][1].name == f"trailarrd.db.backup-{head()}-20260104T200000Z"


async def test_a_copy_of_the_future_keeps_none_from_being_made(database: Path) -> None:
    database.with_name("trailarrd.db.backup-0001-20990101T000000Z").touch()
    assert Copier(database=database, every=timedelta(days=1), keep=2, clock=lambda: NOON).copy_if_due()
