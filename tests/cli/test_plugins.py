"""`trailarrd plugins`: what is installed, what it provides, and why something is not loaded."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from tests.world import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Household

BROKEN = {
    "entry_points.txt": "[trailarrd]\ntunes = trailarrd_tunes_of_the_tests\n",
    "METADATA": "Metadata-Version: 2.1\nName: trailarrd-tunes\nVersion: 0.0.1\n",
}


@pytest.fixture
def broken_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution whose module cannot be imported."""
    site = tmp_path / "site"
    dist = site / "trailarrd_tunes-0.0.1.dist-info"
    dist.mkdir(parents=True)
    for name, text in BROKEN.items():
        (dist / name).write_text(text)
    (site / "trailarrd_tunes_of_the_tests.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(str(site))


async def test_json_is_one_object_a_line_with_exactly_these_keys(trailarrd: CommandLine) -> None:
    done = await trailarrd.bare("plugins", "--json")
    assert done.code == 0
    by_name = {line["name"]: line for line in done.lines}
    assert by_name["radarr"] == {
        "name": "radarr",
        "distribution": "trailarrd-radarr",
        "version": version("trailarrd-radarr"),
        "status": "loaded",
        "providers": ["radarr"],
        "reason": None,
    }
    assert by_name["sonarr"]["providers"] == ["sonarr"]
    assert {tuple(line) for line in done.lines} == {tuple(by_name["radarr"])}


async def test_it_needs_no_configuration(
    trailarrd: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = await trailarrd.bare("plugins")
    assert (done.code, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines()]
    assert ["radarr", "trailarrd-radarr", version("trailarrd-radarr"), "loaded", "provider", "radarr"] in rows


@pytest.mark.usefixtures("broken_plugin")
async def test_a_broken_plugin_is_shown_with_its_reason_and_stops_nobody(trailarrd: CommandLine) -> None:
    done = await trailarrd.bare("plugins", "--json")
    by_name = {line["name"]: line for line in done.lines}
    assert by_name["tunes"] == {
        "name": "tunes",
        "distribution": "trailarrd-tunes",
        "version": "0.0.1",
        "status": "failed",
        "providers": [],
        "reason": "ModuleNotFoundError: No module named 'no_such_module_anywhere'"
        " (trailarrd_tunes_of_the_tests.py, line 1)",
    }
    assert by_name["radarr"]["status"] == "loaded"
    assert (await trailarrd("refresh")).code == 0


async def test_a_connection_says_that_its_plugin_is_not_loaded_before_it_is_refreshed(
    household: Household, trailarrd: CommandLine
) -> None:
    assert (await trailarrd("refresh")).code == 0
    household.settings = "plugins: {disabled: [trailarrd-sonarr]}\n"
    household.write_config()
    why = "provider sonarr is not loaded: plugins.disabled in trailarrd.yaml names it"
    rows = {line["connection"]: line for line in (await trailarrd("connections", "--json")).lines}
    assert rows["series"]["error"] == {"kind": "internal", "message": why}
    assert (rows["series"]["state"], rows["movies"]["error"]) == ("ok", None)
    assert f"series: internal: {why}" in (await trailarrd("connections")).out


@pytest.mark.usefixtures("broken_plugin")
@pytest.mark.parametrize("command", ["plugins", "check"])
async def test_a_key_that_a_broken_plugin_quotes_is_shown_to_nobody(
    trailarrd: CommandLine, tmp_path: Path, command: str
) -> None:
    module = tmp_path / "site" / "trailarrd_tunes_of_the_tests.py"
    module.write_text(f"raise OSError('key {KEY} !')")
    done = await trailarrd(command, "--json")
    assert KEY not in done.out + done.err
    assert "OSError: key *** !" in done.out


async def test_a_disabled_plugin_is_not_imported_and_its_connection_says_why(
    household: Household, trailarrd: CommandLine
) -> None:
    household.settings = "plugins: {disabled: [trailarrd-sonarr]}\n"
    household.write_config()
    done = await trailarrd("plugins", "--json")
    statuses = {line["name"]: line["status"] for line in done.lines}
    assert (statuses["sonarr"], statuses["radarr"], done.err) == ("disabled", "loaded", "")
    assert (await trailarrd("refresh")).code == 1
    rows = {line["connection"]: line for line in (await trailarrd("connections", "--json")).lines}
    assert rows["movies"]["error"] is None
    assert rows["series"]["error"]["message"] == (
        "provider sonarr is not loaded: plugins.disabled in trailarrd.yaml names it"
    )


async def test_a_disabled_name_that_nobody_has_is_told(household: Household, trailarrd: CommandLine) -> None:
    household.settings = "plugins: {disabled: [sonar]}\n"
    household.write_config()
    done = await trailarrd("plugins")
    assert (done.code, "sonarr" in done.out) == (0, True)
    assert "plugins.disabled names 'sonar', but no plugin" in done.err
