"""What a log level lets through."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_TALKATIVE = """
import asyncio, aiosqlite, logging, structlog
from trailarrd.domain.secret import Redactor, Secret
from trailarrd.log import LogMemory, set_up

async def ask():
    async with aiosqlite.connect(":memory:") as database:
        await database.execute("SELECT 1")

memory, log = LogMemory(most=3), structlog.get_logger()
set_up(level="debug", style="json", redactor=Redactor([Secret("a-long-secret-key")]), memory=memory)
asyncio.run(ask())
log.debug("our.own")
for number in range(2):
    log.info("our.other", number=number)
try:
    raise ValueError("a-long-secret-key")
except ValueError:
    log.exception("our.mistake", said="a-long-secret-key")
logging.getLogger("library").warning("says %s", "this" * 2000)
for line in memory.lines:
    print(line.level, line.event, len(line.text), repr(line.text[:40]), line.at.tzinfo, sep="|")
    assert "secret" not in line.text
"""


def test_debug_shows_our_own_events_and_not_each_statement_of_the_database_and_the_last_are_kept() -> None:
    done = subprocess.run([sys.executable, "-c", _TALKATIVE], capture_output=True, text=True, check=True)
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events[:4] == ["our.own", "our.other", "our.other", "our.mistake"]
    kept = [line.split("|") for line in done.stdout.splitlines()]
    assert [line[:2] for line in kept] == [
        ["info", "our.other"],
        ["error", "our.mistake"],
        ["warning", "says"],
    ]
    assert kept[0][3:] == ["'number=1'", "UTC"]
    assert int(kept[2][2]) < 4000


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
