"""Distributions that were never built: a module and its dist-info each, most of them wrong in one way."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FAKES: Final = Path(__file__).parent / "distributions"


def fakes(*names: str) -> list[str]:
    """Folders to put on the module path, so that these are installed."""
    return [str(FAKES / name) for name in names]
