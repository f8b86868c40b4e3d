"""The server of the database is restarted, crashes, is full or becomes read-only, a line to it breaks, there
is a pooler, a host's clock is wrong: daemons go on, and lose nothing.

Who is killed, hangs, or is cut off without hearing of it: see `test_lease_rounds`.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp
import pytest
from sqlalchemy import make_url

from tests.depth import IS_DEEP
from tests.e2e.own_server import AS_NOBODY, NOBODY, own_server
from tests.e2e.test_http import address
from tests.postgres import IS_NEEDED, SERVER
from tests.store.test_broken_lines import broken_at_will

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Daemon, Start
    from tests.e2e.own_server import OwnServer
    from tests.household import Household

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        not IS_DEEP, reason="only in ./dev deep: a server of its own is broken again and again"
    ),
    pytest.mark.skipif(not (SERVER or IS_NEEDED), reason="there is no PostgreSQL here"),
]
ITEMS: Final = "SELECT connection_id, arr_id FROM media WHERE removed_at IS NULL"
NOT_ONCE: Final = """
    SELECT connection_id, title, count(history.id) FROM media
    LEFT JOIN (SELECT id, media_id FROM history WHERE event = 'added') AS history ON media_id = media.id
    WHERE title LIKE 'Film %' GROUP BY media.id HAVING count(history.id) <> 1
