"""docs/testing-downloaders.md lists every check as it is, and every fixture."""

from __future__ import annotations

import pytest

from tests.docs.pages import chapters, page, plain, table
from trailarrd.testing.contract import DownloaderContract

CHAPTERS = chapters(page("testing-downloaders.md"))
PARTS = {
    str(part.__doc__).rstrip("."): {
        name: " ".join(str(check.__doc__).split())
        for name, check in vars(part).items()
        if name.startswith("test_")
    }
    for part in reversed(DownloaderContract.__bases__)
}


@pytest.mark.parametrize("part", PARTS)
def test_every_check_is_listed_with_its_requirement(part: str) -> None:
    assert {plain(name): requirement for name, requirement in table(CHAPTERS[part])} == PARTS[part]


def test_no_other_part_is_listed() -> None:
    every = list(CHAPTERS)
    assert every[every.index("Every check") + 1 :] == list(PARTS)


def test_the_fixtures_are_those_of_the_class() -> None:
    listed = [plain(row[0]) for row in table(CHAPTERS["The fixtures"])]
    assert [*listed, "trial"] == [name for name in vars(DownloaderContract) if not name.startswith("_")]
