"""docs/plugins.md: its plugins are taken from the page as they stand, and run."""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

import trailarrd.plugin
from tests.docs.pages import ROOT, chapters, code, page, plain, table, tables
from tests.process import completed
from trailarrd.discovery.plugins import LoadLimits
from trailarrd.discovery.record import PluginStatus
from trailarrd.plugin import ApiManager, ArrApiManager, ProviderError, TrailerRules
from trailarrd.template.distribution import NewPlugin

if TYPE_CHECKING:
    from pathlib import Path

PAGE = page("plugins.md")
CHAPTERS = chapters(PAGE)
EXPORTS = CHAPTERS["What trailarrd.plugin exports"]
LIDARR = ROOT / "plugins" / "lidarr"
LIDARR_PROJECT, WHISPARR_PROJECT = code(PAGE, "toml")
LIDARR_SOURCE, WHISPARR_SOURCE, WHISPARR_TEST, *REELARR, ARCHIVE, ARCHIVE_TEST = code(PAGE, "python")
REELARR_FILES = (
    "src/trailarrd_reelarr/api.py",
    "src/trailarrd_reelarr/parser.py",
    "src/trailarrd_reelarr/__init__.py",
    "tests/test_contract.py",
)


def test_the_first_plugin_of_the_page_is_all_of_plugins_lidarr() -> None:
    """Which passes the conformance kit in its own tests."""
    assert (LIDARR / "pyproject.toml").read_text(encoding="utf-8") == LIDARR_PROJECT
    assert (LIDARR / "src/trailarrd_lidarr/__init__.py").read_text(encoding="utf-8") == LIDARR_SOURCE


def install_whisparr(folder: Path) -> None:
    """The second plugin of the page, with the metadata that its pyproject.toml makes."""
    project = tomllib.loads(WHISPARR_PROJECT)["project"]
    info = folder / "trailarrd_whisparr-0.1.0.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    needed = "".join(f"Requires-Dist: {requirement}\n" for requirement in project["dependencies"])
    (info / "METADATA").write_text(metadata + needed)
    points = [f"{name} = {module}" for name, module in project["entry-points"]["trailarrd"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[trailarrd]", *points, ""]))
    (folder / "trailarrd_whisparr.py").write_text(WHISPARR_SOURCE, encoding="utf-8")
    (folder / "test_whisparr.py").write_text(WHISPARR_TEST, encoding="utf-8")


async def run(folder: Path, *words: str) -> tuple[int, str]:
    """A module of Python's in a folder, with the plugin installed; its exit code and what it says."""
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # pytest itself is enough, and starts at once
    done = await completed(
        sys.executable, "-m", *words, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder), **alone}
    )
    return done.code, done.out + done.err


async def test_the_second_plugin_of_the_page_is_found(tmp_path: Path) -> None:
    install_whisparr(tmp_path)
    _, said = await run(tmp_path, "trailarrd", "plugins", "--json")
    assert re.search(r'"name": "whisparr".*"status": "loaded", "providers": \["whisparr"\]', said)


