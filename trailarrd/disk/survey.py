"""Every file in one item's folder with its verdict: the same rules as a look, and every reason told."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.disk.spelling import spellings_below
from trailarrd.domain.text import printable
from trailarrd.domain.trailers import FileFacts, TrailerRules, Verdict, preference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailarrd.domain.paths import LocalPath

_MOST: Final = 5000
"""Files that are judged; an item's folder seldom has so many."""
_DEPTH: Final = 3


class Judged(NamedTuple):
    """One file, relative to the item's folder."""

    path: str
    verdict: Verdict


class Survey(NamedTuple):
    """What is to be told of an item's folder."""

    counting: tuple[Judged, ...] = ()
    """Files that count as its trailer, the one to report first."""
    near: tuple[Judged, ...] = ()
    """Files that look as if they were meant to, and do not count."""


def survey(folder: LocalPath, root: LocalPath, rules: TrailerRules, main_file: str | None) -> Survey:
    """Look at everything there, however long it takes; what cannot be looked at is passed by."""
    place = next((one for one in spellings_below(folder, root) if os.path.isdir(one)), folder)  # noqa: PTH112  # never raises
    counting, near = [], []
    for _, path in zip(range(_MOST), _files(place, ()), strict=False):
        verdict = _judge(rules, place, path, main_file)
        if verdict.counts:
            counting.append(Judged(path, verdict))
        elif rules.is_near(path, verdict):
            near.append(Judged(printable(path), verdict))
    counting.sort(key=lambda one: preference(one.verdict, one.path))
    return Survey(tuple(one._replace(path=printable(one.path)) for one in counting), tuple(sorted(near)))


def _judge(rules: TrailerRules, place: str, path: str, main_file: str | None) -> Verdict:
    verdict = rules.judge(path, main_file=main_file)
    if not verdict.counts:
        return verdict
    try:
        facts = Path(place, path).stat()
    except (OSError, ValueError):
        return Verdict.NOT_A_FILE
    return rules.judge(path, FileFacts(stat.S_ISREG(facts.st_mode), facts.st_size), main_file=main_file)


def _files(place: str, at: tuple[str, ...]) -> Iterator[str]:
    """Those in a folder, then those in the folders in it."""
    try:
        with os.scandir("/".join((place, *at))) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except (OSError, ValueError):
        return
    folders = [entry.name for entry in listed if entry.is_dir()]
    yield from ("/".join((*at, entry.name)) for entry in listed if entry.name not in folders)
    if len(at) < _DEPTH:
        for name in folders:
            yield from _files(place, (*at, name))
