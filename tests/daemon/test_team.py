"""Daemons of one database on a server: which works at what, and what each says of the others."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import aiohttp
import pytest
import sqlalchemy as sa
import structlog

from tests.cli.conftest import CommandLine
from tests.shipped import shipped_providers
from trailarrd.config import load
from trailarrd.config.model import HttpSettings
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.intercom import Intercom
from trailarrd.runtime.runtime import utc_now
from trailarrd.web.application import public_application
from trailarrd.web.health import HealthService
from trailarrd.web.server import address_of, listen, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.household import Household
    from tests.postgres import DatabaseServer
    from trailarrd.documents.health import Health

INTERVAL = "refresh: {interval: 1h}\n"


@pytest.fixture
def shared(household: Household, postgres: DatabaseServer, monkeypatch: pytest.MonkeyPatch) -> Household:
    """Its database is on a server; no commands are listened to."""
    monkeypatch.setattr("trailarrd.intercom.socket_of", lambda _: None)
    postgres.empty()
    household.server = postgres
    household.http = "{enabled: false}"
    return household


@asynccontextmanager
async def daemon(household: Household, more: str = "", **modes: str) -> AsyncIterator[Daemon]:
    """One of them, with further settings or modes of its own."""
    before = household.modes
    household.settings, household.modes = INTERVAL + more, {**before, **modes}
    household.write_config()
    file = household.config.with_name(f"{len(list(household.home.iterdir()))}.yaml")
    household.config.rename(file)
    household.modes = before
    providers = shipped_providers()
    async with start_daemon(load(file, providers=providers, environ=os.environ), providers) as found:
        yield found


async def until(true: Callable[[], object], within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.02)


def works_at(one: Daemon) -> set[str]:
    return set(one.pollers)


async def health(one: Daemon) -> Health:
    return await HealthService(one.asked()).health(anew=True)


async def titles(one: Daemon) -> list[str]:
    return [row.title async for page in one.store.media(now=utc_now()) for row in page]


async def issues(one: Daemon) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.connection) for issue in (await health(one)).issues]


async def test_each_works_at_what_its_host_sees(shared: Household) -> None:
    async with daemon(shared, "daemon: {serves: [movies]}\n") as one:
        await until(lambda: works_at(one) == {"movies"})
        await asyncio.sleep(0.3)
        assert works_at(one) == {"movies"}, "also alone"
        assert ("connection-unserved", "series") in await issues(one)
        async with daemon(shared, "daemon: {serves: [series]}\n") as other:
            await until(lambda: works_at(other) == {"series"})
            assert works_at(one) == {"movies"}
            assert list(one.asked().pollers()) == ["movies", "series"], "and answers for both"
            await until(lambda: one.asked().pollers()["series"].state.due)
            assert await issues(one) == await issues(other) == []
            told = (await health(one)).daemons
            assert [[at.connection for at in each.connections] for each in told] == [["movies"], ["series"]]


async def test_commands_of_a_host_go_on_reaching_the_daemon_that_they_reached(
    shared: Household, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "x.sock"
    monkeypatch.setattr("trailarrd.intercom.socket_of", lambda _: path)
    async with daemon(shared):
        with structlog.testing.capture_logs() as logs:
            async with daemon(shared):
                pass
        (reason,) = [one["reason"] for one in logs if one["event"] == "intercom.none"]
        assert f"another daemon answers at {path}; a STATE_DIRECTORY of its own" in reason
        assert Intercom(path).is_answered()


async def test_who_is_configured_otherwise_takes_nothing_over_and_says_why(shared: Household) -> None:
    async with AsyncExitStack() as first:
        one = await first.enter_async_context(daemon(shared))
        await until(lambda: works_at(one) == {"movies", "series"})
        async with daemon(shared, movies="new") as other:
            await until(lambda: works_at(other) == {"series"})
            await until(lambda: works_at(one) == {"movies"})
            (issue,) = (await health(other)).issues
            assert (issue.code, issue.connection) == ("config-differs", "movies")
            assert issue.message.startswith(
                "this daemon does not take it over, as it has another monitor than trailarrd"
            )
            async with asyncio.timeout(10):
                while await issues(one) != [("config-differs", "movies")]:
                    await asyncio.sleep(0.05)
            await first.aclose()
            await asyncio.sleep(0.5)
            assert works_at(other) == {"series"}, "also when the other one is gone"
    async with daemon(shared, movies="new") as anew:
        await until(lambda: works_at(anew) == {"movies", "series"})


async def test_what_a_daemon_loses_and_gets_back_it_begins_anew(
    shared: Household, postgres: DatabaseServer
) -> None:
    async with daemon(shared) as one:
        await until(lambda: works_at(one) == {"movies", "series"})
        await until(lambda: all(poller.state.due for poller in one.pollers.values()))
        postgres.sql("UPDATE leases SET until = '-infinity' WHERE name = 'connection:movies'")
        await until(lambda: len(postgres.sql("SELECT id FROM refreshes WHERE outcome = 'ok'")) == 3)
        assert works_at(one) == {"movies", "series"}


async def test_what_a_reload_takes_out_of_the_configuration_is_given_to_others(shared: Household) -> None:
    async with daemon(shared) as one, daemon(shared) as other:
        await until(lambda: len(works_at(one)) == len(works_at(other)) == 1)
        (name,) = works_at(one)
        text = one.settings.path.read_text()
        one.settings.path.write_text(f"{text}daemon: {{serves: [{next(iter(works_at(other)))}]}}\n")
        await one.reloader.reload()
        await until(lambda: name in works_at(other))
        assert name not in works_at(one)


async def test_a_daemon_that_no_command_reaches_is_named_all_the_same(
    shared: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", "STATE_DIRECTORY"):
        monkeypatch.delenv(variable, raising=False)
    trailarrd = CommandLine(shared)
    with structlog.testing.capture_logs() as logs:
        async with daemon(shared) as one:
            await until(lambda: works_at(one) == {"movies", "series"})
            shared.write_config()
            status, reload = await trailarrd("status"), await trailarrd("reload")
            with monkeypatch.context() as host:
                host.setattr("os.uname", lambda: SimpleNamespace(nodename="elsewhere"))
                elsewhere = await trailarrd("reload")
    assert [line["event"] for line in logs].count("intercom.none") == 1
    assert f"(pid {os.getpid()} on " in status.err
    assert "runs here, but no command reaches it: " in status.err
    assert (reload.code, "SIGHUP has it read its configuration anew" in reload.err) == (1, True)
    assert "no daemon runs here; on " in elsewhere.err
    after = await trailarrd("reload")
    assert "no daemon runs; it reads the configuration when it starts" in after.err


async def test_a_start_that_waits_for_the_server_says_so(
    shared: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.runtime.opening._SOON", 0.01)
    monkeypatch.setenv("TRAILARRD_DATABASE__URL", "postgresql+asyncpg://me@127.0.0.1:9/away")
    waiting = asyncio.create_task(daemon(shared).__aenter__())
    with structlog.testing.capture_logs() as logs:
        await until(lambda: logs or waiting.done())
        await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    (line,) = logs
    assert (line["event"], line["database"]) == (
        "database.waiting",
        "postgresql+asyncpg://me@127.0.0.1:9/away",
    )


async def test_of_leases_that_may_be_over_nobody_tells(shared: Household, postgres: DatabaseServer) -> None:
    async with daemon(shared) as one:
        async with asyncio.timeout(10):
            while [len(peer.connections) for peer in (await health(one)).daemons] != [2]:
                await asyncio.sleep(0.02)
        await asyncio.to_thread(
            postgres.sql, "ALTER TABLE leases RENAME TO gone"
        )  # who has a lock on it is of this loop
        await until(lambda: one.asked().daemons() is None)
        found = await health(one)
        await asyncio.to_thread(postgres.sql, "ALTER TABLE gone RENAME TO leases")
        assert (found.daemons, found.is_well) == ([], False)
        assert (
            "does not say which daemons live" in {one.code: one.message for one in found.issues}["database"]
        )
        await until(lambda: one.asked().daemons())


async def test_while_the_server_is_silent_all_who_look_after_the_process_are_answered_soon(
    shared: Household,
) -> None:
    async with daemon(shared) as one, aiohttp.ClientSession() as session:
        await until(lambda: works_at(one) == {"movies", "series"})
        opened = listen("127.0.0.1", 0)
        async with (
            serving(public_application(one.asked(), HttpSettings()), opened),
            one.store._database.engine.connect() as another,
        ):
            await another.execute(sa.text("LOCK TABLE api_keys, connections IN ACCESS EXCLUSIVE MODE"))
            for path, status, within in (
                ("/health/live", 200, 0.5),
                ("/no/such", 404, 0.5),
                ("/health/ready", 503, 2.5),
                ("/health", 503, 2.5),
                ("/metrics", 503, 2.5),
            ):
                began = time.monotonic()
                async with session.get(f"http://{address_of(opened)}{path}") as answer:
                    assert answer.status == status, path
                assert time.monotonic() - began < within, path


async def test_what_is_asked_of_one_the_other_does(shared: Household) -> None:
    async with daemon(shared) as one, daemon(shared) as other:
        await until(lambda: len(works_at(one)) == len(works_at(other)) == 1)
        (name,) = works_at(other)
        report = await one.asked().pollers()[name].request()
        assert (report.connection, report.outcome.value, report.fetched) == (name, "ok", 3)
        shared.shelves[name].library.edit(1, title="Renamed")
        await one.asked().pollers()[name].revisit([1])
        assert "Renamed" in await titles(one)
        shared.shelves[name].library.edit(1, title="Again")
        kind, said = ("movie", "MovieAdded") if name == "movies" else ("series", "SeriesAdd")
        assert one.push.receivers[name].post({"eventType": said, kind: {"id": 1}}) == said
        async with asyncio.timeout(5):
            while "Again" not in await titles(one):
                await asyncio.sleep(0.02)
        await shared.shelves[name].server.stop()
        failed = await one.asked().pollers()[name].request()
        assert failed.error
        shown = one.metrics.exposition(
            await HealthService(one.asked()).snapshot(anew=True), await health(one)
        ).decode()
        assert shown.count("trailarrd_daemon_connection{") == 2
