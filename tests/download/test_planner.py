"""Whose turn it is to be downloaded, and why others have to wait."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.download import BLANK, Ask, Memory, OwnAddress, Stage, Subject
from trailarrd.domain.failure import Blame, Failure
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.quiet import QuietHours, Window
from trailarrd.domain.site import Pace, Site
from trailarrd.domain.waiting import Why
from trailarrd.download.planner import Choice, Plan, Rules, Trouble, plan

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
YOUTUBE = "https://www.youtube.com/watch?v=abcdefghijk"
ASK = Ask(at=NOW, by="anna")
HURRY = replace(ASK, now=True)

NIGHT = QuietHours((Window(time(1), time(7)),))


def choose(url: str) -> Choice | None:
    return Choice("toy", url.split("/")[2]) if url.startswith("http") else None


RULES = Rules(pace=Pace(), choose=choose, preview=False)
WANTED = Subject(
    *(1, "movies", LocalPath("/media/A"), True, False, True),
    *(False, False, False, None, "abcdefghijk", None),
)


def item(number: int = 1, memory: Memory = BLANK, **other: object) -> Subject:
    folder = LocalPath(f"/media/{number}")
    return WANTED._replace(id=number, folder=folder, memory=memory)._replace(**other)  # type: ignore[arg-type]  # by name


def planned(*subjects: Subject, rules: Rules = RULES, sites: tuple[Site, ...] = ()) -> Plan:
    return plan(subjects, {site.name: site for site in sites}, rules, NOW)


def why(subject: Subject, rules: Rules = RULES, *sites: Site) -> Why | None:
    return planned(subject, rules=rules, sites=sites).turns[0].why


def test_what_is_wanted_is_downloaded_from_where_its_server_says() -> None:
    turn = planned(WANTED).next
    assert turn is not None
    assert (turn.url, turn.choice) == (YOUTUBE, Choice("toy", "www.youtube.com"))


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (item(wanted=False), Why.NOT_WANTED),
        (item(has_trailer=True), Why.HAS_TRAILER),
        (item(has_trailer=True, memory=Memory(ask=ASK)), None),
        (item(folder=None), Why.NO_FOLDER),
        (item(has_file=False), Why.NO_FILE),
        (item(has_file=None), None),
        (item(contradicted=True), Why.CONTRADICTED),
        (item(vanishing=True), Why.VANISHING),
        (item(held=True), Why.HELD),
        (item(claimed_by="other"), Why.CLAIMED),
        (item(claimed_by="other", memory=Memory(ask=HURRY)), Why.CLAIMED),
        (item(youtube_id=None), Why.NO_ADDRESS),
        (item(youtube_id="../../etc/passwd"), Why.NO_ADDRESS),
        (item(memory=Memory(own=OwnAddress(url="gopher://host/1"))), Why.NO_DOWNLOADER),
        (item(memory=Memory(refused=frozenset({YOUTUBE}))), Why.REFUSED),
        (
            item(memory=Memory(refused=frozenset({"http://x/1"}), own=OwnAddress(url="http://x/1"))),
            Why.REFUSED,
        ),
        (item(memory=Memory(stage=Stage.STOPPED)), Why.STOPPED),
        (item(memory=Memory(stage=Stage.GIVEN_UP)), Why.GIVEN_UP),
        (item(wanted_since=NOW - 9 * MINUTE), Why.TOO_NEW),
        (item(wanted_since=NOW - 10 * MINUTE), None),
        (item(memory=Memory(next_try=NOW + HOUR)), Why.BACK_OFF),
        (item(wanted=False, memory=Memory(ask=ASK)), None),
        (item(wanted_since=NOW, memory=Memory(ask=ASK)), Why.TOO_NEW),
        (item(wanted_since=NOW, memory=Memory(ask=HURRY)), None),
    ],
)
def test_an_item_waits_for_a_reason_that_is_told(subject: Subject, reason: Why | None) -> None:
    assert why(subject) is reason


TOY = Site(name="www.youtube.com")
CIRCUMSTANCES = [
    (replace(RULES, preview=True), TOY, Why.PREVIEW, None, None),
    (replace(RULES, off=frozenset({"movies"})), TOY, Why.OFF, None, None),
    (replace(RULES, hours=NIGHT), TOY, Why.HOURS, Why.HOURS, None),
    (RULES, replace(TOY, next_at=NOW + MINUTE), Why.PAUSE, Why.PAUSE, None),
    (RULES, replace(TOY, day=NOW.date(), used=50), Why.QUOTA, Why.QUOTA, None),
    (RULES, replace(TOY, blocked_until=NOW + HOUR), Why.BLOCKED, Why.BLOCKED, Why.BLOCKED),
    (replace(RULES, quiet=True, quiet_until=NOW + HOUR), TOY, Why.QUIET, Why.QUIET, Why.QUIET),
    (
        replace(
            RULES,
            roots={"movies": [LocalPath("/media")]},
            troubled={LocalPath("/media"): Trouble("full")},
        ),
        *(TOY, Why.ROOT, Why.ROOT, Why.ROOT),
    ),
    (
        replace(RULES, rejected={Choice("toy", TOY.name): Trouble("no key")}),
        TOY,
        Why.DOWNLOADER,
        Why.DOWNLOADER,
        Why.DOWNLOADER,
    ),
]


@pytest.mark.parametrize(("rules", "site", "itself", "asked", "hurried"), CIRCUMSTANCES)
def test_hurry_gets_round_what_spares_others_and_never_round_a_wall(
    rules: Rules, site: Site, itself: Why | None, asked: Why | None, hurried: Why | None
) -> None:
    assert why(item(), rules, site) is itself
    assert why(item(memory=Memory(ask=ASK)), rules, site) is asked
    assert why(item(memory=Memory(ask=HURRY)), rules, site) is hurried


def test_who_was_asked_for_comes_first_and_then_what_is_wanted_since_last() -> None:
    subjects = [
        item(1),
        item(2, wanted_since=NOW - HOUR),
        item(3, wanted_since=NOW - DAY),
        item(4, Memory(attempts=1)),
        item(5, Memory(ask=ASK)),
        item(6, Memory(ask=replace(ASK, at=NOW - HOUR))),
        item(7, Memory(ask=replace(ASK, at=NOW - DAY), failure=Failure.NO_SPACE)),
    ]
    plan_of_all = planned(*subjects)
    assert [turn.subject.id for turn in plan_of_all.turns] == [6, 5, 2, 3, 1, 4, 7], "what is too large, last"
    assert [turn.why for turn in plan_of_all.turns[1:]] == [Why.TURN] * 6


def test_one_folder_gets_one_trailer_whoever_asks() -> None:
    same = LocalPath("/media/same")
    turns = planned(item(1, folder=same), item(2, folder=same, connection="movies-4k")).turns
    assert [turn.why for turn in turns] == [None, Why.TWIN]


def test_the_next_look_is_when_the_first_of_them_is_due_and_days_are_told() -> None:
    late, later = Memory(next_try=NOW + HOUR), Memory(next_try=NOW + DAY)
    assert planned(item(1, later), item(2, late)).again_at == NOW + HOUR
    assert planned(*map(item, range(1, 102)), rules=replace(RULES, preview=True)).days == 3
    assert planned(item(wanted=False)).days == 0


@pytest.mark.parametrize(
    ("per_day", "pause", "hours", "days"),
    [
        (50, MINUTE, None, 6),
        (50, 12 * HOUR, None, 150),
        (50, 2 * DAY, None, 600),
        (50, HOUR, NIGHT, 50),
        (500, timedelta(), NIGHT, 1),
        (0, HOUR, None, 0),
    ],
)
def test_days_are_those_of_quota_pause_and_hours(
    per_day: int, pause: timedelta, hours: QuietHours | None, days: int
) -> None:
    rules = replace(RULES, pace=Pace(per_day=per_day, pause=(pause, 3 * pause)), hours=hours)
    assert planned(*map(item, range(1, 301)), rules=rules).days == days


def test_a_failed_item_is_tried_ever_later_and_then_given_up() -> None:
    memory, waits = BLANK, []
    while memory.stage is Stage.OPEN:
        memory = memory.failed(Failure.STALLED, "stalled", NOW)
        waits.append(memory.next_try and memory.next_try - NOW)
    assert waits[:7] == [HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY]
    assert (waits[-1], len(waits)) == (None, 13)
    assert memory.stage is Stage.GIVEN_UP
    assert memory.asked(ASK) == Memory(ask=ASK)


ITS_OWN = (Blame.ITEM, Blame.FOLDER)


@pytest.mark.parametrize("failure", [one for one in Failure if one.blame not in ITS_OWN])
def test_what_is_not_the_items_trouble_counts_no_attempt(failure: Failure) -> None:
    failed = Memory(attempts=2, ask=ASK).failed(failure, "told", NOW)
    assert (failed.stage is Stage.OPEN) is (failure is not Failure.OURS)
    assert failed.attempts <= 2
    is_change = failure.blame is Blame.NOBODY and failure is not Failure.OURS
    assert (failed.next_try is not None) is is_change, "a change is given ten minutes"


@pytest.mark.parametrize(
    ("failure", "ask", "reason"),
    [
        (Failure.STALLED, replace(HURRY, now=False), Why.BACK_OFF),
        (Failure.NOT_WRITABLE, replace(HURRY, now=False), Why.BACK_OFF),
        (Failure.NO_OWN_FILE, replace(HURRY, now=False), Why.BACK_OFF),
        (Failure.BLOCKED, HURRY, None),
        (Failure.GONE, None, Why.PREVIEW),
        (Failure.APPEARED, None, Why.PREVIEW),
    ],
)
def test_what_is_asked_for_stays_so_until_it_will_not_do(
    failure: Failure, ask: Ask | None, reason: Why | None
) -> None:
    failed = Memory(ask=HURRY).failed(failure, "told", NOW)
    assert failed.ask == ask
    assert why(item(memory=failed), replace(RULES, preview=True)) is reason


MOMENTS = st.one_of(st.none(), st.integers(-3, 3).map(lambda hours: NOW + hours * HOUR))
ASKS = st.sampled_from([None, ASK, HURRY])
MEMORIES = st.builds(
    Memory,
    stage=st.sampled_from(Stage),
    next_try=MOMENTS,
    ask=ASKS,
    refused=st.sampled_from([frozenset(), frozenset({YOUTUBE})]),
)
SUBJECTS = st.builds(
    Subject,
    id=st.integers(1, 99),
    connection=st.just("movies"),
    folder=st.sampled_from([None, LocalPath("/media/A"), LocalPath("/media/B")]),
    has_file=st.sampled_from([True, False, None]),
    **dict.fromkeys(("wanted", "has_trailer", "contradicted", "vanishing", "held"), st.booleans()),
    claimed_by=st.sampled_from([None, "other"]),
    youtube_id=st.sampled_from([None, "abcdefghijk"]),
    wanted_since=MOMENTS,
    memory=MEMORIES,
)


@given(st.lists(SUBJECTS, max_size=8), st.sampled_from(CIRCUMSTANCES))
def test_whatever_there_is_at_most_one_is_next_and_it_may_be(
    subjects: list[Subject], circumstances: tuple[Rules, Site, Why, Why | None, Why | None]
) -> None:
    rules, site, *_ = circumstances
    turns = planned(*subjects, rules=rules, sites=(site,)).turns
    assert sorted(turn.subject.id for turn in turns) == sorted(one.id for one in subjects)
    ready = [turn for turn in turns if turn.why is None]
    assert len(ready) <= 1
    for turn in ready:
        one = turn.subject
        assert one.folder
        assert not (one.contradicted)
        assert not (one.vanishing)
        assert not (one.held)
        assert not (one.claimed_by)
        assert one.wanted or one.ask
        assert one.memory.stage not in (Stage.STOPPED, Stage.GIVEN_UP)
        assert turn.url
        assert turn.url not in one.memory.refused


def test_planning_ten_thousand_items_takes_less_than_a_second() -> None:
    subjects = [item(number, wanted_since=NOW - number * MINUTE) for number in range(1, 10_001)]
    rules = replace(RULES, roots={"movies": [LocalPath("/media")]}, hours=NIGHT)
    began = clock.process_time()
    assert len(planned(*subjects, rules=rules, sites=(TOY,)).turns) == 10_000
    assert clock.process_time() - began < 1
