"""Path mappings as the tests write them: remote, local."""

from __future__ import annotations

from trailarrd.domain.paths import (
    LocalPath,
    PathMapping,
    RemotePath,
)

Pairs = list[tuple[str, str]]


def mappings_of(pairs: Pairs) -> list[PathMapping]:
    return [PathMapping(RemotePath(remote), LocalPath(local)) for remote, local in pairs]
