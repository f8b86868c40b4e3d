"""The register is complete: every case has its test, and every test its case."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
PAGE: Final = (HERE / "README.md").read_text(encoding="utf-8")
THIRTY, FURTHER = PAGE.split("\n## ")[1:]


def rows(chapter: str) -> list[list[str]]:
    """The cells of its table, without the head."""
    lines = [line for line in chapter.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def cases() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every test of a case, with its file."""
    for file in HERE.glob("test_*_cases.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield file.name, node


TESTS: Final = list(cases())
NUMBERED: Final = {
    (int(number[1]), file) for file, test in TESTS if (number := re.match(r"test_(\d\d)_", test.name))
}
OTHERS: Final = {test.name for _, test in TESTS if not re.match(r"test_\d\d_", test.name)}


def test_the_thirty_are_thirty() -> None:
    assert [int(row[0]) for row in rows(THIRTY)] == list(range(1, 31))


def test_each_of_the_thirty_has_its_tests_where_the_register_says_and_nowhere_else() -> None:
    assert {(int(number), file) for number, _, file in rows(THIRTY)} == NUMBERED


def test_each_further_case_has_its_test_and_each_test_is_registered() -> None:
    assert {name for _, name in rows(FURTHER)} == OTHERS


def test_no_case_is_switched_off() -> None:
    """A test may say that this host cannot play its case; nobody may take one out."""
    marks = [ast.unparse(mark) for _, test in TESTS for mark in test.decorator_list]
    assert [mark for mark in marks if "skip" in mark or "xfail" in mark] == []
