"""Plugins that do what no plugin may."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import aiohttp
import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.e2e.conftest import Start
    from tests.household import Household

PLUGINS = {
    "raises-at-import": "raise RuntimeError('no luck')",
    "returns-junk": """
from trailarrd.plugin import hookimpl

@hookimpl
def trailarrd_providers():
    return ["junk", None, 17]
""",
    "takes-a-name": """
from trailarrd.plugin import MediaKind, Provider, hookimpl

@hookimpl
def trailarrd_providers():
    yield Provider(name="sonarr", media_kind=MediaKind("series"), api_manager=print, parser=print)
""",
    "blocks": """
import time
from dataclasses import replace
import trailarrd_radarr
from trailarrd.plugin import hookimpl

@hookimpl
def trailarrd_providers():
    (radarr,) = trailarrd_radarr.trailarrd_providers()

    def parser(record):
        if record.id == 1:
            time.sleep(1.5)
        return radarr.parser(record)

    yield replace(radarr, name="blocks", parser=parser)
""",
}


def install(household: Household, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that both this process and those that it starts can see."""
    site = household.home / "site"
    module = name.replace("-", "_")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[trailarrd]\n{name} = {module}\n")
    (site / f"{module}.py").write_text(PLUGINS[name])
    places = (str(site), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, places)))


@pytest.mark.parametrize(
    ("name", "status"),
    [("raises-at-import", "failed"), ("returns-junk", "failed"), ("takes-a-name", "conflict")],
)
async def test_plugin_that_raises_at_import_or_returns_junk_or_takes_a_name(
    household: Household, run: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str, status: str
) -> None:
    """It is shown with its reason; Radarr's connection goes on."""
    install(household, name, monkeypatch)
    plugins = {one["name"]: one for one in (await run("plugins", "--json")).lines}
    assert plugins[name]["status"] == status
    assert plugins[name]["reason"]
    del household.modes["series"]
    household.write_config()
    assert (await run("refresh")).code == 0


async def test_plugin_that_blocks_the_loop(
    household: Household, start: Start, run: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost by it, and health and metrics tell that nobody was answered meanwhile."""
    install(household, "blocks", monkeypatch)
    text = household.config.read_text()
    household.config.write_text(text.replace("provider: radarr", "provider: blocks"))
    daemon = await start()
    for name in household.modes:
        await daemon.until("refresh.finished", connection=name, outcome="ok", added=3)
    await daemon.until("http.listening")
    (listening,) = daemon.told("http.listening")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{listening['address']}/metrics") as response,
    ):
        lag = re.search(r"^trailarrd_event_loop_lag_seconds (\S+)$", await response.text(), re.MULTILINE)
    assert lag
    assert float(lag[1]) > 1.0
    health = await run("status", "--json")
    assert (health.code, [one["code"] for one in health.document["ailments"]]) == (1, ["loop-lag"])
    assert health.document["lag_s"] > 1.0
