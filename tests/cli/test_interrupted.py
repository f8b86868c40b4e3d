"""Ctrl-C at a question ends the command at once with 130, and nothing has been done."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, cast

import pytest

from trailarrd.cli import main
from trailarrd.cli.prompt import is_confirmed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Household


@contextmanager
def ctrl_c(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pressed while a question waits for its answer; whoever overhears it gets a yes two seconds later."""
    ours, theirs = os.pipe()
    presses = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    answers = threading.Timer(3.0, os.write, (theirs, b"y\n"))
    with closing(os.fdopen(ours)) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        presses.start()
        answers.start()
        try:
            yield
        finally:
            presses.join()
            answers.cancel()
            answers.join()
            os.close(theirs)


@pytest.fixture
async def household_of_movies(household: Household, trailarrd: CommandLine) -> Household:
    """With a database that knows `series`, too, which the file no longer has."""
    assert (await trailarrd("refresh")).code == 0
    household.modes.pop("series")
    household.write_config()
    return household


@pytest.mark.parametrize("words", [["init"], ["forget", "series"]], ids=" ".join)
def test_ctrl_c_at_a_question_ends_with_130_and_nothing_was_done(
    household_of_movies: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    new = tmp_path / "new.yaml"
    config = new if words == ["init"] else household_of_movies.config
    monkeypatch.setattr(sys, "argv", ["trailarrd", "--config", str(config), *words])
    with ctrl_c(monkeypatch), pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert not new.exists()
    assert household_of_movies.database.sql("SELECT count(*) FROM connections") == [(2,)]


def test_one_that_came_before_the_question_was_there_counts() -> None:
    """As a start takes its time: asyncio has noted it then as a cancelling, for when the question is over."""

    async def question() -> None:
        cast("asyncio.Task[None]", asyncio.current_task()).cancel()
        is_confirmed("Well?")

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(question())
