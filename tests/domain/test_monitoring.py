"""The truth table of monitoring, row by row, and the status that is derived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TypeVar

import pytest

from trailarrd.domain.monitoring import (
    MediaStatus,
    MonitorMode,
    MonitorReason,
    TrailerState,
    decide,
    status_of,
)

T = TypeVar("T")
Case = tuple[TrailerState, bool | None, MonitorMode, bool, bool]
Row = tuple[str, str, str, str, str, bool, str]

TRAILERS = {state.value: state for state in TrailerState}
MODES = {mode.value: mode for mode in MonitorMode}
INTENTS = {"yes": True, "no": False, "-": None}
FLAGS = {"yes": True, "no": False}

# Each combination in exactly one row, so the order of the rows says nothing; * is any value.
TABLE: list[Row] = [
    # trailer  intent  mode       remotely  new    monitored  reason
    ("present", "*", "*", "*", "*", False, "trailer-present"),
    ("absent", "yes", "*", "*", "*", True, "user"),
    ("absent", "no", "*", "*", "*", False, "user"),
    ("absent", "-", "none", "*", "*", False, "mode-none"),
    ("absent", "-", "missing", "*", "*", True, "mode-missing"),
    ("absent", "-", "sync", "yes", "*", True, "mode-sync"),
    ("absent", "-", "sync", "no", "*", False, "mode-sync"),
    ("absent", "-", "new", "*", "yes", True, "mode-new"),
    ("absent", "-", "new", "*", "no", False, "mode-new"),
    ("unknown", "yes", "*", "*", "*", True, "user"),
    ("unknown", "no", "*", "*", "*", False, "user"),
    ("unknown", "-", "*", "*", "*", False, "undecided"),
]


def values(cell: str, meanings: dict[str, T]) -> list[T]:
    return list(meanings.values()) if cell == "*" else [meanings[cell]]


def cases_of(row: Row) -> list[Case]:
    trailer, intent, mode, remotely, new = row[:5]
    return list(
        product(
            values(trailer, TRAILERS),
            values(intent, INTENTS),
            values(mode, MODES),
            values(remotely, FLAGS),
            values(new, FLAGS),
        )
    )


def test_the_table_covers_the_whole_cross_product_once() -> None:
    covered = [case for row in TABLE for case in cases_of(row)]
    assert len(covered) == len(set(covered)) == 3 * 3 * 4 * 2 * 2


@pytest.mark.parametrize("row", TABLE, ids=lambda row: "-".join(map(str, row)))
def test_the_decision_follows_the_table(row: Row) -> None:
    expected = (row[5], MonitorReason(row[6]))
    for case in cases_of(row):
        trailer, intent, mode, remotely, new = case
        decision = decide(trailer=trailer, intent=intent, mode=mode, monitored_remotely=remotely, is_new=new)
        assert decision == expected, case


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIVE = NOW + timedelta(seconds=1)
EXPIRED = NOW - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("claimed_until", "trailer", "monitored", "expected"),
    [
        (LIVE, "present", True, "downloading"),
        (LIVE, "present", False, "downloading"),
        (LIVE, "absent", True, "downloading"),
        (LIVE, "absent", False, "downloading"),
        (LIVE, "unknown", True, "downloading"),
        (LIVE, "unknown", False, "downloading"),
        (EXPIRED, "present", True, "downloaded"),
        (EXPIRED, "present", False, "downloaded"),
        (EXPIRED, "absent", True, "monitored"),
        (EXPIRED, "absent", False, "missing"),
        (EXPIRED, "unknown", True, "monitored"),
        (EXPIRED, "unknown", False, "missing"),
        (None, "present", True, "downloaded"),
        (None, "present", False, "downloaded"),
        (None, "absent", True, "monitored"),
        (None, "absent", False, "missing"),
        (None, "unknown", True, "monitored"),
        (None, "unknown", False, "missing"),
    ],
)
def test_the_status_is_the_first_that_fits(
    claimed_until: datetime | None, trailer: str, monitored: bool, expected: str
) -> None:
    """A claim, then a trailer, then the decision; an expired claim counts for nothing."""
    status = status_of(
        trailer=TrailerState(trailer), monitored=monitored, claimed_until=claimed_until, now=NOW
    )
    assert status is MediaStatus(expected)


@pytest.mark.parametrize(
    ("enum", "words"),
    [
        (MonitorMode, {"missing", "new", "sync", "none"}),
        (TrailerState, {"present", "absent", "unknown"}),
        (MediaStatus, {"downloaded", "downloading", "monitored", "missing"}),
    ],
)
def test_the_words_are_those_of_the_documents(
    enum: type[MonitorMode | TrailerState | MediaStatus], words: set[str]
) -> None:
    """They are stored, printed as JSON and written in trailarrd.yaml."""
    assert {member.value for member in enum} == words
