"""From a path as the Arr server sees it to a path on this host.

Whole components are compared, the longest prefix wins and only the prefix is replaced, so
`/movies` says nothing about `/movies-4k` and `/tv/Show/tv` keeps its second `tv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NewType

from trailarrd.domain.text import is_encodable

RemotePath = NewType("RemotePath", str)
"""A path as the Arr server sees it; POSIX, Windows (`D:\\Movies`) or UNC (`\\\\nas\\tv`).

A provider hands it on as it came, `RemotePath(record.path)`; what it is called on this host is not
the provider's concern.
"""

LocalPath = NewType("LocalPath", str)
"""An absolute path on this host."""

_WINDOWS: Final = re.compile(r"[A-Za-z]:(?:[\\/]|$)|\\\\")
_SQLITE_URL: Final = re.compile(
    r"sqlite(?:\+[a-z0-9_]+)?:///(?P<file>.*?)"
    r"(?:\?(?:(?:timeout|uri|mode|cache|check_same_thread|isolation_level|detect_types|cached_statements)"
    r"=[^/&]*(?:&|$))+)?",
    re.DOTALL,
)
_NO_NAMES: Final = frozenset({"", ".", ".."})
_MOST_PARENTS: Final = 1000
"""Folders of which it is remembered where they are: a server has few, if not every item its own."""
_SEPARATORS: Final = re.compile(r"[\\/]+")


@dataclass(frozen=True, slots=True)
class PathMapping:
    """What the Arr server calls `remote` is `local` here."""

    remote: RemotePath
    local: LocalPath


@dataclass(frozen=True, slots=True)
class MappingFlaw:
    """A mapping that cannot mean what its author wanted: which one, which side, why."""

    index: int
    field: str
    message: str


class PathMapper:
    """Turns remote paths into local ones by a connection's mappings."""

    def __init__(self, mappings: Sequence[PathMapping] = ()) -> None:
        known = [(parts, mapping) for mapping in mappings if (parts := _parts(mapping.remote))]
        self._mappings = sorted(known, key=lambda one: len(one[0].key), reverse=True)
        self._deepest = max((len(parts.key) for parts, _ in self._mappings), default=0)
        self._parents: dict[str, str] = {}

    def to_local(self, path: RemotePath) -> LocalPath | None:
        """The path on this host, or None if there is no telling.

        None for a relative path, for one with `..` in it, and for a Windows path that no mapping
        covers: it would mean nothing here, or something else than the server meant.
        """
        folder, _, name = path.rpartition("/")
        local = self._parents.get(folder)
        if local is None or name in _NO_NAMES:
            return self._learn(folder, path)
        return LocalPath(f"{local}/{name}")

    def _learn(self, folder: str, path: RemotePath) -> LocalPath | None:
        """Map a path, and remember its folder if what lies in it is mapped as the folder is."""
        local = self._to_local(RemotePath(folder or "/")) if path.startswith("/") else None
        deep = folder.count("/") >= self._deepest and "//" not in folder and "/." not in folder
        if local is not None and deep and len(self._parents) < _MOST_PARENTS:
            self._parents[folder] = local.rstrip("/")
        return self._to_local(path)

    def _to_local(self, path: RemotePath) -> LocalPath | None:
        parts = _parts(path)
        if parts is None:
            return None
        for prefix, mapping in self._mappings:
            if parts.startswith(prefix):
                rest = parts.names[len(prefix.names) :]
                return LocalPath("/".join([mapping.local.rstrip("/"), *rest]) or "/")
        return None if parts.windows else LocalPath("/" + "/".join(parts.names))

    def mapping_of(self, path: RemotePath) -> PathMapping | None:
        """Which mapping makes the local path; None if the path stays as it is, or means nothing here."""
        parts = _parts(path)
        fitting = (one for one in self._mappings if parts and parts.startswith(one[0]))
        return next(fitting, (None, None))[1]


