"""Where items are whose folders do not show their files: looked for again when what is missing changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from trailarrd.disk.search import Find, search, search_near, starting_points
from trailarrd.domain.paths import LocalPath, PathMapper, PathMapping, RemotePath, names_below
from trailarrd.domain.roots import RootObservation


class Lost(NamedTuple):
    """What is missing in one root folder."""

    remote: RemotePath
    """What the server calls it."""
    names: frozenset[str]
    """What it calls the folders directly in it that do not show their items' files."""


def lost_by_root(
    missing: Mapping[LocalPath, Sequence[RemotePath]], remote_roots: Iterable[RemotePath], mapper: PathMapper
) -> dict[LocalPath, Lost]:
    """The same folders by root folder, as far as that is one of the server's."""
    found = {}
    for remote in remote_roots:
        local = mapper.to_local(remote)
        below = (names_below(folder, remote) for folder in missing.get(local, ())) if local else ()
        if local and (names := frozenset(way[0] for way in below if way)):
            found[local] = Lost(remote, names)
    return found


async def with_fitting_mappings(
    roots: Sequence[RootObservation],
    before: Mapping[LocalPath, RootObservation],
    lost: Mapping[LocalPath, Lost],
    mappings: Sequence[PathMapping],
) -> list[RootObservation]:
    """The roots, each that is not where its items are with the mapping that would fit, if there is one.

    Looking for it may take seconds and wakes disks: it is done when what is missing has changed.
    """
    asked = {
        root.path: lost[root.path]
        for root in roots
        if root.is_elsewhere and root.path in lost and not _is_as_before(root, before)
    }
    found = await _search(asked, mappings)
    fits = {
        path: PathMapping(asked[path].remote, find.folder)
        for path, find in found.items()
        if find.folder != path
    }
    return [
        replace(root, fits=before[root.path].fits)
        if root.is_elsewhere and _is_as_before(root, before)
        else replace(root, fits=fits.get(root.path))
        for root in roots
    ]


async def _search(asked: Mapping[LocalPath, Lost], mappings: Sequence[PathMapping]) -> dict[LocalPath, Find]:
    """Nearby first, which is quick where a mapping is wrong by a level; then wherever media may be."""
    near = {path: find for path, one in asked.items() if (find := await search_near(one.names, path))}
    rest = {path: one.names for path, one in asked.items() if path not in near}
    if not rest:
        return near
    starts = starting_points([*rest, *(LocalPath(one.local) for one in mappings)])
    return {**near, **await search(rest, starts)}


def _is_as_before(root: RootObservation, before: Mapping[LocalPath, RootObservation]) -> bool:
    known = before.get(root.path)
    return known is not None and (known.with_file, known.contradicted) == (root.with_file, root.contradicted)
