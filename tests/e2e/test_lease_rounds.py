"""Three daemons and six connections, again and again one of them killed, frozen or cut off from the server.

What each writes is looked at by the server itself: nothing of a connection is written but by who has its
lease at that moment, whatever a daemon thinks, and no refresh goes on once the next one has begun. What
people are told is listened to.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import make_url

from tests.depth import IS_DEEP
from tests.e2e.conftest import AS_JSON, Daemon, command, listening
from tests.household import Household
from tests.process import PIPE, running
from tests.world import shelf_of_three
from trailarrd.testing import RADARR, SONARR

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.postgres import DatabaseServer

ROUNDS: Final = int(os.environ.get("TRAILARRD_KILLS", "1")) * 5
LEASE: Final = float(os.environ.get("TRAILARRD_LEASE", "1"))
"""Seconds."""
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: each round takes seconds"),
]
WORDS: Final = "{connection}: {title}"
"""What people are told of an item that is new."""
NAMES: Final = ("movies", "more", "kids", "series", "shows", "anime")
WITNESS: Final = (
    "CREATE TABLE IF NOT EXISTS witness (what text)",
    """
    CREATE OR REPLACE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE lease leases%ROWTYPE;
    BEGIN
        SELECT leases.* INTO lease FROM leases
            JOIN connections ON leases.name = 'connection:' || connections.name
            WHERE connections.id = NEW.connection_id;
        IF 'trailarrd ' || lease.owner IS DISTINCT FROM current_setting('application_name') THEN
            INSERT INTO witness VALUES (TG_TABLE_NAME || ' ' || NEW.id || ' is of '
                || coalesce(lease.owner, 'nobody') || ', written by ' || current_setting('application_name'));
        END IF;
        IF TG_TABLE_NAME = 'refreshes' AND EXISTS (
            SELECT FROM refreshes WHERE connection_id = NEW.connection_id AND id > NEW.id
        ) THEN
            INSERT INTO witness VALUES ('refresh ' || NEW.id || ' goes on while a later one is at work');
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER watch AFTER INSERT OR UPDATE ON refreshes FOR EACH ROW EXECUTE FUNCTION watch()",
    "CREATE TRIGGER watch AFTER INSERT OR UPDATE ON media FOR EACH ROW EXECUTE FUNCTION watch()",
    "UPDATE refreshes SET fetched = fetched",  # by nobody who may
)
NOT_ONCE: Final = """
    SELECT connection_id, media.title, count(history.id) FROM media
    LEFT JOIN history ON history.media_id = media.id AND history.event = 'added'
    WHERE media.title LIKE 'Film %' GROUP BY media.id HAVING count(history.id) <> 1
"""
HOLDERS: Final = (
    "SELECT substr(name, 12), owner FROM leases WHERE name LIKE 'connection:%' AND until > clock_timestamp()"
)


class People:
    """Those who are told what happens, by whichever daemon does it just now."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Where they are, as apprise has it."""
        application = web.Application()
        application.router.add_post("/", self._hear)
        async with TestServer(application) as service:
            yield f"json://127.0.0.1:{service.port}/"

    async def _hear(self, request: web.Request) -> web.Response:
        self.told.update((await request.json())["message"].splitlines())
        return web.Response()


