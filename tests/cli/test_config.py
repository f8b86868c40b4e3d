"""`trailarrd config`: what the configuration comes to, and what an editor is told of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import chapters, page, plain, table
from tests.world import KEY

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household

KINDS = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}


async def test_show_prints_each_value_with_its_origin_and_no_secret(
    household: Household, trailarrd: CommandLine
) -> None:
    done = await trailarrd("config", "show")
    assert (done.code, done.err) == (0, "")
    lines = {
        line.split("  # ")[0].strip(): line.split("  # ")[1]
        for line in done.out.split("\n")
        if "  # " in line
    }
    number = household.config.read_text().split("\n").index("  - name: movies") + 1
    assert lines["- name: movies"] == f"{household.config}:{number}"
    assert lines["api_key: '********'"].endswith(", !env TEST_ARR_KEY")
    assert lines["verify_tls: true"] == "default"
    assert KEY not in done.out


async def test_show_writes_for_programs_what_the_page_promises(
    household: Household, trailarrd: CommandLine
) -> None:
    environ = {"TRAILARRD_LOG__LEVEL": "debug"}
    done = await trailarrd.bare("--config", str(household.config), "config", "show", "--json", **environ)
    promised = {plain(name): kind for name, kind, _ in table(chapters(page("json.md"))["config show --json"])}
    met: dict[str, set[str]] = {name: set() for name in promised}
    for one in done.lines:
        assert list(one) == list(promised)
        for name, value in one.items():
            met[name] |= {kind for kind, type_ in KINDS.items() if type(value) is type_}
    assert met == {name: set(kinds.split(" or ")) for name, kinds in promised.items()}
    values = {one["setting"]: one for one in done.lines}
    assert values["log.level"] == {
        "setting": "log.level",
        "value": "debug",
        "origin": "environment",
        "file": None,
        "line": None,
        "variable": "TRAILARRD_LOG__LEVEL",
        "reference": None,
    }
    assert values["connections[0].api_key"]["reference"] == "!env TEST_ARR_KEY"
    assert values["disk.timeout"]["origin"] == "default"
    assert KEY not in done.out


async def test_show_tells_the_mistakes_instead(household: Household, trailarrd: CommandLine) -> None:
    household.config.write_text("connections: []\n")
    done = await trailarrd("config", "show")
    assert (done.code, done.out) == (78, "")
    assert f"{household.config}:1:14: connections: is empty" in done.err


async def test_schema_knows_the_installed_plugins_and_needs_no_configuration(
    household: Household, trailarrd: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(household.home)
    household.config.unlink()
    done = await trailarrd.bare("config", "schema")
    assert (done.code, done.err) == (0, "")
    connection = json.loads(done.out)["$defs"]["ConnectionSettings"]
    assert {"radarr", "sonarr"} <= set(connection["properties"]["provider"]["anyOf"][0]["enum"])


@pytest.mark.parametrize("words", [("config",), ("config", "--help")])
async def test_the_group_names_its_commands(trailarrd: CommandLine, words: tuple[str, ...]) -> None:
    done = await trailarrd.bare(*words)
    assert "show" in done.out + done.err
    assert "schema" in done.out + done.err
