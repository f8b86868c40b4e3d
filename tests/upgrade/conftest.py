"""The home of a situation, and the present program's command line in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import _logging_as_before, trailarrd
from tests.upgrade.old_home import open_old_home

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.upgrade.old_home import OldHome

__all__ = ["_logging_as_before", "trailarrd"]


@pytest.fixture
def situation() -> str:
    return "healthy"


@pytest.fixture
async def household(situation: str, tmp_path: Path) -> AsyncIterator[OldHome]:
    async with open_old_home(situation, tmp_path) as household:
        yield household
