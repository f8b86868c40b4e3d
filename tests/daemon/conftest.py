"""A daemon in this process: a household that it serves, and its trailarrd.yaml to change."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.blank import lay_blank
from tests.household import Household, open_household
from tests.shipped import shipped_providers
from tests.world import KEY
from trailarrd.config import load
from trailarrd.daemon.daemon import Daemon, start_daemon
from trailarrd.testing import Phase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass
class Site:
    """A household and the daemon that serves it."""

    household: Household
    daemon: Daemon

    @property
    def text(self) -> str:
        """What trailarrd.yaml says."""
        return self.household.config.read_text()

    @text.setter
    def text(self, text: str) -> None:
        self.household.config.write_text(text)

    def lists(self, name: str) -> int:
        """How often that library was asked for."""
        return sum(asked.phase is Phase.LIST for asked in self.household.shelves[name].server.requests)

    def task(self, service: str) -> asyncio.Task[None] | None:
        """What that service runs in now."""
        return next(one.task for one in self.daemon.supervisor.running if one.service.name == service)

    async def idle(self) -> None:
        """It works at all that it may, no refresh is on and none is asked for."""
        async with asyncio.timeout(10):
            while not self._is_idle:
                await asyncio.sleep(0.01)

    @property
    def _is_idle(self) -> bool:
        # Of a database on a server it takes one connection after the other.
        pollers = self.daemon.pollers
        has_all = pollers.keys() >= self.daemon.runtime.slots.keys()
        return has_all and all(poller.state.due is not None for poller in pollers.values())


@asynccontextmanager
async def serving(household: Household) -> AsyncIterator[Site]:
    providers = shipped_providers()
    settings = load(household.config, providers=providers, environ=os.environ)
    async with start_daemon(settings, providers) as daemon:
        site = Site(household, daemon)
        await site.idle()
        yield site


@pytest.fixture
async def household(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Household]:
    monkeypatch.setenv("TEST_ARR_KEY", KEY)
    async with open_household(tmp_path / "home") as household:
        household.settings = "refresh: {interval: 1h}\n"
        household.write_config()
        lay_blank(household.database.path)
        yield household


@pytest.fixture
async def site(household: Household) -> AsyncIterator[Site]:
    async with serving(household) as site:
        yield site
