"""A household to be examined, without the command line in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.household import Household, open_household
from tests.shipped import shipped_plugins
from trailarrd.config import load
from trailarrd.discovery.plugins import providers_by_name
from trailarrd.doctor import Subject, examine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from trailarrd.doctor import Finding

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    async with open_household(tmp_path / "home") as household:
        yield household


class Doctor:
    """Examines a household as its trailarrd.yaml is now."""

    def __init__(self, household: Household) -> None:
        self.household = household
        plugins = shipped_plugins()
        self.subject = Subject(
            plugins=plugins, providers=providers_by_name(plugins), home=str(household.home)
        )

    def edit(self, before: str, after: str, times: int = -1) -> None:
        """Change the text of trailarrd.yaml."""
        text = self.household.config.read_text()
        assert before in text
        self.household.config.write_text(text.replace(before, after, times))

    async def __call__(self, area: str = "movies", **changes: object) -> dict[str, Finding]:
        """What is found in one area, by code."""
        return {finding.code.value: finding for finding in await self.all(**changes) if finding.area == area}

    async def all(self, **changes: object) -> list[Finding]:
        """Everything that is found."""
        config = self.household.config
        settings = load(config, providers=self.subject.providers, environ=self.household.environ)
        subject = replace(self.subject, settings=settings, database=settings.database.address)
        subject = replace(subject, **changes)  # type: ignore[arg-type]  # a test's own fields
        return [finding async for finding in examine(subject, now=NOW)]


@pytest.fixture
def doctor(household: Household) -> Doctor:
    return Doctor(household)


def facts(found: dict[str, Finding]) -> dict[str, str]:
    """Only what is not well: each fact by its code."""
    return {code: finding.fact for code, finding in found.items() if finding.level.value != "ok"}
