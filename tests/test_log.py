"""What a log level lets through."""

from __future__ import annotations

import json
import subprocess
import sys

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
