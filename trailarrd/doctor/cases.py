"""Root folders with the items in them, as the server names them and as they are called here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from trailarrd.domain.paths import is_below, names_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.doctor.server import Library
    from trailarrd.domain.paths import LocalPath, PathMapper, RemotePath

T = TypeVar("T")

_SAMPLE: Final = 100
"""Items of one root that are looked for."""


class RootCase(NamedTuple):
    """One root folder."""

    local: LocalPath | None
    """None if there is no telling."""
    remote: RemotePath | None = None
    """None where the server was not asked."""
    folders: Sequence[LocalPath] = ()
    """Items' folders in it, as they are called here."""
    names: frozenset[str] = frozenset()
    """What the server calls the folders directly in it."""

    @property
    def told(self) -> str:
        """Both names, for people."""
        remote, local = str(self.remote or self.local), str(self.local or "nothing here")
        return local if remote == local else f"{remote} → {local}"


def cases_of(library: Library, mapper: PathMapper) -> list[RootCase]:
    """The server's root folders, each with some of the items that lie deepest in it."""
    inside: dict[RemotePath, list[RemotePath]] = {root: [] for root in library.roots}
    for folder in library.folders:
        above = [root for root in inside if names_below(folder, root)]
        if above:
            inside[max(above, key=len)].append(folder)
    return [_case(root, _spread(folders), mapper) for root, folders in inside.items()]


def cases_known(roots: Sequence[LocalPath], folders: Sequence[LocalPath]) -> list[RootCase]:
    """The same from what earlier refreshes saw, without the server."""
    return [
        RootCase(root, folders=_spread([one for one in folders if one != root and is_below(one, root)]))
        for root in roots
    ]


def _case(root: RemotePath, folders: Sequence[RemotePath], mapper: PathMapper) -> RootCase:
    names = frozenset(below[0] for folder in folders if (below := names_below(folder, root)))
    here = [local for folder in folders if (local := mapper.to_local(folder))]
    return RootCase(mapper.to_local(root), root, here, names)


def _spread(things: Sequence[T]) -> Sequence[T]:
    """At most so many of them, from all over."""
    step = max(1, len(things) // _SAMPLE)
    return things[::step][:_SAMPLE]