async def test_the_second_plugin_of_the_page_passes_the_kit_by_the_tests_of_the_page(tmp_path: Path) -> None:
    install_whisparr(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    code, said = await run(tmp_path, "pytest", "-q", "-p", "no:cacheprovider")
    assert code == 0, said
    passed = re.search(r"(\d+) passed", said)
    assert passed, said
    assert int(passed[1]) >= 70


async def test_the_plugin_of_another_shape_is_a_new_plugin_with_the_files_of_the_page(tmp_path: Path) -> None:
    NewPlugin("reelarr").write(tmp_path)
    for name, source in zip(REELARR_FILES, REELARR, strict=True):
        assert f"`{name}`" in PAGE
        (tmp_path / name).write_text(source, encoding="utf-8")
    code, said = await run(
        tmp_path / "src", "pytest", "-q", "-p", "no:cacheprovider", "../tests/test_contract.py"
    )
    assert code == 0, said
    passed = re.search(r"(\d+) passed", said)
    assert passed, said
    assert int(passed[1]) >= 90


async def test_the_downloader_of_the_page_passes_the_kit_by_the_test_of_the_page(tmp_path: Path) -> None:
    NewPlugin("archive", "downloader").write(tmp_path)
    for name, source in (
        ("src/trailarrd_archive/__init__.py", ARCHIVE),
        ("tests/test_contract.py", ARCHIVE_TEST),
    ):
        assert f"`{name}`" in CHAPTERS["A downloader in forty lines"]
        (tmp_path / name).write_text(source, encoding="utf-8")
    code, said = await run(tmp_path / "src", "pytest", "-q", "-p", "no:cacheprovider", "../tests")
    assert code == 0, said
    assert re.search(r"18 passed, 14 skipped", said), said
    written = [line for line in ARCHIVE.splitlines() if line.strip()]
    assert len(written) <= 48


@pytest.mark.parametrize(
    "source", [LIDARR_SOURCE, WHISPARR_SOURCE, ARCHIVE], ids=["lidarr", "whisparr", "archive"]
)
def test_a_plugin_of_the_page_imports_trailarrd_plugin_and_nothing_else_of_trailarrd(source: str) -> None:
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom | ast.Import)]
    modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
    assert {module for module in modules if module and module.startswith("trailarrd")} == {"trailarrd.plugin"}


def test_lidarr_is_small_and_no_dependency_of_the_core() -> None:
    files = [file for file in LIDARR.rglob("*") if file.suffix in (".py", ".toml", ".md")]
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= 191
    core = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "lidarr" not in str(core["dependencies"])


def test_every_exported_name_is_listed_with_its_page_and_no_other() -> None:
    listed = [re.match(r"\[`(\w+)`\]\(contract/(\w+)\.md\)$", row[0]) for row in table(EXPORTS)]
    names = [match[1] for match in listed if match and match[1] == match[2]]
    assert sorted(names) == sorted(trailarrd.plugin.__all__)


def test_every_field_of_the_trailer_rules_is_listed() -> None:
    listed = [plain(row[0]) for row in table(CHAPTERS["What counts as a trailer"])]
    assert listed == [field.name for field in fields(TrailerRules)]


def test_every_status_of_a_plugin_is_explained() -> None:
    text = CHAPTERS["Why a plugin is not loaded"]
    assert [status for status in PluginStatus if f"`{status}`" not in text] == []
    assert f"after {LoadLimits().longest:g} seconds" in text
    assert f"more than {LoadLimits().slow:g} seconds" in text


def test_every_method_of_the_contract_is_listed_with_its_arguments() -> None:
    listed = {plain(row[0]) for row in tables(CHAPTERS["The API manager"])[0]}
    methods = inspect.getmembers(ApiManager, inspect.isfunction)
    names = {name: list(inspect.signature(method).parameters)[1:] for name, method in methods}
    assert listed == {
        f"{name}({', '.join(args)})" for name, args in names.items() if not name.startswith("_")
    }


def test_every_error_that_may_be_raised_is_listed() -> None:
    listed = {plain(row[0]) for row in tables(CHAPTERS["The API manager"])[1]}
    errors = (error for error in ProviderError.__subclasses__() if error.__module__ == "trailarrd.errors")
    assert listed == {error.__name__ for error in errors}


def test_the_class_attributes_have_the_defaults_of_the_page() -> None:
    assert (ArrApiManager.api_root, dict(ArrApiManager.list_query)) == ("api/v3", {})
    assert ArrApiManager.webhook_switches == ()


def test_every_class_attribute_of_the_base_is_told() -> None:
    names = [name for name in ArrApiManager.__annotations__ if not name.startswith("_")]
    assert len(names) >= 5
    assert [name for name in names if f"`{name}`" not in CHAPTERS["The API manager"]] == []
    for name in ("app_name", "resource", "record_type"):
        assert name in inspect.get_annotations(ArrApiManager)
        assert f"`{name}`" in CHAPTERS["The API manager"]
