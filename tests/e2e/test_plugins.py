"""`trailarrd run` among strangers: what an installed plugin does wrong is told once, and the rest goes on."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.plugin.fakes import fakes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.e2e.conftest import Start
    from tests.household import Household

BROKEN = (
    *("import-error", "raises-at-import", "exits-at-import", "wrong-type", "misspelt-hook", "async-hook"),
    *("hook-raises", "hook-exits", "empty", "other-major", "taken-one", "taken-two"),
)


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    path = [*fakes(*BROKEN, "good"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))


async def test_the_daemon_names_each_broken_plugin_once_and_serves_the_rest(
    household: Household, start: Start
) -> None:
    household.settings = "plugins: {disabled: [good]}\n"
    household.write_config()
    daemon = await start()
    for name in ("movies", "series"):
        await daemon.until("refresh.finished", connection=name, outcome="ok")
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
    told = daemon.told("plugin.not_loaded")
    assert sorted(line["plugin"] for line in told) == sorted(BROKEN)
    assert all(line["reason"] and line["level"] == "error" for line in told)
    (disabled,) = daemon.told("plugin.disabled")
    assert (disabled["plugin"], disabled["level"]) == ("good", "info")


async def test_a_connection_whose_plugin_is_not_loaded_says_so_and_the_others_are_refreshed(
    household: Household, run: Callable[..., Any]
) -> None:
    household.config.write_text(
        household.config.read_text()
        + "  - {name: tunes, provider: import-error, url: 'http://127.0.0.1:9', api_key: !env TEST_ARR_KEY}\n"
    )
    assert (await run("refresh")).code == 1
    rows = {row["connection"]: row for row in (await run("connections", "--json")).lines}
    assert {name: row["state"] for name, row in rows.items()} == {
        "movies": "ok",
        "series": "ok",
        "tunes": "failed",
    }
    assert rows["tunes"]["error"]["message"].startswith("provider import-error is not loaded: ModuleNotFound")
    assert "a_module_that_nobody_has" in (await run("connections")).out


async def test_damaged_metadata_of_a_distribution_stops_no_command(
    household: Household, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await run("refresh")).code == 0
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(fakes("damaged", "no-metadata")))
    for command in ("plugins", "refresh"):
        assert (await run(command)).code == 0


async def test_check_says_what_is_not_loaded_and_which_connection_suffers(
    household: Household, run: Callable[..., Any]
) -> None:
    household.settings = "plugins: {disabled: [good]}\n"
    household.write_config()
    household.config.write_text(
        household.config.read_text()
        + "  - {name: tunes, provider: import-error, url: 'http://127.0.0.1:9', api_key: !env TEST_ARR_KEY}\n"
    )
    findings = [json.loads(line) for line in (await run("check", "--json")).out.splitlines()]
    plugins = {one["fact"].split()[0]: one["code"] for one in findings if one["area"] == "plugins"}
    expected = {**dict.fromkeys(BROKEN, "plugin-not-loaded"), "good": "plugin-disabled"}
    assert {name: code for name, code in plugins.items() if code != "plugin-ok"} == expected
    (tunes,) = [one for one in findings if one["area"] == "tunes"]
    assert tunes["level"] == "problem"
    assert "provider import-error is not loaded: ModuleNotFoundError" in tunes["fact"]
