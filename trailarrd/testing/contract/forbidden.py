"""Notices who touches files, the network or the environment."""

import builtins
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
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
    (subprocess.Popen, "__init__"),
    (os, "system"),
    (time, "sleep"),
)
"""What every way to files and network goes through; `pathlib` and `os.path` do as well."""


@contextmanager
def outside_world_forbidden() -> Iterator[list[str]]:
    """Collects the names of what this thread used meanwhile."""
    touched: list[str] = []
    with _watching(_DOORS, lambda name, _args: touched.append(name)):
        yield touched


_FILES: Final = (
    (builtins, "open"),
    (io, "open"),
    *(
        (os, name)
        for name in ("open", "listdir", "scandir", "mkdir", "remove", "unlink", "rename", "replace")
    ),
    *((os, name) for name in ("replace", "rmdir", "chmod", "symlink", "link", "utime", "truncate", "system")),
    *((os, name) for name in ("stat", "lstat", "access")),
    (subprocess.Popen, "__init__"),
)
"""What every way to read or change a file goes through, and to start a program."""

_PYTHONS_OWN: Final = tuple({sys.prefix, sys.base_prefix, str(Path(os.__file__).parent), os.devnull})
"""Where Python looks by itself, such as for the lines of a traceback."""


@contextmanager
def files_noticed() -> Iterator[list[str]]:
    """Collects what this thread did with which file."""
    touched: list[str] = []

    def noticed(name: str, args: tuple[Any, ...]) -> None:
        path = str(args[0]) if args else ""
        if not path.startswith(_PYTHONS_OWN) and not path.endswith(".py"):
            touched.append(f"{name}({path[:80]!r})")

    with _watching(_FILES, noticed):
        yield touched


@contextmanager
def environment_noticed() -> Iterator[list[str]]:
    """Collects the names of the variables that this thread read or wrote."""
    touched: list[str] = []
    kind = type(os.environ)
    doors = [(kind, name) for name in ("__getitem__", "__setitem__", "__delitem__", "__iter__")]
    with _watching(doors, lambda _name, args: touched.append(str(args[1]) if args[1:] else "all of it")):
        yield touched


@contextmanager
def _watching(
    doors: Sequence[tuple[Any, str]], noticed: Callable[[str, tuple[Any, ...]], None]
) -> Iterator[None]:
    """Tells of each use by this thread, which then takes its way."""
    mine = get_ident()

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def door(*args: Any, **options: Any) -> Any:
            if get_ident() == mine:
                noticed(name, args)
            return real(*args, **options)

        return door

    with ExitStack() as stack:
        for place, name in doors:
            told = f"{place.__name__}.{name}".removeprefix("builtins.").removesuffix(".__init__")
            stack.enter_context(patch.object(place, name, watched(told, getattr(place, name))))
        yield
