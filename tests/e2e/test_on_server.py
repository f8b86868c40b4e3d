"""Daemons of one database on a server: one works, and none ever writes behind the back of the next."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Start
    from tests.household import Household
    from tests.postgres import DatabaseServer

REFRESHES = "SELECT count(*) FROM refreshes"


@pytest.fixture
def shared(household: Household, postgres: DatabaseServer) -> DatabaseServer:
    """Where the household's database is from now on."""
    postgres.empty()
    household.server = postgres
    household.settings = "refresh: {interval: 10s}\n"
    household.write_config()
    return postgres


def held(server: DatabaseServer) -> dict[str, int]:
    """How many connections each daemon works at now."""
    return dict(
        server.sql(
            "SELECT owner, count(*) FROM leases WHERE name LIKE 'connection:%'"
            " AND until > clock_timestamp() GROUP BY owner"
        )
    )


@pytest.mark.slow
async def test_daemons_share_the_connections_and_take_over_from_one_that_hangs_or_leaves(
    shared: DatabaseServer, start: Start, run: Callable[..., Any]
) -> None:
    first = await start()
    await first.until("refresh.finished", times=2)
    second = await start()
    await second.until("refresh.finished", within=10)
    assert sorted(held(shared).values()) == [1, 1], "each has one"
    told = (await run("status")).out
    assert all(f"(pid {one.process.pid} on " in told for one in (first, second)), "though of one host name"

    first.process.send_signal(signal.SIGSTOP)
    await second.until("refresh.finished", times=2, within=10)
    assert list(held(shared).values()) == [2]
    first.process.send_signal(signal.SIGCONT)
    await first.until("lease.lost", within=10)
    await first.until("refresh.finished", times=3, within=10)
    assert sorted(held(shared).values()) == [1, 1], "who is back has its share again"

    assert (await second.stop(signal.SIGTERM))[0] == 0
    await first.until("refresh.finished", times=4, within=3)
    assert list(held(shared).values()) == [2]
    assert shared.sql("SELECT count(*) FROM refreshes WHERE outcome <> 'ok'") == [(0,)]


@pytest.mark.slow
async def test_a_daemon_goes_on_when_its_sessions_are_ended(shared: DatabaseServer, start: Start) -> None:
    daemon = await start()
    await daemon.until("refresh.finished", times=2)
    for _ in range(20):
        shared.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'trailarrd %' AND datname = current_database()"
        )
        await asyncio.sleep(0.05)
    before = shared.sql(REFRESHES)[0][0]
    await daemon.until("refresh.finished", times=4, within=30)
    assert shared.sql(REFRESHES)[0][0] >= before + 1
    assert daemon.told("service.crashed") == []
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


@pytest.mark.slow
async def test_commands_work_beside_the_daemon(
    shared: DatabaseServer, household: Household, start: Start, run: Callable[..., Any]
) -> None:
    daemon = await start()
    await daemon.until("refresh.finished", times=2)
    listed = await run("media")
    assert listed.code == 0
    assert "Alpha" in listed.out
    assert (await run("monitor", "1")).code == 0
    assert shared.sql("SELECT intent FROM media WHERE id = 1") == [(True,)]
    refreshed = await run("refresh", "movies", "--json")
    assert (refreshed.code, refreshed.document["refreshes"][0]["outcome"]) == (0, "ok")
    assert f"(pid {daemon.process.pid} on " in refreshed.err, "by the daemon, though it is not on this host"
    state = await run("status", "--json")
    ((one,), issues) = (state.document["daemons"], state.document["ailments"])
    assert ([at["connection"] for at in one["connections"]], issues) == (["movies", "series"], [])
    assert "daemon on " in (await run("status")).out
    checked = await run("check", "--offline")
    assert "is sound, at revision" in checked.out
    whole = await run("db", "check")
    assert (whole.code, "PostgreSQL" in whole.out) == (0, True)
    refused = await run("db", "backup")
    assert (refused.code, "pg_dump" in refused.err) == (2, True)