@dataclass(frozen=True, slots=True)
class _Parts:
    """An absolute path in pieces: `names` as written, `key` as compared."""

    windows: bool
    names: tuple[str, ...]
    key: tuple[str, ...]

    def startswith(self, prefix: _Parts) -> bool:
        return self.windows == prefix.windows and self.key[: len(prefix.key)] == prefix.key


def _parts(path: str) -> _Parts | None:
    """Pieces of an absolute path without `..`, else None."""
    windows = is_windows(path)
    if not windows and not path.startswith("/"):
        return None
    names = tuple(piece for piece in _pieces(path) if piece not in ("", "."))
    if ".." in names or (windows and not names):  # `\\\\` alone names no share
        return None
    return _Parts(windows, names, tuple(name.lower() for name in names) if windows else names)


def names_below(path: RemotePath, root: RemotePath) -> tuple[str, ...] | None:
    """The names that lead from one remote folder to another in it; None if it does not lie there."""
    parts, above = _parts(path), _parts(root)
    if parts is None or above is None or not parts.startswith(above):
        return None
    return parts.names[len(above.names) :]


def _pieces(path: str) -> list[str]:
    """Split as its own system does: a backslash is an ordinary character in a POSIX name."""
    return _SEPARATORS.split(path) if is_windows(path) else path.split("/")


def database_file(url: str) -> str | None:
    """The file that the URL of a SQLite database names; None if it is another kind of database.

    The path is taken as it stands there, with `?`, `#` and `%20` in its folders' names. Only SQLAlchemy's
    options behind it, such as `?timeout=3`, are none of it; they have no effect.
    """
    match = _SQLITE_URL.fullmatch(url)
    return match["file"] if match else None


def is_windows(path: str) -> bool:
    """Whether the path looks like Windows: a drive letter or a UNC share."""
    return _WINDOWS.match(path) is not None


def path_on_this_host(path: str, folder: RemotePath) -> str:
    """How a path in a remote folder is written here."""
    return path.replace("\\", "/") if "\\" in path and is_windows(folder) else path


def parent(path: LocalPath) -> LocalPath:
    """The folder that holds this one; the root is its own parent."""
    return LocalPath(path.rstrip("/").rpartition("/")[0] or "/")


def ancestors(path: LocalPath) -> Iterator[LocalPath]:
    """The folders above it, the nearest first."""
    while (above := parent(path)) != path:
        yield above
        path = above


def is_below(path: LocalPath, root: LocalPath) -> bool:
    """Whether `path` lies in `root`, or is it."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def lint_mappings(mappings: Sequence[PathMapping]) -> Iterator[MappingFlaw]:
    """What is wrong with these mappings, in their order."""
    seen: dict[tuple[bool, tuple[str, ...]], int] = {}
    for index, mapping in enumerate(mappings):
        yield from _lint_remote(index, mapping.remote, seen)
        yield from _lint_local(index, mapping.local)


def _lint_remote(
    index: int, remote: str, seen: dict[tuple[bool, tuple[str, ...]], int]
) -> Iterator[MappingFlaw]:
    if message := _flaw(remote, "absolute, as the Arr server shows it"):
        yield MappingFlaw(index, "remote", message)
    elif parts := _parts(remote):
        first = seen.setdefault((parts.windows, parts.key), index)
        if first != index:
            yield MappingFlaw(index, "remote", f"maps the same remote path as mapping {first + 1}")


def _lint_local(index: int, local: str) -> Iterator[MappingFlaw]:
    if is_windows(local):
        yield MappingFlaw(index, "local", "is a Windows path; it must be a path on this host")
    elif message := _flaw(local, "absolute on this host"):
        yield MappingFlaw(index, "local", message)


def _flaw(path: str, wanted: str) -> str | None:
    if not path.strip():
        return "is empty"
    if ".." in _pieces(path):
        return "contains '..'"
    if not is_encodable(path):
        return "is not valid Unicode"
    return None if _parts(path) else f"must be {wanted}"