class Line:
    """The way of one daemon to the server, which can be cut so that neither hears of it."""

    def __init__(self, server: Path, folder: Path) -> None:
        self._server = server
        self.folder = folder
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[None]:
        self.folder.mkdir()
        server = await asyncio.start_unix_server(self._join, self.folder / ".s.PGSQL.5432")
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """From now on nothing arrives, in either direction; what is under way waits."""
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_unix_connection(self._server)
        for source, sink in ((reader, here), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while content := await source.read(65536):
                    await self._open.wait()
                    sink.write(content)
                    await sink.drain()
        finally:
            sink.close()


@dataclass
class Member:
    """A daemon, and its line."""

    line: Line
    daemon: Daemon
    stack: AsyncExitStack


@dataclass
class Arena:
    """All that runs."""

    household: Household
    postgres: DatabaseServer
    folder: Path
    people: People
    members: list[Member] = field(default_factory=list)
    began: int = 0
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def begin_one(self) -> None:
        self.began += 1
        url = make_url(self.postgres.url)
        line = Line(Path(str(url.query["host"])) / ".s.PGSQL.5432", self.folder / f"line{self.began}")
        stack = AsyncExitStack()
        await stack.enter_async_context(line.laid())
        own = url.update_query_dict({"host": str(line.folder)}).render_as_string(hide_password=False)
        environ = self.household.environ | AS_JSON | {"TRAILARRD_DATABASE__URL": own}
        options = {"env": environ, "stdout": PIPE, "stderr": PIPE}
        process = await stack.enter_async_context(running(*command(self.household, "run"), **options))
        daemon = await stack.enter_async_context(listening(Daemon(process)))
        self.members.append(Member(line, daemon, stack))

    async def end(self, member: Member) -> None:
        self.members.remove(member)
        member.line.mend()
        with suppress(ProcessLookupError):
            member.daemon.process.send_signal(signal.SIGCONT)
            member.daemon.process.kill()
        await member.stack.aclose()

    def owners(self) -> dict[str, str]:
        """By connection the id of the daemon that works at it."""
        return dict(self.postgres.sql(HOLDERS))

    def id_of(self, member: Member) -> str:
        """As leases have it."""
        pid = member.daemon.process.pid
        found = self.postgres.sql(
            f"SELECT owner FROM leases WHERE name LIKE 'daemon:%' AND holder LIKE '%(pid {pid} on %'"
        )
        return str(found[0][0]) if found else ""

    async def until_shared(self) -> None:
        """Each daemon works at two connections."""
        began = time.monotonic()
        while sorted(Counter(self.owners().values()).values()) != [2, 2, 2]:
            await asyncio.sleep(0.05)
            if time.monotonic() - began > 240:
                pytest.fail(f"they do not share:\n{self.state()}")

    async def until_taken(self, lost: str) -> float:
        """How many seconds it took until others work at all that this daemon had."""
        began = time.monotonic()
        while len(owners := self.owners()) < len(NAMES) or lost in owners.values():
            await asyncio.sleep(0.02)
            if time.monotonic() - began > 3 * LEASE + 10:
                pytest.fail(f"{lost} has not been taken over:\n{self.state()}")
        return time.monotonic() - began

    def state(self) -> str:
        """What the server and the daemons say."""
        told = self.postgres.sql(
            "SELECT name, owner, until - clock_timestamp(), note FROM leases ORDER BY name"
        )
        told += self.postgres.sql(
            "SELECT application_name, state, wait_event, clock_timestamp() - state_change, left(query, 90)"
            " FROM pg_stat_activity WHERE application_name LIKE 'trailarrd%' ORDER BY 1"
        )
        logs = ["".join(member.daemon.raw[-12:]) for member in self.members]
        return "\n".join([*map(str, told), *logs])

    def change(self) -> None:
        """A server has one item more, and somebody asks for a refresh."""
        name = random.choice(NAMES)  # no secret
        shelf = self.household.shelves[name]
        number = len(shelf.library)
        shelf.add(f"Film {number}", 2000, imdbId=f"tt{number:07d}")
        self.postgres.sql(f"INSERT INTO requests (connection, at) VALUES ('{name}', clock_timestamp())")
        self.postgres.sql("NOTIFY trailarrd, 'test'")

    async def round(self, kind: str) -> None:
        """Kill, freeze or cut one of them in the middle of work; it comes back, or another one does."""
        await self.until_shared()
        victim = random.choice(self.members)  # no secret
        lost = self.id_of(victim)
        for _ in range(3):
            self.change()
        await asyncio.sleep(random.uniform(0, 0.3))  # no secret
        if kind == "kill":
            victim.daemon.process.kill()
        elif kind == "freeze":
            victim.daemon.process.send_signal(signal.SIGSTOP)
        else:
            victim.line.cut()
        self.took[kind].append(await self.until_taken(lost))
        for _ in range(3):
            self.change()
        if kind == "kill":
            await self.end(victim)
            await self.begin_one()
        elif kind == "freeze":
            victim.daemon.process.send_signal(signal.SIGCONT)
        else:
            victim.line.mend()


@asynccontextmanager
async def arena(folder: Path, postgres: DatabaseServer) -> AsyncIterator[Arena]:
    dialects = (RADARR, RADARR, RADARR, SONARR, SONARR, SONARR)
    shelves = {name: shelf_of_three(one, folder / name) for name, one in zip(NAMES, dialects, strict=True)}
    async with AsyncExitStack() as stack:
        for shelf in shelves.values():
            await stack.enter_async_context(shelf.server)
        people = People()
        to = await stack.enter_async_context(people.listening())
        postgres.empty()
        household = Household(folder, shelves, dict.fromkeys(NAMES, "missing"), server=postgres)
        notify = f"{{urls: ['{to}'], gather: 200ms, most_per_hour: 100000, tell: {{added: '{WORDS}'}}}}"
        household.settings = f"defaults: {{live: false}}\nnotify: {notify}\n"
        household.lease = f"{LEASE:g}s"
        household.write_config()
        found = Arena(household, postgres, folder, people)
        try:
            for _ in range(3):
                await found.begin_one()
            await found.until_shared()
            while not postgres.sql("SELECT id FROM refreshes"):
                await asyncio.sleep(0.1)
            for statement in WITNESS:  # not in this thread, where the lines are that it may have to wait for
                await asyncio.to_thread(postgres.sql, statement)
            assert postgres.sql("DELETE FROM witness RETURNING what"), "it sees what it is to see"
            yield found
        finally:
            for member in list(found.members):
                await found.end(member)
            for table in ("refreshes", "media"):
                postgres.sql(f"DROP TRIGGER IF EXISTS watch ON {table}")
            postgres.sql("DROP TABLE IF EXISTS witness")


async def test_whoever_dies_hangs_or_is_cut_off_writes_nothing_any_more_and_nothing_is_lost(
    tmp_path: Path, postgres: DatabaseServer, record_property: Callable[[str, object], None]
) -> None:
    async with arena(tmp_path / "arena", postgres) as found:
        for number in range(ROUNDS):
            await found.round(("kill", "freeze", "cut")[number % 3])
        await found.until_shared()
        await until_all_is_known(found)
        assert postgres.sql("SELECT what FROM witness") == []
        assert postgres.sql(NOT_ONCE) == []
        heard = {line: times for line, times in found.people.told.items() if " Film " in line}
        assert heard, "people are told"
        assert {line: times for line, times in heard.items() if times > 1} == {}
        for kind, seconds in found.took.items():
            told = f"{len(seconds)} takeovers, median {median(seconds):.2f} s, longest {max(seconds):.2f} s"
            record_property(kind, told)
            sys.stderr.write(f"{kind}: {told}\n")
        assert max(max(seconds) for seconds in found.took.values()) < 2 * LEASE + 5


async def until_all_is_known(found: Arena) -> None:
    """What the servers have is in the database, each item once."""
    for name in NAMES:
        found.postgres.sql(f"INSERT INTO requests (connection, at) VALUES ('{name}', clock_timestamp())")
    wanted = {name: len(found.household.shelves[name].library) for name in NAMES}
    counted = (
        "SELECT connections.name, count(*) FROM media JOIN connections ON connections.id = connection_id"
        " WHERE removed_at IS NULL GROUP BY 1"
    )
    async with asyncio.timeout(60):
        while dict(found.postgres.sql(counted)) != wanted:
            await asyncio.sleep(0.1)
