"""trailarrd.yaml: where it is, what it says, and what is wrong with it, line by line.

You are in the right room for anything that a user writes into the configuration. `model.py` and
`connections.py` list every setting, `loader.py` tells how a file becomes `Settings`, `translator.py`
and `diagnostic.py` have the words of mistakes; nothing else of trailarrd reads YAML.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.config.connections import ConnectionSettings
    from trailarrd.config.loader import load, load_outline, load_visible
    from trailarrd.config.location import find_config
    from trailarrd.config.model import Settings

__all__ = ["ConnectionSettings", "Settings", "find_config", "load", "load_outline", "load_visible"]

_HOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ConnectionSettings": "connections",
        "Settings": "model",
        "find_config": "location",
        "load": "loader",
        "load_outline": "loader",
        "load_visible": "loader",
    }
)


def __getattr__(name: str) -> object:
    """Import on first use, so that reading a duration does not cost the import of pydantic."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
