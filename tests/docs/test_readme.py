"""The README shows what really happens: its block and its picture are the demo's own output."""

from __future__ import annotations

import html
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.demo import play
from tests.docs.pages import DOCS, ROOT, code
from trailarrd.config import load

if TYPE_CHECKING:
    from pathlib import Path

README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = (DOCS / "demo.svg").read_text(encoding="utf-8")


def timeless(text: str) -> str:
    """The text without what differs from run to run: durations, and blanks at the ends of lines."""
    return "\n".join(re.sub(r"\d+\.\d$", "0.0", line.strip()) for line in text.splitlines())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints."""
    return timeless(play(tmp_path_factory).out)


def test_the_block_is_the_middle_of_what_the_demo_prints(demo: str) -> None:
    (block,) = code(README, "text")
    assert len(block.splitlines()) > 10
    assert timeless(block) in demo


def test_the_picture_shows_the_changes_and_both_refreshes_of_the_block() -> None:
    (block,) = code(README, "text")
    shown = html.unescape(" ".join(re.findall(r"<text[^>]*>(.*?)</text>", PICTURE))).replace("\xa0", " ")
    words = set(re.sub(r"─+", "", timeless(block)).split()) - {"0.0"}
    assert words <= set(shown.split())


def test_the_picture_fetches_nothing_from_elsewhere() -> None:
    assert "url(http" not in PICTURE
    assert "<script" not in PICTURE


def test_the_configuration_in_the_readme_is_valid(tmp_path: Path) -> None:
    (block,) = code(README, "yaml")
    file = tmp_path / "trailarrd.yaml"
    file.write_text(block, encoding="utf-8")
    settings = load(file, providers=["radarr"], environ={"HOME": "/home/me", "RADARR_API_KEY": "abc"})
    assert [connection.name for connection in settings.connections] == ["movies"]


@pytest.mark.parametrize("verb", re.findall(r"^\./dev (\w+)", README, re.MULTILINE))
def test_every_verb_of_dev_in_the_readme_exists(verb: str) -> None:
    assert re.search(rf"^    {verb}\)", (ROOT / "dev").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_python_that_is_asked_for_is_the_one_that_is_needed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert "Python 3.11 or newer" in README
