"""Whether a database is sound: what is told of one that is, that is old, or that is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.store.copies import content, sql
from trailarrd.store.integrity import check
from trailarrd.store.schema import head

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import Library


async def test_a_sound_database_is_said_to_be_sound(library: Library, path: Path) -> None:
    await library.refresh(library.item(1), library.item(2))
    health = check(path)
    assert (health.revision, health.problems, health.is_current) == (head(), (), True)


def test_an_older_database_is_told_from_a_current_one_and_left_alone(old: Path) -> None:
    before = content(old)
    health = check(old)
    assert (health.revision, health.is_current) == ("0001", False)
    assert content(old) == before


def test_rows_that_refer_to_nothing_are_found(old: Path) -> None:
    sql(old, "INSERT INTO refreshes (connection_id, started_at) VALUES (99, '2026-03-01 12:00:00')")
    assert check(old).problems == ("row 1 of refreshes refers to nothing in connections",)


def test_a_damaged_index_is_found(old: Path) -> None:
    """The index says that the connection has another name than the row does."""
    (number,) = sql(old, "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_connections_1'")[
        0
    ]
    (size,) = sql(old, "PRAGMA page_size")[0]
    pages = bytearray(old.read_bytes())
    begin = (number - 1) * size
    page = pages[begin : begin + size]
    assert page.count(b"m") == 1
    pages[begin : begin + size] = page.replace(b"m", b"n")
    old.write_bytes(pages)
    problems = check(old).problems
    assert any("sqlite_autoindex_connections_1" in problem for problem in problems)
