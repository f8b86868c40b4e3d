"""A line to a server that breaks at a COMMIT: what was to be written is there once, heard or not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa

from trailarrd.domain.media import MediaKind
from trailarrd.store.store import Store
from trailarrd.store.tables import ConnectionTable

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.postgres import DatabaseServer

SOCKET: Final = ".s.PGSQL.5432"


class Line:
    """A way to the server; `breaks` says at the next COMMIT whether the server hears it still."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.breaks: str | None = None

    async def serve(self, near_in: StreamReader, near_out: StreamWriter) -> None:
        far_in, far_out = await asyncio.open_unix_connection(self._server)
        muted = asyncio.Event()
        ways = [
            asyncio.create_task(self._up(near_in, far_out, muted)),
            asyncio.create_task(_down(far_in, near_out, muted)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for writer in (far_out, near_out):
            writer.close()

    async def _up(self, source: StreamReader, sink: StreamWriter, muted: asyncio.Event) -> None:
        while data := await source.read(65536):
            if self.breaks and b"\x0cCOMMIT;" in data:
                is_heard, self.breaks = self.breaks == "after", None
                muted.set()
                if is_heard:
                    sink.write(data)
                    await asyncio.sleep(0.2)
                return
            sink.write(data)


async def _down(source: StreamReader, sink: StreamWriter, muted: asyncio.Event) -> None:
    while data := await source.read(65536):
        if not muted.is_set():
            sink.write(data)


@asynccontextmanager
async def broken_at_will(postgres: DatabaseServer, folder: Path) -> AsyncIterator[tuple[Line, str]]:
    """The line, and the address of the database at its near end."""
    url = sa.make_url(postgres.url)
    line = Line(f"{url.query['host']}/{SOCKET}")
    async with await asyncio.start_unix_server(line.serve, folder / SOCKET):
        yield line, url.set(query={"host": str(folder)}).render_as_string(hide_password=False)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_is_written_is_written_once(when: str, postgres: DatabaseServer, tmp_path: Path) -> None:
    postgres.empty()
    runs = 0

    def count(db: sa.Connection) -> None:
        nonlocal runs
        runs += 1
        db.execute(sa.update(ConnectionTable).values(failures=ConnectionTable.failures + 1))

    async with broken_at_will(postgres, tmp_path) as (line, address), Store.open(address) as store:
        await store.register([("movies", "radarr", MediaKind("movie"))])
        line.breaks = when
        await store._database.write(count)
        assert line.breaks is None
    assert postgres.sql("SELECT failures FROM connections") == [(1,)]
    assert runs == (2 if when == "before" else 1), "it is begun anew only if it was not committed"
