"""A PostgreSQL for tests that run on both engines: one database for each process, emptied before each test.

`./dev test` starts a server in memory (`tests/with_postgres`) and says where it is.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest
from sqlalchemy import URL, make_url

from trailarrd.store.store import Store
from trailarrd.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    import asyncpg

SERVER = os.environ.get("POSTGRES_FOR_TESTS")
"""The address of a server where databases may be made, as `database.url` has it."""
IS_NEEDED = bool(os.environ.get("NEEDS_POSTGRES"))


class DatabaseServer:
    """A database of this process's own, as any other program sees it: what `DatabaseFile` is of SQLite."""

    def __init__(self, server: str) -> None:
        self._server = make_url(server)
        self._address = self._server.set(database=f"tests_{os.getpid()}")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._db: asyncpg.Connection[Any] | None = None
        self.path = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._make())
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run(self._drop())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    @property
    def url(self) -> str:
        """As trailarrd.yaml names it."""
        return self._address.render_as_string(hide_password=False)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What another program is told, or does."""
        rows: list[tuple[Any, ...]] = self._run(self._ask(statement))
        return rows

    def empty(self) -> None:
        """As if it had just been made."""
        self._run(self._empty())

    def forbid_writing(self, table: str) -> None:
        """Whoever writes there from now on fails."""
        self.sql(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'written'; END $$"
        )
        self.sql(
            f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION refuse()"
        )

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every stored item and everything that happened to one, but for signatures."""
        return {table: self._rows(table) for table in ("media", "history")}

    def _rows(self, table: str) -> list[tuple[Any, ...]]:
        columns = [one.name for one in Base.metadata.tables[table].columns if one.name != "signature"]
        return self.sql(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _make(self) -> None:
        other = await _connect(self._server)
        await other.execute(f"DROP DATABASE IF EXISTS {self._address.database} WITH (FORCE)")
        await other.execute(f"CREATE DATABASE {self._address.database}")
        await other.close()
        async with Store.open(self.url):
            pass
        await self.connect()

    async def connect(self) -> None:
        """Anew, if the server was restarted."""
        if self._db:
            self._db.terminate()
        self._db = await _connect(self._address)

    async def _drop(self) -> None:
        if self._db:
            await self._db.close()
        other = await _connect(self._server)
        await other.execute(f"DROP DATABASE IF EXISTS {self._address.database} WITH (FORCE)")
        await other.close()

    async def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        assert self._db is not None
        return [tuple(row) for row in await self._db.fetch(statement)]

    async def _empty(self) -> None:
        assert self._db is not None
        found = await self._db.fetch(
            "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
        )
        left = [f"DROP TRIGGER {name} ON {table}" for name, table in found]
        tables = reversed(Base.metadata.sorted_tables)
        gone = [f"DELETE FROM {table.name}" for table in tables]
        fresh = await self._db.fetch("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        anew = [f"ALTER SEQUENCE {name} RESTART" for (name,) in fresh]
        await self._db.execute("; ".join([*left, *gone, *anew]))


async def _connect(address: URL) -> asyncpg.Connection[Any]:
    import asyncpg

    where = address.query.get("host") or address.host
    return await asyncpg.connect(
        host=where,
        port=address.port,
        user=address.username,
        password=address.password,
        database=address.database,
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[DatabaseServer]:
    if SERVER is None:
        assert not IS_NEEDED, "there is no PostgreSQL, and here there must be one"
        pytest.skip("on PostgreSQL it is not tried: there is none here (Debian: apt install postgresql)")
    with DatabaseServer(SERVER) as server:
        yield server


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    """`sqlite`, and for tests marked `shared` once more `postgresql`."""
    name: str = getattr(request, "param", "sqlite")
    return name


def on_both_engines(metafunc: pytest.Metafunc) -> None:
    """Of what is marked `shared`, run each test on both; `shared("sqlite")` excepts one of them."""
    marker = metafunc.definition.get_closest_marker("shared")
    if marker and "engine_name" in metafunc.fixturenames:
        metafunc.parametrize("engine_name", marker.args or ["sqlite", "postgresql"], indirect=True)
