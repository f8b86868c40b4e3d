"""What is fixed about persistence: SQLAlchemy's async engine, and aiosqlite for SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from trailarrd.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+aiosqlite"])
async def test_sqlite_is_spoken_to_by_the_async_engine_and_aiosqlite(driver: str, tmp_path: Path) -> None:
    async with Store.open(f"{driver}:///{tmp_path}/a.db") as store:
        assert isinstance(store._database.engine, AsyncEngine)
        assert store._database.engine.url.drivername == "sqlite+aiosqlite"
