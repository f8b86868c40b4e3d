"""docs/glossary.md: every word has its place in the code, and it is really there."""

from __future__ import annotations

import pkgutil
from typing import Any

import pytest

from tests.docs.pages import page, plain, table

TABLE = table(page("glossary.md"))


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_the_word_is_in_the_code_where_the_glossary_says(row: list[str]) -> None:
    found: Any = pkgutil.resolve_name(plain(row[1]))
    assert found is not None


def test_no_word_is_explained_twice() -> None:
    words = [word.strip().lower() for row in TABLE for word in row[0].split(",")]
    assert sorted(words) == sorted(set(words))
