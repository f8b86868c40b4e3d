"""Where being a process matters: real pipes, a real terminal, `python -m trailarrd`, exit codes."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.conftest import command
from tests.world import KEY
from trailarrd.testing import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.household import Household


async def test_a_user_s_first_minutes(household: Household, run: Callable[..., Any]) -> None:
    """Refresh, look, speak, change the world, refresh: as real processes on a real file."""
    household.movies.put(1, "Trailers/Teaser.mkv")
    done = await run("refresh", "--json")
    assert (done.code, [one["added"] for one in done.document["refreshes"]]) == (0, [3, 3])
    wanted = (await run("media", "--wants-trailer", "--connection", "movies", "--json")).lines
    assert [item["title"] for item in wanted] == ["Beta", "Gamma"]
    assert (await run("unmonitor", str(wanted[0]["id"]))).code == 0
    household.movies.library.delete(3)
    household.series.server.fault = Refusal()
    done = await run("refresh", "--json")
    movies, series = done.document["refreshes"]
    assert (done.code, movies["removed"], series["error"]["kind"]) == (1, 1, "rejected")
    assert (await run("media", "--wants-trailer", "--connection", "movies", "--json")).out == ""
    assert KEY not in done.out + done.err


async def test_wrong_usage_and_a_wrong_configuration_have_their_exit_codes(
    household: Household, run: Callable[..., Any]
) -> None:
    assert (await run("refesh")).code == 2
    household.config.write_text("connections: []\n")
    assert (await run("refresh")).code == 78


async def test_a_reader_that_leaves_early_is_no_error(household: Household, run: Callable[..., Any]) -> None:
    await run("refresh")
    line = " ".join(f"'{word}'" for word in command(household, "media", "--json"))
    process = await asyncio.create_subprocess_shell(
        f"{line} | head -n 0; exit ${{PIPESTATUS[0]}}",
        executable="/bin/bash",
        env=household.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_a_terminal_sees_progress_and_stdout_stays_json(household: Household) -> None:
    ours, theirs = pty.openpty()
    with closing(os.fdopen(ours, "rb", buffering=0)) as terminal:
        process = await asyncio.create_subprocess_exec(
            *command(household, "refresh", "--json"),
            env={**household.environ, "TERM": "xterm", "COLUMNS": "120"},
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        shown = asyncio.create_task(asyncio.to_thread(_read_all, terminal))
        out, _ = await asyncio.wait_for(process.communicate(), 30)
        text = await shown
    assert process.returncode == 0
    assert b'"refreshes"' in out
    assert b"\x1b" not in out
    assert "movies: " in text
    assert "series: " in text


def _read_all(terminal: Any) -> str:
    """What was shown until the last process let go of it."""
    shown = b""
    with suppress(OSError):  # how Linux says that nobody writes to this terminal any more
        while piece := terminal.read(4096):
            shown += piece
    return shown.decode()


async def test_the_installed_command_is_the_same_program(household: Household) -> None:
    script = str(Path(sys.executable).with_name("trailarrd"))
    process = await asyncio.create_subprocess_exec(
        *(script, "--config", str(household.config), "refresh", "movies", "--json"),
        env=household.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (process.returncode, b'"refreshes"' in out) == (0, True), err
