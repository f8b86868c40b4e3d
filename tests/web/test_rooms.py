"""The HTTP server is in one room, which asks nobody: what import contracts cannot see in aiohttp."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = ROOT / "trailarrd"


def taken_from_aiohttp(file: Path) -> Iterator[str]:
    """What a module imports from aiohttp: `web`, `ClientSession`, …"""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "aiohttp":
            inside = (node.module or "").partition(".")[2]
            yield from ([inside] if inside else [name.name for name in node.names])
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("aiohttp"))


def rooms_that_take(*names: str) -> set[str]:
    """The rooms with a module that imports one of these from aiohttp."""
    return {
        file.relative_to(PACKAGE).parts[0]
        for file in PACKAGE.rglob("*.py")
        if set(taken_from_aiohttp(file)) & set(names)
    }


def test_the_http_server_is_only_in_web_and_in_testing() -> None:
    assert rooms_that_take("web") == {"web", "testing"}


def test_web_answers_and_asks_nobody() -> None:
    assert "web" not in rooms_that_take("ClientSession", "TCPConnector", "client", "aiohttp")
