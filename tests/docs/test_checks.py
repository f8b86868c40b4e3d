"""docs/checks.md has every finding that there is, in the program's own words, and no other."""

from __future__ import annotations

from tests.docs.pages import ROOT, chapters, page, plain, table, tables
from trailarrd.doctor import Code, Level

PAGE = page("checks.md")


def test_every_code_is_explained_in_the_programs_words_and_no_other_is() -> None:
    rows = [row for rows in tables(PAGE)[1:] for row in rows]
    told = {plain(code): (plain(level), meaning, advice) for code, level, meaning, advice in rows}
    assert told == {code.value: (code.level.value, code.meaning, code.advice) for code in Code}
    assert len(rows) == len(Code)


def test_every_level_is_explained() -> None:
    assert [plain(row[0]) for row in tables(PAGE)[0]] == [level.value for level in Level]


def test_whatever_is_not_well_comes_with_what_to_do() -> None:
    assert [code for code in Code if (code.level is Level.OK) is bool(code.advice)] == []


def test_every_code_is_met_by_a_test_of_the_doctor() -> None:
    tests = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests/doctor").glob("*.py"))
    missing = [code for code in Code if f'"{code.value}"' not in tests and f"Code.{code.name}" not in tests]
    assert missing == []


def test_the_words_of_a_level_in_json_are_the_same() -> None:
    rows = table(chapters(page("json.md"))["level"])
    assert [(plain(row[0]), row[1]) for row in rows] == [
        (plain(row[0]), row[1].split(";")[0]) for row in tables(PAGE)[0]
    ]