"""
SOME_SESSIONS: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'trailarrd %'"
    " AND datname = current_database() AND random() < 0.5"
)
FREE: Final = "SELECT name FROM leases WHERE name LIKE 'connection:%' AND until <= clock_timestamp()"
FAKETIME: Final = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
ROOT: Final = Path(__file__).parents[2]
POOLER: Final = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


def add(household: Household, items: int = 1) -> None:
    """Each server has so many items more."""
    for shelf in household.shelves.values():
        for _ in range(items):
            number = len(shelf.library)
            shelf.add(f"Film {number}", 2000, imdbId=f"tt{number:07d}")


def change(household: Household) -> None:
    """Each server has one more, and somebody waits for a refresh."""
    add(household)
    for name in household.shelves:
        household.database.sql(f"INSERT INTO requests (connection, at) VALUES ('{name}', clock_timestamp())")


async def until_all_is_known(household: Household, daemons: list[Daemon]) -> None:
    wanted = sum(len(shelf.library) for shelf in household.shelves.values())
    for _ in range(900):
        if len(household.database.sql(ITEMS)) == wanted:
            return
        await asyncio.sleep(0.1)
    told = household.database.sql("SELECT name, owner, until - clock_timestamp(), note FROM leases")
    told += household.database.sql("SELECT * FROM requests WHERE answer IS NULL")
    told += household.database.sql("SELECT * FROM refreshes ORDER BY id DESC LIMIT 4")
    pytest.fail("\n".join([*map(str, told), *("".join(daemon.raw[-25:]) for daemon in daemons)]))


async def two(
    household: Household,
    start: Start,
    server: OwnServer,
    first: dict[str, str] | None = None,
    second: dict[str, str] | None = None,
    settings: str = "",
) -> list[Daemon]:
    """With these in their environments, and in trailarrd.yaml, as well."""
    household.server = server  # type: ignore[assignment]  # of which it only asks for an address
    household.settings = f"defaults: {{live: false}}\n{settings}"
    household.write_config()
    daemons = [await start(**(first or {})), await start(**(second or {}))]
    await until_all_is_known(household, daemons)
    return daemons


def assert_well(household: Household, daemons: list[Daemon]) -> None:
    assert household.database.sql(NOT_ONCE) == []
    for daemon in daemons:
        assert daemon.process.returncode is None
        assert [daemon.told(event) for event in ("service.crashed", "refresh.bug")] == [[], []]


async def test_a_server_that_is_restarted_or_crashes_costs_nothing(
    household: Household, start: Start
) -> None:
    with own_server() as server:
        daemons = await two(household, start, server)
        for round_ in range(10):
            change(household)
            await asyncio.sleep(random.uniform(0, 0.4))  # no secret
            await asyncio.to_thread(server.restart, ("fast", "immediate")[round_ % 2])
            await until_all_is_known(household, daemons)
        assert_well(household, daemons)


async def test_a_server_that_only_lets_us_read_is_waited_for(household: Household, start: Start) -> None:
    with own_server() as server:
        daemons = await two(household, start, server)
        name = make_url(server.url).database
        for _ in range(3):
            server.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            await asyncio.to_thread(server.restart, "fast")
            await asyncio.sleep(3)
            server.sql("SET default_transaction_read_only = off")
            server.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            change(household)
            await until_all_is_known(household, daemons)
        assert_well(household, daemons)


async def test_sessions_that_are_ended_at_random_cost_nothing(household: Household, start: Start) -> None:
    with own_server() as server:
        daemons = await two(household, start, server)
        for round_ in range(200):
            if round_ % 10 == 0:
                change(household)
            server.sql(SOME_SESSIONS)
            await asyncio.sleep(random.uniform(0, 0.2))  # no secret
        await until_all_is_known(household, daemons)
        assert_well(household, daemons)


async def test_a_line_that_breaks_at_commits_costs_nothing(
    household: Household, start: Start, tmp_path: Path
) -> None:
    with own_server() as server:
        async with broken_at_will(server, tmp_path) as (line, broken):  # type: ignore[arg-type]  # as above
            daemons = await two(household, start, server, {"TRAILARRD_DATABASE__URL": broken})
            for round_ in range(60):
                change(household)
                await asyncio.sleep(random.uniform(0, 0.2))  # no secret
                line.breaks = ("before", "after")[round_ % 2]
                await until_all_is_known(household, daemons)
            assert_well(household, daemons)


@contextmanager
def small_disk() -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="trailarrd-full-"))  # where the server's user may go
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("only who may mount can make a disk that is soon full")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill(file: Path) -> None:
    """Take all room that is left there."""
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(bytes(1 << 12)):
            pass


def fill_log(server: OwnServer) -> None:
    """Until there is no room for its next file, and the server ends."""
    for _ in range(20):
        server.sql("SELECT pg_logical_emit_message(true, 'full', 'x'), pg_switch_wal()")


async def test_a_full_disk_of_the_server_fails_refreshes_whole(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    """First there is no room for rows, and the server goes on; then none for its log, and it goes."""
    with small_disk() as disk, own_server(disk) as server:
        daemons = await two(household, start, server, settings="refresh: {interval: 10s}\n")
        filler = disk / "filler"
        for is_log in (False, True):
            before, known = failed(daemons), len(server.sql(ITEMS))
            fill(filler)
            add(household, items=1 if is_log else 600)
            if is_log:
                with pytest.raises(Exception, match=r"connection|space"):
                    fill_log(server)
            async with asyncio.timeout(60):
                while failed(daemons) == before:
                    await asyncio.sleep(0.1)
            if not is_log:
                assert (len(server.sql(ITEMS)) - known) % 600 == 0, "all of a refresh or nothing"
                assert "no space left on its server's disk" in (await run("status")).out
            filler.unlink()
            if is_log:
                await asyncio.to_thread(server.restart, "fast")
            await until_all_is_known(household, daemons)
        assert_well(household, daemons)


def failed(daemons: list[Daemon]) -> int:
    return sum(len(daemon.told("database.unusable")) for daemon in daemons)


class Pooler:
    """A PgBouncer in transaction mode before that server."""

    def __init__(self, server: OwnServer) -> None:
        if POOLER is None:
            pytest.skip("there is no pgbouncer here (Debian: apt install pgbouncer)")
        url = make_url(server.url)
        folder = server.folder / "pooler"
        folder.mkdir()
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = host={url.query['host']} user=trailarrd\n[pgbouncer]\nauth_type = any\n"
            f"pool_mode = transaction\nunix_socket_dir = {folder}\nlisten_addr =\nlisten_port = 5432\n"
        )
        become = AS_NOBODY if os.geteuid() == 0 else ()
        if become:
            os.chown(folder, NOBODY, NOBODY)
        self._command = [*become, POOLER, "-q", str(settings)]
        self.url = url.set(query={"host": str(folder)}).render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd="/", stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        self.__exit__()
        self.__enter__()


@pytest.mark.parametrize("is_passed", [True, False], ids=["passed by leases", "passed by nobody"])
async def test_behind_a_pooler_that_is_restarted_nothing_is_lost(
    household: Household, start: Start, *, is_passed: bool
) -> None:
    with own_server() as server, Pooler(server) as pooler:
        environ = {"TRAILARRD_DATABASE__URL": pooler.url, "TRAILARRD_DATABASE__POOLER": "true"}
        if is_passed:
            environ["TRAILARRD_DATABASE__LISTEN_URL"] = server.url
        daemons = await two(household, start, server, environ, environ)
        for round_ in range(15):
            change(household)
            await asyncio.sleep(random.uniform(0, 0.4))  # no secret
            if round_ % 3 == 2:
                pooler.restart()
            await until_all_is_known(household, daemons)
        gone = daemons.pop()
        gone.process.kill()
        change(household)
        await until_all_is_known(household, daemons)
        assert_well(household, daemons)


def with_clock(ahead: str) -> dict[str, str]:
    """The environment of a process, started anew, whose host's clock is wrong by that."""
    if FAKETIME is None:
        pytest.skip("there is no libfaketime here (Debian: apt install libfaketime)")
    apart = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
    return {"PYTHONPATH": str(ROOT), "LD_PRELOAD": str(FAKETIME), "FAKETIME": ahead, **apart}


async def test_clocks_that_are_wrong_by_an_hour_take_nothing_from_anybody(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    household.lease = "15s"
    with own_server() as server:
        daemons = await two(household, start, server, with_clock("+1h"), with_clock("-1h"))
        token = (await run("apikey", "create", "test")).out.strip()
        urls = [await address(daemon) for daemon in daemons]
        async with aiohttp.ClientSession(headers={"X-Api-Key": token}) as session:
            items = [number for (number,) in server.sql("SELECT id FROM media ORDER BY id LIMIT 2")]
            for number, (one, other) in zip(items, [urls, urls[::-1]], strict=True):
                for url, status in ((one, 201), (other, 409)):
                    claim = {"id": number, "owner": f"somebody at {url}", "minutes": 10}
                    async with session.post(f"{url}/api/v1/claims", json=claim) as answer:
                        assert answer.status == status, "a claim holds at every daemon"
        for _ in range(5):
            change(household)
            await until_all_is_known(household, daemons)
        assert server.sql(FREE) == []
        (apart,) = server.sql("SELECT max(abs(extract(epoch FROM clock_timestamp() - at))) FROM history")
        assert apart[0] < 120, "history has the server's time"
        for daemon in daemons:
            assert daemon.told("lease.lost") == []
        assert_well(household, daemons)
