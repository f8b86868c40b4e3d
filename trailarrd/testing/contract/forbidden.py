"""Notices who touches files or the network."""

from __future__ import annotations

import builtins
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import get_ident
from typing import Any, Final
from unittest.mock import patch

_DOORS: Final = (
    (builtins, "open"),
    (os, "stat"),
    (os, "lstat"),
    (os, "listdir"),
    (os, "scandir"),
    (os, "open"),
    (os, "access"),
    (socket.socket, "connect"),
    (socket, "getaddrinfo"),
)
"""What every way to files and network goes through; `pathlib` and `os.path` do as well."""


@contextmanager
def outside_world_forbidden() -> Iterator[list[str]]:
    """Collects the names of what this thread used meanwhile."""
    touched: list[str] = []
    mine = get_ident()

    def noticed(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def door(*args: Any, **options: Any) -> Any:
            if get_ident() == mine:
                touched.append(name)
            return real(*args, **options)

        return door

    with ExitStack() as stack:
        for place, name in _DOORS:
            real = getattr(place, name)
            stack.enter_context(patch.object(place, name, noticed(f"{place.__name__}.{name}", real)))
        yield touched
