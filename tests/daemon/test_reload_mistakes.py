"""A configuration with mistakes changes nothing, and is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.mounts import hung
from trailarrd.web.health import HealthService

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Site
    from trailarrd.config import Settings

BROKEN = {
    "not YAML": "connections: [",
    "an unknown key": "{good}\nwatch_confg: true\n",
    "no connections": "connections: []\n",
    "another provider": "{other}",
    "an authority that cannot be read": "{good}    ca_file: /nowhere.pem\n",
    "a variable that is not set": "{unset}",
}


async def refusals(site: Site) -> list[str]:
    """What `trailarrd status` and `/health` tell of a refused configuration: its mistakes."""
    issues = (await HealthService(site.daemon.asked()).health()).issues
    return [one.message.partition(" counts: ")[2] for one in issues if one.code == "config-refused"]


async def test_with_any_mistake_everything_stays_as_it_was_and_the_mistake_is_told(
    site: Site, subtests: pytest.Subtests
) -> None:
    good = site.text
    for mistake, text in BROKEN.items():
        settings, slots = site.daemon.settings, dict(site.daemon.runtime.slots)
        with subtests.test(mistake):
            site.text = text.format(
                good=good,
                other=good.replace("provider: sonarr", "provider: radarr"),
                unset=good.replace("TEST_ARR_KEY", "NOWHERE"),
            )
            with capture_logs() as logs:
                state = await site.daemon.reloader.reload()
            (refused,) = [line for line in logs if line["event"] == "config.refused"]
            assert (refused["event"], refused["log_level"]) == ("config.refused", "error")
            assert refused["error"] == state.error
            assert state.error
            assert state.refused_at
            assert site.daemon.settings is settings
            assert site.daemon.runtime.slots == slots
            assert [row.active for row in await site.daemon.store.connections()] == [True, True]
            assert (await site.daemon.store.noted())["config_error"] == state.error
            assert await refusals(site) == [state.error]

            site.text = good
            state = await site.daemon.reloader.reload()
            assert (state.error, state.refused_at) == (None, None)
            assert await site.daemon.store.noted() == {}
            assert await refusals(site) == []
    await site.daemon.pollers["movies"].request()
    assert (site.lists("movies"), site.lists("series")) == (2, 1)


async def test_a_file_that_is_gone_changes_nothing(site: Site) -> None:
    text = site.text
    site.household.config.unlink()
    state = await site.daemon.reloader.reload()
    assert state.error
    assert "cannot be read" in state.error
    site.text = text
    assert (await site.daemon.reloader.reload()).error is None


async def test_a_mistake_of_ours_in_a_reload_changes_nothing_either(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object, **__: object) -> Settings:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr("trailarrd.daemon.daemon.load", mistaken)
    with capture_logs() as logs:
        assert (await site.daemon.reloader.reload()).error == "ZeroDivisionError: a mistake"
    told = [line["event"] for line in logs if line["event"] != "check.finished"]  # a look may end late
    assert told == ["config.bug", "config.refused"]


async def test_a_broken_file_that_is_watched_is_told_once_and_watched_for_its_mending(site: Site) -> None:
    good = site.text
    include = site.household.home / "radarr.key"
    site.text = good.replace("!env TEST_ARR_KEY", "!file radarr.key", 1)
    with capture_logs() as logs:
        await site.daemon.reloader.reload(aloud=False)
        await site.daemon.reloader.reload(aloud=False)
    # The check of the daemon's start may end meanwhile.
    assert [line["event"] for line in logs if line["event"] != "check.finished"] == ["config.refused"]
    assert {site.household.config, include} <= site.daemon.reloader.state.sources


async def test_a_share_that_hangs_holds_up_no_daemon_and_not_the_next_reload(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.config.deadline.LONGEST", 0.1)
    good, share = site.text, tmp_path / "share"
    share.mkdir()
    with hung(share):
        site.text = good + f"include: {share}/more.yaml\n"
        state = await site.daemon.reloader.reload()
        assert (state.error or "").startswith(f"{share}/more.yaml: not read within 0.1 s")
        site.text = good
        assert (await site.daemon.reloader.reload()).error is None
