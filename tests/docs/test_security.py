"""docs/security.md: each figure that it promises is the program's own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docs.pages import page
from trailarrd.config import deadline, expand, source
from trailarrd.config.model import HttpSettings
from trailarrd.domain import media
from trailarrd.web import application, limits, security
from trailarrd.web.sockets import SocketLimits

PAGE = " ".join(page("security.md").split())
HTTP = HttpSettings()
SOCKETS = SocketLimits()

PROMISES: list[tuple[str, Any]] = [
    ("may open {} sockets", HTTP.sockets_per_client),
    ("of {} in all", HTTP.sockets),
    ("has {:g} s for the headers", SOCKETS.headers),
    ("{:g} s for a body", limits._BODY_DEADLINE),
    ("of at most {:g} MiB, and", application._LARGEST_BODY / 2**20),
    ("{:g} s without saying anything", SOCKETS.idle),
    ("may ask {:g} times a second", HTTP.rate_limit),
    ("may hold {} streams of events", HTTP.streams_per_key),
    ("beyond {:g} events a second", security._EVENTS),
    ("A title beyond {:,} characters", media.MAX_TEXT),
    ("a path beyond {:,} is", media.MAX_PATH),
    ("of at most {:g} MiB, secrets", source._LARGEST / 2**20),
    ("secrets of {:g} KiB", expand._LARGEST_FILE / 2**10),
    ("gives up after {:g} seconds", deadline.LONGEST),
]


@pytest.mark.parametrize(("words", "value"), PROMISES, ids=[words for words, _ in PROMISES])
def test_each_figure_is_the_programs(words: str, value: object) -> None:
    assert words.format(value) in PAGE


def test_who_is_refused_waits_half_a_second() -> None:
    assert "waits half a second for each refusal" in PAGE
    assert security._PENANCE == SOCKETS.refusal == 0.5
