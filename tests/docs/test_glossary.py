"""docs/glossary.md: every word has its place in the code, and it is really there."""

from __future__ import annotations

import pkgutil
from typing import Any

from tests.docs.pages import page, plain, table

TABLE = table(page("glossary.md"))


def test_each_word_is_in_the_code_where_the_glossary_says() -> None:
    found: dict[str, Any] = {row[0]: pkgutil.resolve_name(plain(row[1])) for row in TABLE}
    assert [word for word, what in found.items() if what is None] == []


def test_no_word_is_explained_twice() -> None:
    words = [word.strip().lower() for row in TABLE for word in row[0].split(",")]
    assert sorted(words) == sorted(set(words))
