"""The tests of a new plugin lead its author: step by step, with the place to look at and what to do there."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from tests.process import completed
from trailarrd.template.distribution import NewPlugin

if TYPE_CHECKING:
    from pathlib import Path


async def run_steps(project: Path, *options: str) -> tuple[int, str]:
    """The first tests of a new plugin, as its author runs them."""
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # pytest itself is enough, and starts at once
    done = await completed(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *("-c", "pyproject.toml", "tests/test_0_first_steps.py", *options),
        cwd=project,
        env=os.environ | alone,
    )
    return done.code, done.out + done.err


def do(step: int, project: Path) -> None:
    """What its author does when a step is done: he deletes its marks."""
    for file in project.rglob("*"):
        if file.suffix in (".py", ".json") and file.name != "test_0_first_steps.py":
            text = file.read_text()
            kept = [line for line in text.splitlines(keepends=True) if f"# STEP {step}" not in line]
            file.write_text("".join(kept).replace(f" (STEP {step})", ""))


async def test_the_first_failure_names_the_first_step_and_its_place(tmp_path: Path) -> None:
    NewPlugin("tunes").write(tmp_path)
    code, said = await run_steps(tmp_path, "-x")
    assert code == 1
    assert "step 1: Who is asked, and where?" in said
    assert "src/trailarrd_tunes/api.py:" in said
    assert "Traceback" not in said
    assert "step 2" not in said


async def test_step_after_step_is_left_behind_until_none_is_left(tmp_path: Path) -> None:
    NewPlugin("tunes").write(tmp_path)
    left = []
    for step in range(7):
        if step:
            do(step, tmp_path)
        _, said = await run_steps(tmp_path)
        left.append(sorted({int(number) for number in re.findall(r"^step (\d):", said, re.MULTILINE)}))
    assert left == [[1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6], [3, 4, 5, 6], [4, 5, 6], [5, 6], [6], []]
