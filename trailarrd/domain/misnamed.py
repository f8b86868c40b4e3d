"""Videos that people mean as a trailer and no media server shows, and those that hide one in Jellyfin."""

import re
from collections.abc import Collection, Sequence
from itertools import chain, count
from typing import Final, NamedTuple

from trailarrd.domain.trailers import TrailerRules, Verdict, below, home_of

EXTRAS: Final = frozenset(
    {
        *("backdrops", "behind the scenes", "clips", "deleted scenes", "extras", "featurettes", "interviews"),
        *("other", "samples", "scenes", "shorts", "theme-music", "trailers"),
    }
)
"""Folders whose videos Jellyfin takes for a movie's extras."""
_EXTRA: Final = re.compile(
    r".*-(?:behindthescenes|clip|deleted|deletedscene|extra|featurette|interview|other|scene|short)"
    r"|.*[-._ ]sample|theme"
)
"""Names without extension of extras beside a movie."""
_DISC: Final = re.compile(r"(?:bdmv|video_ts|(?:cd|dis[ck]|dvd|part|pt)[ ._-]*[0-9a-d])")
_YEAR: Final = re.compile(r"[ ._]*[(\[{]?(?:19|20)[0-9]{2}[)\]}]?")
_VERSION: Final = re.compile(
    r"$|[-._(\[{]"
    r"|(?:cd|dis[ck]|dvd|part|pt)[ ._-]*[0-9a-d]\b"
    r"|(?:[0-9]{3,4}[ip]|[48]k|3d|uhd|hdr|hdtv|sdtv|web|blu-?ray|remux|br|bd|dvd|x26[45]|h\.?26[45]|hevc|av1"
    r"|extended|unrated|uncut|theatrical|imax|final|director|proper|repack)"
)
"""How a name goes on, after the movie's, of another version or part of it."""


class Judged(NamedTuple):
    """One file, relative to the item's folder."""

    path: str
    verdict: Verdict


def better_name(
    rules: TrailerRules, file: Judged, main_file: str | None, taken: Collection[str]
) -> str | None:
    """Which path would make the item's trailer of a video that does not count; None if there is none.

    The one that most media servers see: `-trailer` after the name of the item's own video, else in a
    `Trailers` folder; never one of those, compared without case, that are `taken`.
    """
    path, verdict = file
    if verdict not in (Verdict.NOT_NAMED, Verdict.OTHER_FOLDER):
        return None
    if rules.part_folders and rules.part_folders.fullmatch(path.lower().partition("/")[0]):
        return None
    stem, _, extension = path.rpartition("/")[2].rpartition(".")
    home = home_of(main_file)
    if main_file is not None and rules.suffixes:
        own = main_file[len(home) :].lstrip("/")
        name = "disc" if "/" in own else own.rpartition(".")[0]
        start = f"{name}{rules.suffixes[0]}"
    elif rules.folders:
        start = f"{'/'.join(rules.folders[0]).title()}/{stem}"
    else:
        return None
    numbered = (f"{home}/{start}{number or ''}.{extension}".lstrip("/") for number in chain([0], count(2)))
    return next(name for name in numbered if name.lower() not in taken)


def hiding(rules: TrailerRules, files: Sequence[Judged], folder: str, main_file: str | None) -> list[str]:
    """The videos because of which Jellyfin shows none of the trailers in a movie's `folder`, if it is so.

    One beside the movie that is neither its trailer nor another extra, version or part is a second
    movie for it, and then nothing in the folder is an extra of the first. One in another folder hides
    what lies beside the movie, but not what lies in `Trailers`.
    """
    counting = [one for one in files if one.verdict.counts]
    if main_file is None or not rules.suffixes or not counting:
        return []
    own = _OwnVideo(folder, main_file)
    beside = [one.path for one in files if one.verdict in _STRAY and own.is_stray_beside(one.path)]
    if beside:
        return beside
    if any(one.verdict is Verdict.FOLDER for one in counting):
        return []
    return [one.path for one in files if one.verdict in _STRAY and own.is_in_other_folder(one.path)]


_STRAY: Final = (Verdict.NOT_NAMED, Verdict.PART, Verdict.OTHER_FOLDER)


class _OwnVideo:
    """A movie by its names."""

    def __init__(self, folder: str, main_file: str) -> None:
        self._home = home_of(main_file)
        names = (self._home.rpartition("/")[2] or folder, main_file.rpartition("/")[2].rpartition(".")[0])
        lower = [name.lower() for name in names]
        shorter = [name[: year.start()] for name in lower if (year := _YEAR.search(name))]
        self._names = sorted({*lower, *shorter} - {""}, key=len, reverse=True)

    def is_stray_beside(self, path: str) -> bool:
        """Whether it lies beside the movie and is another one, as far as its name says."""
        names = below(path.lower().split("/"), self._home)
        if names is None or len(names) > 1:
            return False
        stem = names[0].rpartition(".")[0]
        if _EXTRA.fullmatch(stem):
            return False
        name = next(filter(stem.startswith, self._names), None)
        return name is None or not _VERSION.match(_go_on(stem[len(name) :]))

    def is_in_other_folder(self, path: str) -> bool:
        names = below(path.lower().split("/"), self._home)
        if names is None or len(names) == 1:
            return False
        return names[0] not in EXTRAS and not _DISC.fullmatch(names[0])


def _go_on(rest: str) -> str:
    """How a name goes on after the movie's, and after its year if that follows."""
    year = _YEAR.match(rest)
    return rest[year.end() if year else 0 :].strip()
