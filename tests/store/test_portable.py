"""The engines differ in one place."""

from __future__ import annotations

import re
from pathlib import Path

import trailarrd.store

ROOM = Path(trailarrd.store.__file__).parent
MAY_ASK = {"portable.py", "engine.py", "store.py"}


def test_nothing_else_asks_which_engine_it_is() -> None:
    asking = re.compile(r"dialect\.name ==|get_backend_name|== \"(sqlite|postgresql)\"")
    found = {file.name for file in ROOM.glob("*.py") if asking.search(file.read_text(encoding="utf-8"))}
    assert found == MAY_ASK
