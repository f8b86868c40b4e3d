"""What a log level lets through."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_TALKATIVE = """
import asyncio, aiosqlite, structlog
from trailarrd.domain.secret import Redactor
from trailarrd.log import set_up

async def ask():
    async with aiosqlite.connect(":memory:") as database:
        await database.execute("SELECT 1")

set_up(level="debug", style="json", redactor=Redactor([]))
asyncio.run(ask())
structlog.get_logger().debug("our.own")
"""


def test_debug_shows_our_own_events_and_not_each_statement_of_the_database() -> None:
    done = subprocess.run([sys.executable, "-c", _TALKATIVE], capture_output=True, text=True, check=True)
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["our.own"]


_STEERING = """
import sys, structlog
from trailarrd.domain.secret import Redactor
from trailarrd.log import set_up

set_up(level="debug", style=sys.argv[1], redactor=Redactor([]))
log = structlog.get_logger()
log.warning("refresh.failed", error="no \\x1b[2J \\x9b2J", connection="movies")
try:
    raise ValueError("no \\x1b[2J")
except ValueError:
    log.exception("refresh.bug")
"""


@pytest.mark.parametrize("style", ["console", "json", "journald"])
def test_words_of_strangers_steer_no_terminal(style: str) -> None:
    done = subprocess.run([sys.executable, "-c", _STEERING, style], capture_output=True, check=True)
    told = done.stderr.decode()
    assert "refresh.failed" in told
    assert "ValueError" in told
    assert not {"\x1b", "\x9b"} & set(told)
