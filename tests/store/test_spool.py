"""A pile that is too large for memory: all of it comes back, and nothing of it stays."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.library import ABSENT, MISSING, PRESENT, item
from tests.domain.test_known import known
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import UNSEEN, Addition, Change, Rules
from trailarrd.domain.planner import settle
from trailarrd.errors import DatabaseError
from trailarrd.store.piles import Piles
from trailarrd.store.spool import Spool

VALUE = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary()
ROWS = st.lists(st.tuples(VALUE, VALUE), max_size=12)


def plain(folder: Path | None, in_memory: int) -> Spool[tuple[Any, ...]]:
    return Spool(tuple, tuple, folder, in_memory=in_memory)


@given(ROWS, st.integers(1, 5))
def test_what_was_put_on_it_comes_back_in_order_and_as_often_as_asked(
    rows: list[tuple[Any, ...]], in_memory: int
) -> None:
    spool = plain(None, in_memory)
    for number, row in enumerate(rows, 1):
        spool.append(row)
        assert (list(spool), len(spool)) == (rows[:number], number)
    assert list(spool.rows()) == list(spool.rows()) == rows
    spool.close()
    assert (list(spool), len(spool)) == ([], 0)


def test_its_file_has_no_name_so_not_even_a_killed_process_leaves_it(tmp_path: Path) -> None:
    spool = plain(tmp_path, 2)
    for number in range(5):
        spool.append((number,))
    assert list(tmp_path.iterdir()) == []
    assert files_in(tmp_path) != []
    spool.close()
    assert files_in(tmp_path) == []


def files_in(folder: Path) -> list[str]:
    """What this process has open there."""
    open_files = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the listing's own
            open_files.append(str(link.readlink()))
    return [file for file in open_files if file.startswith(str(folder))]


def test_a_folder_that_takes_no_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    spool = plain(tmp_path / "gone", 1)
    with pytest.raises(DatabaseError, match="gone: no such file or directory"):
        spool.append((1,))


def test_items_additions_and_changes_come_back_as_they_were(tmp_path: Path) -> None:
    listed = [
        replace(item(1, PRESENT), identity="1001", signature=b"0123456789", fingerprint=bytes(range(16))),
        replace(item(2, None), local_path=None),  # type: ignore[arg-type]  # None is no path
        replace(item(3, UNSEEN), local_path=LocalPath("/x")),
    ]
    entry = settle(item(1, ABSENT), None, Rules(refresh=1, mode=MISSING, baseline=None))
    added = Addition(entry, bytes(16), "77", 3, b"0123456789")
    changed = Change(known(4, 1), entry, bytes(16), None, b"", keeps_file=True)
    with Piles(tmp_path) as piles:
        for one in listed:
            piles.strangers.append(one)
        piles.plan.additions.append(added)
        piles.plan.changes.append(changed)
        assert list(piles.strangers) == listed
        assert list(piles.plan.additions) == [added]
        assert list(piles.plan.changes) == [changed]
