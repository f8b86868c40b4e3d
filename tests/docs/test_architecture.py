"""docs/architecture.md shows the house as it is: layers, contracts, rooms."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from click import Context

from tests.docs.pages import ROOT, chapters, page, tables
from trailarrd.cli import trailarrd
from trailarrd.cli.group import COMMANDS

PAGE = page("architecture.md")
CHAPTERS = chapters(PAGE)
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "tool"
]["importlinter"]["contracts"]
FOLDERS = sorted(
    f"{file.parent.relative_to(ROOT)}/"
    for file in ROOT.glob("trailarrd/**/__init__.py")
    if file.parent != ROOT / "trailarrd"
)
MODULES = sorted(
    f"trailarrd/{file.name}" for file in ROOT.glob("trailarrd/*.py") if file.name != "__init__.py"
)
PLUGINS = sorted(f"{file.parent.relative_to(ROOT)}/" for file in ROOT.glob("plugins/*/pyproject.toml"))


def test_the_layers_are_those_that_the_import_contract_enforces() -> None:
    layers = [contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"]
    shown = [
        [" | ".join(re.findall(r"`([^`]+)`", row[0])) for row in rows] for rows in tables(CHAPTERS["Layers"])
    ]
    assert shown == layers


def test_every_import_contract_is_named_and_no_other() -> None:
    shown = re.findall(r"^- (.+)$", CHAPTERS["Layers"], re.MULTILINE)
    assert shown == [contract["name"] for contract in CONTRACTS]


@pytest.mark.parametrize("room", [*FOLDERS, *MODULES, *PLUGINS])
def test_every_folder_and_every_module_beside_them_has_its_line(room: str) -> None:
    assert f"| `{room}` |" in CHAPTERS["Rooms"]


def test_every_room_on_the_page_exists() -> None:
    rooms = re.findall(r"^\| `([^`]+)` \|", CHAPTERS["Rooms"], re.MULTILINE)
    assert [room for room in rooms if not (ROOT / room).exists()] == []


@pytest.mark.parametrize(
    "room", ["config", "daemon", "discovery", "domain", "plugin", "refresh", "runtime", "disk"]
)
def test_every_module_of_a_room_that_is_told_in_full_exists(room: str) -> None:
    (line,) = re.findall(rf"^\| `trailarrd/{room}/` \| (.+) \|$", CHAPTERS["Rooms"], re.MULTILINE)
    modules = {file.stem for file in (ROOT / "trailarrd" / room).glob("*.py")}
    named = set(re.findall(r"`([a-z_]+)`", line))
    assert named
    assert named <= modules | {"run"}


def test_every_place_to_change_something_exists() -> None:
    rows = tables(CHAPTERS["Where to find what"])[0]
    places = {place for row in rows for place in re.findall(r"`([\w/]+(?:\.py|/))`", row[1])}
    assert len(places) > 8
    missing = [p for p in places if not (ROOT / p).exists() and not (ROOT / "trailarrd" / p).exists()]
    assert missing == []


def test_every_command_is_found_by_its_name() -> None:
    assert [name for name in COMMANDS if trailarrd.get_command(Context(trailarrd), name) is None] == []
