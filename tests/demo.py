"""`trailarrd demo`, played once for all that is said of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.once import once

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Played(NamedTuple):
    """How it went."""

    code: int
    out: str
    """On a terminal as wide as that in the picture of the README."""
    err: str
    left: list[str]
    """What it left behind in its temporary folder, where it also was at home."""


def play(factory: pytest.TempPathFactory) -> Played:
    """As `./dev demo` does."""
    return Played(*json.loads(once(factory, "demo", _play)))


def _play(place: Path) -> str:
    further = {"TMPDIR": str(place), "HOME": str(place), "PYTHONWARNINGS": "error", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "trailarrd", "demo"],
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
        cwd=place,
        env={**os.environ, **further},
    )
    return json.dumps([done.returncode, done.stdout, done.stderr, [one.name for one in place.iterdir()]])
