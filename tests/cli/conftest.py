"""The command line in this process: the same entry point, with streams and exit code to look at."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import structlog
from click.testing import CliRunner

from tests.household import Ended, Household, open_household
from trailarrd.cli import main
from trailarrd.config import load
from trailarrd.daemon.daemon import start_daemon
from trailarrd.discovery.plugins import discover, providers_by_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from trailarrd.daemon.daemon import Daemon


@dataclass(frozen=True)
class CommandLine:
    """Types commands; the servers answer meanwhile."""

    household: Household

    async def __call__(self, *words: str, answer: str = "") -> Ended:
        """`trailarrd --config … WORDS`, with `answer` typed when it asks."""
        return await self.bare("--config", str(self.household.config), *words, answer=answer)

    async def bare(self, *words: str, answer: str = "", **environ: str | None) -> Ended:
        """Exactly these words; in the environment, None takes a variable away."""
        return await asyncio.to_thread(self._run, words, answer, environ)

    def _run(self, words: tuple[str, ...], answer: str, environ: dict[str, str | None]) -> Ended:
        before = sys.argv
        sys.argv = ["trailarrd", *words]
        try:
            with CliRunner().isolation(input=answer, env=self.household.environ | environ) as streams:
                try:
                    main()
                except SystemExit as end:
                    code = end.code
                sys.stdout.flush()
                out, err, _ = streams
                return Ended(int(code or 0), out.getvalue().decode(), err.getvalue().decode())
        finally:
            sys.argv = before


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Commands set up logging for their process, which is this one."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    async with open_household(tmp_path / "home") as household:
        yield household


@pytest.fixture
def trailarrd(household: Household, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.delenv("TRAILARRD_CONFIG", raising=False)
    return CommandLine(household)


@pytest.fixture
async def daemon(household: Household) -> AsyncIterator[Daemon]:
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)  # the command's streams are this process's, too
    providers = providers_by_name(discover())
    await asyncio.sleep(0.03)  # of a file that is being written nobody is sure
    settings = load(household.config, providers=providers, environ=household.environ)
    async with start_daemon(settings, providers) as daemon:
        for poller in daemon.pollers.values():
            await poller.request()
        yield daemon
