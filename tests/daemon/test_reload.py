"""Another configuration is taken over whole or not at all, and nobody notices whom it does not concern."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.daemon.conftest import serving
from tests.shipped import shipped_providers
from tests.world import KEY
from trailarrd.config import load
from trailarrd.daemon.daemon import Daemon
from trailarrd.daemon.supervisor import Supervisor
from trailarrd.errors import StoppedError
from trailarrd.runtime.runtime import open_runtime
from trailarrd.testing import Latency, Phase, Stall

if TYPE_CHECKING:
    from tests.daemon.conftest import Site
    from tests.household import Household
    from trailarrd.config import Settings
    from trailarrd.domain.secret import Redactor

PEM = Path(__file__).parent.parent.joinpath("config/authority.pem").read_bytes()


async def test_a_connection_that_stays_as_it_is_notices_nothing(site: Site) -> None:
    poller, slot = site.daemon.pollers["series"], site.daemon.runtime.slots["series"]
    session, task = slot.refresher.api, site.task("poller series")
    due = poller.state.due
    site.household.modes["movies"] = "none"
    site.household.write_config()
    with capture_logs() as logs:
        await site.daemon.reloader.reload()
        await site.idle()
    (told,) = [line for line in logs if line["event"] == "config.reloaded"]
    assert (told["added"], told["changed"], told["removed"]) == ([], ["movies"], [])
    assert site.daemon.pollers["series"] is poller
    assert site.daemon.runtime.slots["series"] is slot
    assert (slot.refresher.api, site.task("poller series")) == (session, task)
    assert poller.state.due == due
    assert (site.lists("movies"), site.lists("series")) == (2, 1)


async def test_the_same_configuration_once_more_does_nothing_and_says_so(site: Site) -> None:
    slots = dict(site.daemon.runtime.slots)
    with capture_logs() as logs:
        await site.daemon.reloader.reload()
    told = [line["event"] for line in logs if line["event"] != "check.finished"]  # that of the start
    assert told == ["config.reloaded"]
    assert (site.daemon.runtime.slots, site.lists("movies")) == (slots, 1)


async def test_an_added_connection_is_refreshed_and_a_removed_one_is_kept_as_inactive(site: Site) -> None:
    del site.household.modes["series"]
    site.household.shelves["more"] = site.household.series
    site.household.modes["more"] = "missing"
    site.household.write_config()
    gone = site.daemon.pollers["series"]
    await site.daemon.reloader.reload()
    await site.idle()
    assert list(site.daemon.pollers) == list(site.daemon.runtime.refreshers) == ["movies", "more"]
    rows = {row.name: row for row in await site.daemon.store.connections()}
    assert {name: (row.active, row.items) for name, row in rows.items()} == {
        "movies": (True, 3),
        "more": (True, 3),
        "series": (False, 3),
    }
    with pytest.raises(StoppedError):
        await gone.request()


async def test_a_running_refresh_ends_as_it_began_and_the_next_one_goes_by_the_new_settings(
    household: Household,
) -> None:
    async with serving(household) as site, asyncio.timeout(20):
        household.movies.server.fault = Stall(seconds=1, phase=Phase.LIST, times=1)
        poller, old = site.daemon.pollers["movies"], site.daemon.runtime.slots["movies"]
        first = poller.request()
        while not household.movies.server.struck:
            await asyncio.sleep(0.01)
        household.modes["movies"] = "none"
        household.write_config()
        site.text = site.text.replace("!env TEST_ARR_KEY", "newkey", 1)
        household.movies.server.api_key = "newkey"
        await site.daemon.reloader.reload()
        assert poller.state.running_since, "the reload did not wait for it"
        assert site.daemon.runtime.slots["movies"] is not old
        assert (await first).outcome.value == "ok"
        await site.idle()
        keys = [asked.headers["X-Api-Key"] for asked in household.movies.server.requests]
        assert (keys[0], keys[-1]) == (KEY, "newkey")
        assert keys == sorted(keys), "the old one to the end of the old refresh, then the new one"
        assert (await site.daemon.store.connections())[0].mode == "none"


async def test_whoever_asked_for_a_refresh_gets_it_from_the_new_settings(household: Household) -> None:
    async with serving(household) as site, asyncio.timeout(20):
        household.movies.server.fault = Latency(seconds=0.5, phase=Phase.LIST, times=1)
        poller = site.daemon.pollers["movies"]
        running, asked = poller.request(), None
        while not household.movies.server.struck:
            await asyncio.sleep(0.01)
        asked = poller.request()
        household.modes["movies"] = "none"
        household.write_config()
        await site.daemon.reloader.reload()
        assert (await running).monitored == 3
        assert (await asked).monitored == 0


async def test_a_removed_connections_running_refresh_is_applied_to_its_end(household: Household) -> None:
    async with serving(household) as site, asyncio.timeout(20):
        household.series.add("Delta", 2004)
        household.series.server.fault = Stall(seconds=0.5, phase=Phase.LIST, times=1)
        running = site.daemon.pollers["series"].request()
        while not household.series.server.struck:
            await asyncio.sleep(0.01)
        del household.modes["series"]
        household.write_config()
        await site.daemon.reloader.reload()
        assert (await running).added == 1
        rows = {row.name: row for row in await site.daemon.store.connections()}
        assert (rows["series"].active, rows["series"].items) == (False, 4)


async def test_a_rejected_connection_is_asked_as_soon_as_its_key_is_another(household: Household) -> None:
    household.movies.server.api_key = "rotated"
    key = household.home / "radarr.key"
    key.write_text(KEY)
    household.config.write_text(household.config.read_text().replace("!env TEST_ARR_KEY", f"!file {key}", 1))
    async with serving(household) as site:
        assert site.daemon.pollers["movies"].state.last
        assert (await site.daemon.store.connections())[0].last_error_kind == "rejected"
        key.write_text("rotated\n")
        await site.daemon.reloader.reload()
        await site.idle()
        row = (await site.daemon.store.connections())[0]
        assert (row.last_error_kind, row.items) == (None, 3)


async def test_another_authority_in_the_same_file_opens_another_session(site: Site) -> None:
    """The file's name is the same, and so are the settings."""
    authority = site.household.home / "authority.pem"
    authority.write_bytes(PEM)
    site.text += f"    ca_file: {authority}\n"
    await site.daemon.reloader.reload()
    slots = dict(site.daemon.runtime.slots)
    authority.write_bytes(PEM + b"\n# and a remark\n")
    state = await site.daemon.reloader.reload()
    assert state.error is None
    assert site.daemon.runtime.slots["series"] is not slots["series"]
    assert site.daemon.runtime.slots["movies"] is slots["movies"]


