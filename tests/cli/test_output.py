"""Lines and log lines as people read them: in their own time, and no stranger steers the terminal."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from typing import TYPE_CHECKING

import pytest
import structlog

from trailarrd import log
from trailarrd.cli.output import print_json, print_line, tell
from trailarrd.documents.health import HealthIssue
from trailarrd.domain.secret import Redactor
from trailarrd.schedule import zone_of

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household


async def test_times_are_by_the_clock_of_timezone_and_by_utc_in_utc(
    household: Household, trailarrd: CommandLine
) -> None:
    household.settings = "timezone: Asia/Tokyo\n"
    household.write_config()
    await trailarrd("refresh")
    household.database.sql("UPDATE history SET at = '2026-01-01 18:30:00.123456'")
    assert (await trailarrd("history", "--limit", "1")).out.startswith("2026-01-02 03:30:00  ")
    assert (await trailarrd("history", "--limit", "1", "--utc")).out.startswith("2026-01-01T18:30:00Z  ")
    assert "  2026-01-02 03:30:00  added" in (await trailarrd("explain", "1")).out
    assert "  2026-01-01T18:30:00Z  added" in (await trailarrd("explain", "1", "--utc")).out
    assert re.search(r"claimed until \S+Z", (await trailarrd("claim", "1", "--as", "me", "--utc")).err)


def test_json_is_the_same_text_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = "\x1b[2J \x7f \x9b2J \u202e\u2066 “Łódź” – 10\N{DEGREE SIGN}"
    print_json(HealthIssue("database", said))
    shown = capsys.readouterr().out
    assert json.loads(shown)["message"] == said
    assert not set("\x1b\x7f\x9b\u202e\u2066") & set(shown)
    assert "“Łódź” – 10\N{DEGREE SIGN}" in shown


def test_the_further_lines_of_a_message_stand_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_line("config-refused: first\nsecond \x1b[2J")
    tell("one\ntwo\x9b")
    said = capsys.readouterr()
    assert said.out == "config-refused: first\n    second \N{REPLACEMENT CHARACTER}[2J\n"
    assert said.err == "one\ntwo\\x9b\n"


@pytest.mark.parametrize(("style", "is_plain"), [("auto", True), ("json", False)])
def test_on_a_pipe_the_log_is_plain_unless_json_is_asked_for(
    capsys: pytest.CaptureFixture[str], style: str, is_plain: bool
) -> None:
    log.set_up(level="info", style=style, redactor=Redactor([]), zone=zone_of("Asia/Tokyo"))
    structlog.get_logger().info("it.happened", said="red \x1b[31m", count=3)
    logging.getLogger("library").warning("\x1b[2J")
    ours, theirs = capsys.readouterr().err.splitlines()
    assert "\x1b" not in ours + theirs
    if is_plain:
        assert re.fullmatch(
            r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \[info +\] it\.happened +count=3 said='?red .*", ours
        )
    else:
        assert ours.startswith("{")
        assert re.search(r'"timestamp": "20[\d-]+T[\d:.]+Z"', ours)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "is_coloured"), [("", True), ("1", False)])
def test_colours_are_for_terminals_and_not_for_who_wants_none(
    monkeypatch: pytest.MonkeyPatch, no_color: str, is_coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    log.set_up(level="info", style="auto", redactor=Redactor([]))
    structlog.get_logger().info("it.happened")
    assert ("\x1b[" in terminal.getvalue()) is is_coloured
