"""The server of the database is restarted, crashes or becomes read-only: daemons go on, and lose nothing."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import make_url

from tests.depth import IS_DEEP
from tests.postgres import IS_NEEDED, SERVER, DatabaseServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Daemon, Start
    from tests.household import Household

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        not IS_DEEP, reason="only in ./dev deep: a server of its own is broken again and again"
    ),
    pytest.mark.skipif(not (SERVER or IS_NEEDED), reason="there is no PostgreSQL here"),
]
SCRIPT: Final = Path(__file__).parents[1] / "with_postgres"
ITEMS: Final = "SELECT connection_id, arr_id FROM media WHERE removed_at IS NULL"
TWICE: Final = (
    "SELECT connection, arr_id FROM history WHERE event = 'added'"
    " GROUP BY connection, arr_id HAVING count(*) > 1"
)


class OwnServer:
    """One that no other test uses, so that it may be broken."""

    def __init__(self, address: str) -> None:
        self._folder = Path(str(make_url(address).query["host"]))
        self._bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._server = DatabaseServer(address)
        self._server.__enter__()
        self.url = self._server.url
        # What is committed has to outlast a crash, as it does where nobody is in a hurry.
        self._server.sql(f"ALTER DATABASE {make_url(self.url).database} SET synchronous_commit = on")
        self._server._run(self._server.connect())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def restart(self, how: str) -> None:
        """`fast` ends what is under way, `immediate` is a crash."""
        become = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] * (os.geteuid() == 0)
        told = ["-D", str(self._folder / "data"), "-m", how, "-w", "-l", str(self._folder / "log"), "restart"]
        subprocess.run([*become, str(self._bin / "pg_ctl"), *told], check=True, capture_output=True, cwd="/")
        self._server._run(self._server.connect())


@contextmanager
def own_server() -> Iterator[OwnServer]:
    script = ["sh", str(SCRIPT), "sh", "-c", "echo $POSTGRES_FOR_TESTS; exec sleep 3600"]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        server = OwnServer(process.stdout.readline().strip())
        try:
            yield server
        finally:
            server.__exit__()
            os.killpg(process.pid, signal.SIGTERM)


def change(household: Household) -> None:
    """Each server has one item more, and somebody waits for a refresh."""
    for name, shelf in household.shelves.items():
        number = len(shelf.library)
        shelf.add(f"Film {number}", 2000, imdbId=f"tt{number:07d}")
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


async def two(household: Household, start: Start, server: OwnServer) -> list[Daemon]:
    household.server = server  # type: ignore[assignment]  # of which it only asks for an address
    household.settings = "defaults: {live: false}\n"
    household.write_config()
    daemons = [await start(), await start()]
    await until_all_is_known(household, daemons)
    return daemons


def assert_well(household: Household, daemons: list[Daemon]) -> None:
    assert household.database.sql(TWICE) == []
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