async def test_another_database_counts_from_the_next_start_on_and_is_said(site: Site) -> None:
    site.text = site.text.replace('database: {url: "', 'database: {backups: 5, url: "')
    with capture_logs() as logs:
        state = await site.daemon.reloader.reload()
        await site.daemon.reloader.reload()
    assert state.restart_needed == ("database",)
    assert [line for line in logs if line["event"] == "config.restart_needed"] == [
        {"event": "config.restart_needed", "log_level": "warning", "settings": ["database"]}
    ]
    assert await site.daemon.store.noted() == {"restart_needed": "database"}


async def test_what_is_not_about_connections_is_taken_over_without_a_refresh(site: Site) -> None:
    slots = dict(site.daemon.runtime.slots)
    housekeeper = site.task("housekeeper")
    site.household.settings = "disk: {timeout: 3s}\nremoval_guard: {max_items: 1}\nremoved_grace: 3 days\n"
    site.household.settings += "refresh: {interval: 1h}\n"
    site.household.write_config()
    await site.daemon.reloader.reload()
    assert site.daemon.runtime.slots == slots
    assert site.daemon.runtime.roots.deadline == 3
    assert {one.guard.max_items for one in site.daemon.runtime.refreshers.values()} == {1}
    assert housekeeper
    assert housekeeper.cancelled(), "it began anew, with the new grace"
    assert (site.lists("movies"), site.lists("series")) == (1, 1)


async def test_requests_that_come_while_one_reload_is_on_are_one_more(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[int] = []

    def counted(*words: Any, **named: Any) -> Settings:
        loads.append(1)
        return load(*words, **named)

    monkeypatch.setattr("trailarrd.daemon.daemon.load", counted)
    for _ in range(100):
        site.daemon.reloader.request()
    async with asyncio.timeout(5):
        while len(loads) < 1:
            await asyncio.sleep(0.01)
        for _ in range(100):
            site.daemon.reloader.request()
        await asyncio.sleep(0.3)
    assert len(loads) == 2


async def test_the_log_keeps_every_secret_that_ever_was(household: Household) -> None:
    redactors: list[tuple[str, Redactor]] = []
    providers = shipped_providers()
    settings = load(household.config, providers=providers, environ=household.environ)
    async with open_runtime(settings, providers, as_daemon=True) as runtime, Supervisor() as supervisor:
        daemon = Daemon(
            runtime, supervisor, lambda new, redactor: redactors.append((new.log.level, redactor))
        )
        text = household.config.read_text()
        household.config.write_text(
            "log: {level: debug}\n" + text.replace("!env TEST_ARR_KEY", "another-k3y")
        )
        assert (await daemon.reloader.reload()).error is None
        household.config.write_text("log: {level: error}\n" + text.replace("!env TEST_ARR_KEY", "third-k3y"))
        assert (await daemon.reloader.reload()).error is None
    level, redactor = redactors[-1]
    assert level == "error"
    assert redactor.clean(f"{KEY} another-k3y third-k3y") == "*** *** ***"


async def test_another_interval_or_schedule_is_waited_for_without_a_refresh(site: Site) -> None:
    poller = site.daemon.pollers["movies"]
    before = poller.state.due
    assert before
    site.text = site.text.replace("    monitor: missing\n", "    monitor: missing\n    interval: 3h\n", 1)
    with capture_logs() as logs:
        await site.daemon.reloader.reload()
        await asyncio.sleep(0.1)
    (told,) = [line for line in logs if "rescheduled" in line]
    assert (told["changed"], told["rescheduled"]) == ([], ["movies"])
    async with asyncio.timeout(10):
        while poller.state.due is None or poller.state.due - before < timedelta(hours=1):
            await asyncio.sleep(0.01)
    assert poller.state.due - before < timedelta(hours=3)
    site.text = site.text.replace(
        "interval: 3h", "schedule: 0 0 1 1 *, timezone: UTC".replace(", ", "\n    ")
    )
    await site.daemon.reloader.reload()
    async with asyncio.timeout(10):
        while f"{poller.state.due:%m-%d %H:%M}" != "01-01 00:00":
            await asyncio.sleep(0.01)
    assert site.lists("movies") == 1
