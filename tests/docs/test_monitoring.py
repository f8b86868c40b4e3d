"""docs/monitoring.md is the truth: its table is read, and asked for every case that there is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product

import pytest

from tests.docs.pages import chapters, page, plain, table
from trailarrd.domain.judgement import judge
from trailarrd.domain.known import Known
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import (
    NO_FILE,
    TRUTH_TABLE,
    Exclusion,
    MediaStatus,
    MonitorMode,
    MonitorReason,
    TrailerState,
    decide,
    row_of,
    status_of,
)
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.plan import UNSEEN, Item, Rules

CHAPTERS = chapters(page("monitoring.md"))
TABLE = table(CHAPTERS["The table"])
WORDS = {"yes": True, "no": False, "none": None}


EXCLUSIONS = {
    None: [],
    NO_FILE: ["of an item without a file"],
    Exclusion(MonitorReason.FILTERED, "only tags: x"): ["of one that `want` leaves out"],
    Exclusion(MonitorReason.UNDECIDED, "only tags: x"): ["`unknown`, or `want` asks for what is"],
}
"""What a row says of items that are not wanted for this reason."""


def fits(
    row: list[str],
    trailer: TrailerState,
    intent: bool | None,
    mode: MonitorMode,
    *,
    contradicted: bool,
    exclusion: Exclusion | None,
) -> bool:
    """Whether a row of the table is about this case."""
    _, its_trailer, its_word, its_mode, *_ = row
    its_trailer = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", its_trailer)
    about = ["any", f"`{trailer}`", *(["contradicted"] * contradicted), *EXCLUSIONS[exclusion]]
    if trailer is TrailerState.UNKNOWN:
        about.append("`unknown`, or `want` asks for what is")
    return (
        its_trailer in about
        and (its_word == "any" or WORDS[its_word] is intent)
        and its_mode in ("any", f"`{mode}`")
    )


def promised(cell: str, *, monitored_remotely: bool, is_new: bool) -> bool:
    """What the column `Monitored` says."""
    return {"yes": True, "no": False, "as the server": monitored_remotely, "if new": is_new}[cell]


@pytest.mark.parametrize("trailer", TrailerState)
@pytest.mark.parametrize("exclusion", EXCLUSIONS)
def test_the_first_row_that_fits_wins(trailer: TrailerState, exclusion: Exclusion | None) -> None:
    for contradicted, mode, intent in product((False, True), MonitorMode, WORDS.values()):
        case = partial(fits, contradicted=contradicted, exclusion=exclusion)
        row = next(row for row in TABLE if case(row, trailer, intent, mode))
        for monitored_remotely, is_new in product((False, True), repeat=2):
            decision = decide(
                trailer=trailer,
                intent=intent,
                mode=mode,
                monitored_remotely=monitored_remotely,
                is_new=is_new,
                contradicted=contradicted,
                exclusion=exclusion,
            )
            wanted = promised(row[4], monitored_remotely=monitored_remotely, is_new=is_new)
            assert decision == (wanted, plain(row[5])), (contradicted, mode, intent)
            assert row_of(decision.reason, monitored=decision.monitored) == int(row[0])


def test_every_reason_is_in_the_table_and_no_other() -> None:
    assert {plain(row[5]) for row in TABLE} == set(MonitorReason)


def test_the_table_that_the_page_and_explain_show_has_the_same_rows() -> None:
    assert [row.reason for row in TRUTH_TABLE] == [plain(row[5]) for row in TABLE]
    short = {"as the server monitors it": "as the server", "if it came after the baseline": "if new"}
    assert [short.get(row.monitored, row.monitored) for row in TRUTH_TABLE] == [row[4] for row in TABLE]


def test_every_mode_is_explained_and_no_other() -> None:
    assert [plain(row[0]) for row in table(CHAPTERS["Modes"])] == list(MonitorMode)


def known(trailer: TrailerState, *, monitored: bool, reason: MonitorReason) -> Known:
    return Known(1, 1, 1, 0, 0, 0, b"", b"", trailer, None, monitored, reason, removed=False, held=False)


def test_an_item_that_cannot_be_seen_keeps_all_that_was_decided_even_in_another_mode() -> None:
    media = Media(arr_id=1, title="A", path=RemotePath("/a"), monitored_remotely=False)
    before = known(TrailerState.ABSENT, monitored=True, reason=MonitorReason.MODE_MISSING)
    rules = Rules(refresh=2, mode=MonitorMode.NONE, baseline=None)
    assert judge(Item(media, None), UNSEEN, before, rules)[:2] == ("absent", (True, "mode-missing"))


def test_an_item_that_was_never_seen_is_unknown_undecided_and_not_monitored() -> None:
    media = Media(arr_id=1, title="A", path=RemotePath("/a"), monitored_remotely=True)
    rules = Rules(refresh=1, mode=MonitorMode.MISSING, baseline=None)
    assert judge(Item(media, None), UNSEEN, None, rules)[:2] == ("unknown", (False, "undecided"))


def test_an_item_is_new_if_a_later_refresh_than_the_baseline_saw_it_first() -> None:
    rules = Rules(refresh=9, mode=MonitorMode.NEW, baseline=5)
    assert [rules.is_new(first) for first in (4, 5, 6)] == [False, False, True]
    assert not Rules(refresh=9, mode=MonitorMode.NEW, baseline=None).is_new(9)


def holds(status: str, *, claimed: bool, trailer: TrailerState, monitored: bool) -> bool:
    """Whether a row of the chapter on the status fits."""
    return {
        "downloading": claimed,
        "downloaded": trailer is TrailerState.PRESENT,
        "monitored": monitored,
        "missing": True,
    }[status]


@pytest.mark.parametrize("claimed", [False, True])
@pytest.mark.parametrize("trailer", TrailerState)
@pytest.mark.parametrize("monitored", [False, True])
def test_the_first_status_that_fits_wins(claimed: bool, trailer: TrailerState, monitored: bool) -> None:
    order = [plain(row[0]) for row in table(CHAPTERS["Status"])]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    until = now + timedelta(minutes=1) if claimed else now
    status = status_of(trailer=trailer, monitored=monitored, claimed_until=until, now=now)
    assert status == next(
        word for word in order if holds(word, claimed=claimed, trailer=trailer, monitored=monitored)
    )


def test_every_status_is_explained_and_no_other() -> None:
    assert {plain(row[0]) for row in table(CHAPTERS["Status"])} == set(MediaStatus)
