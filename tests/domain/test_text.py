"""What people read: safe for a terminal, and short."""

from __future__ import annotations

from datetime import timedelta

import pytest

from trailarrd.domain.text import escaped, printable, span


def test_what_would_steer_a_terminal_is_replaced_and_every_character_keeps_its_place() -> None:
    assert printable("Die Hard\x1b[2J\n") == "Die Hard\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}"
    assert printable("\turl: é", " ") == " url: é"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, "0 s"), (0.9, "0 s"), (59.9, "59 s"), (60, "1 min"), (7199, "1 h"), (86_400, "1 d"), (1e6, "11 d")],
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float, told: str) -> None:
    assert span(timedelta(seconds=seconds)) == told


def test_text_of_many_lines_keeps_them_and_steers_no_terminal() -> None:
    assert (
        escaped("one\n\ttwo\x1b[2J \x9b2J \u202e\x7f Łódź") == "one\n\ttwo\\x1b[2J \\x9b2J \\u202e\\x7f Łódź"
    )
