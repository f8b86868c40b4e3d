"""What crash tests play with: the real processes, a world in this one, and a look at what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import household, run, start
from tests.refresh.conftest import world
from trailarrd.testing import RADARR

if TYPE_CHECKING:
    from trailarrd.testing import Dialect

__all__ = ["household", "run", "start", "world"]


@pytest.fixture
def dialect() -> Dialect:
    """What becomes of a database in trouble is the same for every application."""
    return RADARR
