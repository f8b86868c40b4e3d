"""Sizes are read as people write them and printed so that they are read the same again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.config.units import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0 B", 0),
        ("1B", 1),
        ("10 kB", 10_000),
        ("10 KiB", 10_240),
        ("500 MB", 500_000_000),
        ("500MB", 500_000_000),
        ("500 mb", 500_000_000),
        (" 1.5 GiB ", 1_610_612_736),
        ("2 TB", 2_000_000_000_000),
        ("0.3 B", 0),
        ("1 PiB", 2**50),
    ],
)
def test_a_size_is_a_number_with_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("500", "has no unit"),
        ("", "is not a size"),
        ("MB", "is not a size"),
        ("-1 MB", "is not a size"),
        ("1,5 GB", "is not a size"),
        ("1 MB 2 kB", "is not a size"),
        ("٣ MB", "is not a size"),
        ("5 apples", "has a unit that is not known"),
        ("5 Mbit", "has a unit that is not known"),
        ("99999 PiB", "is larger than 8192 PiB"),
    ],
)
def test_what_is_no_size_is_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1024, "1 KiB"),
        (1_500_000_000, "1500 MB"),
        (500_000_000, "500 MB"),
        (2**31, "2 GiB"),
        (32 * 2**20, "32 MiB"),
        (1_024_000, "1000 KiB"),
    ],
)
def test_a_size_is_printed_in_the_largest_unit_that_is_exact(size: int, text: str) -> None:
    assert format_size(size) == text


def test_a_negative_size_cannot_be_printed() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_size(-1)


@given(st.integers(0, 2**53))
def test_what_is_printed_is_read_as_the_same(size: int) -> None:
    assert parse_size(format_size(size)) == size
