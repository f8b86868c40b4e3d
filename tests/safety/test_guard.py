"""When removals are held: the guard alone, by its two bounds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.safety.held import DEFAULT, NO_REMOVAL
from trailarrd.domain.guard import Guard


@pytest.mark.parametrize(
    ("guard", "gone", "known", "held"),
    [
        (DEFAULT, 0, 0, False),
        (DEFAULT, 0, 100, False),
        (DEFAULT, 1, 1, False),
        (DEFAULT, 10, 10, False),  # ten may always go
        (DEFAULT, 11, 11, True),
        (DEFAULT, 11, 54, True),
        (DEFAULT, 11, 55, False),  # exactly a fifth is not more than a fifth
        (DEFAULT, 11, 1000, False),
        (DEFAULT, 200, 1000, False),
        (DEFAULT, 201, 1000, True),
        (DEFAULT, 8000, 40_000, False),
        (DEFAULT, 8001, 40_000, True),
        (NO_REMOVAL, 0, 5, False),
        (NO_REMOVAL, 1, 1_000_000, True),
        (Guard(max_items=0, max_fraction=1.0), 5, 5, False),
        (Guard(max_items=5, max_fraction=0.0), 5, 1000, False),
        (Guard(max_items=5, max_fraction=0.0), 6, 1000, True),
        (Guard(max_items=0, max_fraction=0.5), 5, 10, False),
        (Guard(max_items=0, max_fraction=0.5), 6, 10, True),
        (Guard(max_items=0, max_fraction=0.07), 7, 100, False),
        (Guard(max_items=0, max_fraction=0.29), 29, 100, False),
        (Guard(max_items=0, max_fraction=0.29), 30, 100, True),
    ],
)
def test_removals_are_held_when_they_are_more_than_both_bounds(
    guard: Guard, gone: int, known: int, held: bool
) -> None:
    assert guard.holds(gone, known) is held


sizes = st.integers(0, 200_000)
percents = st.integers(0, 100)


@given(sizes, percents, sizes, sizes)
def test_both_bounds_are_exact(items: int, percent: int, one: int, other: int) -> None:
    """As a user would count it: 29 of 100 are not more than `0.29`."""
    gone, known = sorted((one, other))
    guard = Guard(max_items=items, max_fraction=float(f"{percent / 100:.2f}"))
    assert guard.holds(gone, known) is (gone > items and gone > Fraction(percent, 100) * known)


@given(sizes, percents, sizes, sizes)
def test_what_is_held_is_held_the_more_if_more_is_gone(items: int, percent: int, one: int, two: int) -> None:
    guard = Guard(max_items=items, max_fraction=percent / 100)
    less, more = sorted((one, two))
    assert guard.holds(less, 200_000) <= guard.holds(more, 200_000)


@pytest.mark.parametrize(
    ("guard", "gone", "others", "witnesses"),
    [
        (DEFAULT, 1, 0, 0),
        (DEFAULT, 1, 10, 1),  # a list holds it only if all are gone
        (DEFAULT, 1, 9999, 21),
        (DEFAULT, 10, 30, 30),  # one more, and a list holds all
        (NO_REMOVAL, 1, 30, 30),
        (Guard(max_items=0, max_fraction=0.01), 1, 5000, 459),
    ],
)
def test_so_many_witnesses_show_a_loss_that_is_held(
    guard: Guard, gone: int, others: int, witnesses: int
) -> None:
    assert guard.witnesses(gone, others) == witnesses
