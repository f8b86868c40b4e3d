"""A list that is too large for memory: all of it comes back, and nothing of it stays."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.library import PRESENT, item, plan_of
from tests.domain.test_known import known
from trailarrd.domain.plan import Change, Entry, Match, Unmatched
from trailarrd.errors import DatabaseError
from trailarrd.store.spool import Spool

VALUE = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary()
ROWS = st.lists(st.tuples(VALUE, VALUE), max_size=12)


def plain(folder: Path | None, in_memory: int) -> Spool[Any]:
    return Spool(cast("type[Any]", tuple[Any, ...]), folder, in_memory=in_memory)


@given(ROWS, st.integers(1, 5))
def test_what_was_put_on_it_comes_back_in_order_and_as_often_as_asked(
    rows: list[tuple[Any, ...]], in_memory: int
) -> None:
    spool = plain(None, in_memory)
    for number, row in enumerate(rows, 1):
        spool.append(row)
        assert (list(spool), len(spool)) == (rows[:number], number)
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


def test_what_a_refresh_collects_comes_back_as_it_was(tmp_path: Path) -> None:
    alien = Match(item(1).item, bytes(range(16)), 7, b"0123456789")
    nowhere = Match(replace(item(2).item, local_path=None, identity="1001"), bytes(16))
    (added,) = plan_of({}, [item(3, PRESENT)]).additions
    change = Change(known(4, 1), added, keeps_file=True)
    kinds: dict[Any, list[Any]] = {
        Entry: [added],
        Change: [change],
        Unmatched: [(alien, PRESENT), (nowhere, None)],
    }
    for kind, ones in kinds.items():
        with closing(Spool[Any](kind, tmp_path, in_memory=1)) as spool:
            for one in ones:
                spool.append(one)
            assert list(spool) == ones
