"""docs/versioning.md: what it tells plugin authors to write is what trailarrd writes and keeps to."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

from tests.docs.pages import ROOT, code, page
from trailarrd import __version__
from trailarrd.template.distribution import NewPlugin

if TYPE_CHECKING:
    from pathlib import Path

(ADVICE,) = code(page("versioning.md"), "toml")
REQUIRED: list[str] = tomllib.loads(ADVICE)["dependencies"]


def required(project: Path) -> list[str]:
    found: list[str] = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    return found


@pytest.mark.parametrize("name", ["lidarr", "radarr", "sonarr"])
def test_our_own_plugins_require_what_the_page_advises(name: str) -> None:
    assert required(ROOT / "plugins" / name / "pyproject.toml") == REQUIRED


def test_a_new_plugin_requires_what_the_page_advises_and_turns_warnings_into_errors(tmp_path: Path) -> None:
    NewPlugin("tunes").write(tmp_path)
    project = tmp_path / "pyproject.toml"
    assert required(project) == REQUIRED
    settings = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert settings["filterwarnings"][0] == "error"
    assert not [rule for rule in settings["filterwarnings"] if rule.endswith(":DeprecationWarning")]


def test_the_advice_fits_this_version_and_not_the_next_major_one() -> None:
    bounds = Requirement(REQUIRED[0]).specifier
    major = int(__version__.split(".")[0])
    assert bounds.contains(__version__)
    assert not bounds.contains(f"{major + 1}.0.0")


def test_the_changelog_has_a_section_of_this_version_for_the_release() -> None:
    assert f"\n## {__version__} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
