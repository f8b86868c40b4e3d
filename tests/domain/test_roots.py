"""What a root folder must show that is another directory than it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.paths import LocalPath
from trailarrd.domain.roots import MAX_WITNESSES, Remembered, evidence


def remembered(with_trailer: int, without: int) -> list[Remembered]:
    """So many folders with a trailer and so many without."""
    return [
        Remembered(LocalPath(f"/movies/{number:04}"), had_trailer=number < with_trailer)
        for number in range(with_trailer + without)
    ]


@pytest.mark.parametrize(
    ("with_trailer", "without", "asked", "needed"),
    [
        (0, 0, 0, 0),
        (0, 1, 1, 1),
        (0, 500, 500, 1),
        (1, 0, 1, 1),
        (1, 500, 1, 1),
        (2, 0, 2, 1),
        (3, 3, 3, 2),
        (10, 0, 10, 5),
        (199, 0, 199, 100),
        (200, 0, 200, 100),
        (201, 0, 200, 100),
        (10_000, 10_000, 200, 100),
    ],
)
def test_half_of_those_with_a_trailer_else_one_of_any_else_nothing(
    with_trailer: int, without: int, asked: int, needed: int
) -> None:
    found = evidence(remembered(with_trailer, without))
    assert (len(found.folders), found.needed) == (asked, needed)


@given(st.integers(1, 3000))
def test_witnesses_are_different_folders_from_all_over(size: int) -> None:
    folders = evidence(remembered(size, 0)).folders
    numbers = [int(folder.rpartition("/")[2]) for folder in folders]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == min(size, MAX_WITNESSES)
    widest = -(-size // MAX_WITNESSES)
    gaps = [after - before for before, after in zip([-1, *numbers], [*numbers, size], strict=True)]
    assert max(gaps) <= widest + 1
