"""What `trailarrd plugins new` writes: a whole distribution, as well kept as our own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.process import completed
from trailarrd.template.distribution import NewPlugin

if TYPE_CHECKING:
    from pathlib import Path

FILES = [
    "README.md",
    "pyproject.toml",
    "src/trailarrd_my_tunes/__init__.py",
    "src/trailarrd_my_tunes/api.py",
    "src/trailarrd_my_tunes/parser.py",
    "src/trailarrd_my_tunes/py.typed",
    "tests/events.json",
    "tests/records.json",
    "tests/test_0_first_steps.py",
    "tests/test_contract.py",
]


def test_it_is_a_distribution_with_an_entry_point_a_package_and_tests(tmp_path: Path) -> None:
    written = NewPlugin("my-tunes").write(tmp_path / "new" / "folder")
    assert [str(file.relative_to(tmp_path / "new" / "folder")) for file in written] == FILES
    project = tomllib.loads((tmp_path / "new/folder/pyproject.toml").read_text("utf-8"))
    assert project["project"]["name"] == "trailarrd-my-tunes"
    assert project["project"]["entry-points"] == {"trailarrd": {"my-tunes": "trailarrd_my_tunes"}}
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["src/trailarrd_my_tunes"]


@pytest.mark.parametrize("kind", ["provider", "downloader"])
def test_every_word_of_the_template_is_filled_in(tmp_path: Path, kind: str) -> None:
    for file in NewPlugin("my-tunes", kind).write(tmp_path):
        text = file.read_text(encoding="utf-8")
        assert "$" not in text
        assert "PACKAGE" not in text


@pytest.mark.parametrize("kind", ["provider", "downloader"])
def test_our_own_linter_finds_nothing_in_it(tmp_path: Path, kind: str) -> None:
    NewPlugin("my-tunes", kind).write(tmp_path)
    rules = ["--select", "E,F,I,N,UP,B,C4,PT,RET,SIM,TC,TRY,RUF", "--ignore", "TRY003"]
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "120", *rules]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not empty"):
        NewPlugin("tunes").write(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


async def test_a_new_downloader_passes_its_kit_as_it_is_written(tmp_path: Path) -> None:
    NewPlugin("my-tunes", "downloader").write(tmp_path)
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(tmp_path / "src")}
    done = await completed(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=tmp_path,
        env=os.environ | alone,
    )
    assert done.code == 0, done.out
    assert "30 passed, 2 skipped" in done.out
