"""How what happened becomes a message that one can read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.announcement import (
    TOPICS,
    Announcement,
    ConnectionEvent,
    Standing,
    Topic,
    standings_told,
)
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.notification import (
    FIELDS,
    MOST_LINES,
    TEMPLATES,
    Digest,
    check_template,
    worded,
)
from trailarrd.domain.report import Outcome

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def told(topic: Topic, title: str | None = "Alpha", **detail: str) -> Announcement:
    return Announcement(topic=topic, at=NOON, connection="movies", title=title, detail=detail)


def test_there_are_words_for_every_topic_and_all_can_be_filled_in() -> None:
    assert set(TEMPLATES) == set(TOPICS)
    for template in TEMPLATES.values():
        check_template(template)


@pytest.mark.parametrize(
    ("announcement", "line"),
    [
        (told(HistoryEvent.ADDED), "movies: Alpha is new"),
        (told(HistoryEvent.TRAILER_VANISHED), "movies: Alpha has lost its trailer"),
        (told(ConnectionEvent.DOWN, None, error="no answer"), "movies is down: no answer"),
        (told(ConnectionEvent.REFRESHED, None, outcome="partial"), "movies was refreshed: partial"),
        (
            told(HistoryEvent.SITE_BLOCKED, site="youtube", told="not a bot?"),
            "youtube lets nobody in, and its trailers wait: not a bot?",
        ),
        (
            told(HistoryEvent.DOWNLOAD_GIVEN_UP, told="it is cut off"),
            "movies: the trailer of Alpha is given up: it is cut off",
        ),
    ],
)
def test_what_happened_is_said_in_one_line(announcement: Announcement, line: str) -> None:
    assert worded(announcement, TEMPLATES[announcement.topic]) == line


def test_a_title_with_line_ends_stays_on_one_line_and_braces_in_it_mean_nothing() -> None:
    assert (
        worded(told(HistoryEvent.ADDED, "A\n{error}"), TEMPLATES[HistoryEvent.ADDED])
        == "movies: A {error} is new"
    )


@given(st.text())
def test_a_template_that_is_let_pass_can_be_filled_in(template: str) -> None:
    try:
        check_template(template)
    except ValueError:
        return
    worded(told(HistoryEvent.ADDED), template)


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_may_be_named(field: str) -> None:
    check_template(f"what: {{{field}}}")


def test_a_message_counts_what_happened_and_lists_it() -> None:
    digest = Digest({HistoryEvent.ADDED: "+ {title}"})
    assert not digest
    for announcement in (
        told(HistoryEvent.ADDED),
        told(HistoryEvent.ADDED, "Beta"),
        told(HistoryEvent.REMOVED, "Gamma"),
    ):
        digest.add(announcement)
    message = digest.flush()
    assert message.title == "trailarrd: 2 added, 1 removed"
    assert message.body == "+ Alpha\n+ Beta\nmovies: Gamma is gone"
    assert not digest


def test_a_whole_library_is_a_message_of_some_lines_and_a_number() -> None:
    digest = Digest()
    for number in range(50_000):
        digest.add(told(HistoryEvent.ADDED, f"Film {number}"))
    message = digest.flush()
    assert message.title == "trailarrd: 50000 added"
    lines = message.body.splitlines()
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "… and 49980 more"


def standing(refresh: int, outcome: Outcome, error: str | None = None) -> dict[str, Standing]:
    return {"movies": Standing(refresh=refresh, at=NOON, outcome=outcome, error=error)}


OK, FAILED, PARTIAL = Outcome.OK, Outcome.FAILED, Outcome.PARTIAL


@pytest.mark.parametrize(
    ("before", "now", "topics"),
    [
        ({}, standing(1, OK), ["refreshed"]),
        ({}, standing(1, FAILED, "no answer"), ["connection-down", "refreshed"]),
        (standing(1, OK), standing(2, FAILED), ["connection-down", "refreshed"]),
        (standing(1, FAILED), standing(2, FAILED), ["refreshed"]),
        (standing(1, FAILED), standing(2, PARTIAL), ["connection-back", "refreshed"]),
        (standing(1, FAILED), standing(1, FAILED), []),
        (standing(2, OK), {}, []),
    ],
)
def test_a_connection_is_told_to_be_down_and_back_once(
    before: dict[str, Standing], now: dict[str, Standing], topics: list[str]
) -> None:
    assert [one.topic.value for one in standings_told(before, now)] == topics


def test_a_crowd_is_one_line_and_counted_whole() -> None:
    digest = Digest()
    digest.add_crowd("movies", HistoryEvent.ADDED, 1200)
    for number in range(25):
        digest.add(told(HistoryEvent.REMOVED, f"Film {number}"))
    message = digest.flush()
    assert message.title == "trailarrd: 1200 added, 25 removed"
    assert message.body.splitlines()[0] == "movies: 1200 added"
    assert message.body.splitlines()[-1] == "… and 6 more"
    assert not digest
