"""`trailarrd plugins`: what is installed, what it provides, and why something is not loaded."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine

BROKEN = {
    "entry_points.txt": "[trailarrd]\nlidarr = trailarrd_lidarr_of_the_tests\n",
    "METADATA": "Metadata-Version: 2.1\nName: trailarrd-lidarr\nVersion: 0.0.1\n",
}


@pytest.fixture
def broken_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution whose module cannot be imported."""
    site = tmp_path / "site"
    dist = site / "trailarrd_lidarr-0.0.1.dist-info"
    dist.mkdir(parents=True)
    for name, text in BROKEN.items():
        (dist / name).write_text(text)
    (site / "trailarrd_lidarr_of_the_tests.py").write_text("import no_such_module_anywhere\n")
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
    assert ["radarr", "trailarrd-radarr", version("trailarrd-radarr"), "loaded", "radarr"] in rows


@pytest.mark.usefixtures("broken_plugin")
async def test_a_broken_plugin_is_shown_with_its_reason_and_stops_nobody(trailarrd: CommandLine) -> None:
    done = await trailarrd.bare("plugins", "--json")
    by_name = {line["name"]: line for line in done.lines}
    assert by_name["lidarr"] == {
        "name": "lidarr",
        "distribution": "trailarrd-lidarr",
        "version": "0.0.1",
        "status": "failed",
        "providers": [],
        "reason": "ModuleNotFoundError: No module named 'no_such_module_anywhere'",
    }
    assert by_name["radarr"]["status"] == "loaded"
    assert (await trailarrd("refresh")).code == 0
