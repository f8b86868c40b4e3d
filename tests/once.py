"""What costs too much to be made once for each process that tests."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], str]) -> str:
    """What `make` returns, which is given an empty folder that stays; who asks meanwhile waits for it."""
    shared = factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    note, folder = shared / f"{name}.made", shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            folder.mkdir()
            note.write_text(make(folder), encoding="utf-8")
    return note.read_text(encoding="utf-8")
