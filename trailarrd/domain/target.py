"""A name to put an item's trailer under: one that its own rules count, and as many servers show as can."""

import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Self

from trailarrd.domain.media import Media
from trailarrd.domain.misnamed import Judged, hiding
from trailarrd.domain.paths import LocalPath, path_on_this_host
from trailarrd.domain.trailers import TrailerRules, Verdict, home_of, name_at_home

_LONGEST_NAME: Final = 255
_LONGEST_EXTENSION: Final = 5
_JELLYFIN: Final = "Jellyfin"
_KODI: Final = "Kodi"
_OF_ANY: Final = "movie-trailer"
"""What Kodi, too, takes for the trailer of whatever lies beside it."""
_FORBIDDEN: Final = dict.fromkeys(map(ord, '<>:"/\\|?*'), " ")
_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(10))}
)


class NoTarget(StrEnum):
    """Why there is no such name."""

    sentence: str
    """The same for people."""

    def __new__(cls, value: str, sentence: str) -> Self:
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.sentence = sentence
        return reason

    NO_FILE = ("no-file", "its server has no file of it yet, so a trailer would pass for the item itself")
    NO_LOCAL_PATH = ("no-local-path", "its folder means nothing on this host: no path mapping fits")
    CONTRADICTED = ("contradicted", "its folder does not show the file that its server has")
    NO_NAME = ("no-name", "there is no name under which it would count as a trailer")


class Target(NamedTuple):
    """Where a trailer belongs: `inside` is the way from the item's own folder, such as `Trailers`."""

    folder: LocalPath
    """The item's."""
    inside: str
    stem: str
    """Its name without extension."""
    not_shown_by: tuple[str, ...] = ()
    """Servers that show local trailers of that kind of item, and none that lies there."""

    @property
    def path(self) -> LocalPath:
        """All of it, without extension."""
        names = [self.folder.rstrip("/"), *([self.inside] if self.inside else []), self.stem]
        return LocalPath("/".join(names))


def target_of(
    media: Media,
    folder: LocalPath | None,
    rules: TrailerRules,
    *,
    contradicted: bool = False,
    files: Sequence[Judged] = (),
) -> Target | NoTarget:
    """Where a trailer of the item in this `folder` belongs, or why nowhere.

    Beside the item's own video, where every server looks. In a folder for trailers if the item is
    no single video, or if another one, of the `files` that lie there, hides from Jellyfin what lies
    beside.
    """
    if folder is None:
        return NoTarget.NO_LOCAL_PATH
    if media.has_file is False:
        return NoTarget.NO_FILE
    if contradicted:
        return NoTarget.CONTRADICTED
    main_file = media.main_file and path_on_this_host(media.main_file, media.path)
    best: Target | NoTarget = NoTarget.NO_NAME
    for inside, stem in _names(media, main_file, rules):
        path = f"{inside}/{stem}.mp4" if inside else f"{stem}.mp4"
        fits = len(os.fsencode(stem)) + _LONGEST_EXTENSION <= _LONGEST_NAME
        if fits and (verdict := rules.judge(path, main_file=main_file)).counts:
            blind = tuple(_blind(Judged(path, verdict), folder, main_file, rules, files))
            one = Target(folder, inside, stem, blind)
            if _JELLYFIN not in blind:
                return one
            best = best if isinstance(best, Target) else one
    return best


def _names(media: Media, main_file: str | None, rules: TrailerRules) -> Iterator[tuple[str, str]]:
    """Folder and name: beside the item's own video where there is one, then in a folder for trailers."""
    home = home_of(main_file)
    if main_file and rules.suffixes:
        name = name_at_home(main_file)
        suffix = "-trailer" if "-trailer" in rules.suffixes else rules.suffixes[0]
        if "/" not in name:  # else it is a disc
            yield home, (name.rpartition(".")[0] or name) + suffix
        if suffix in _OF_ANY:  # where the name is too long
            yield home, _OF_ANY
    name = _plain(media.title)
    named = f"{name} ({media.year})" if media.year else name
    for folders in rules.folders:
        inside = "/".join((*([home] if home else []), *(one.title() for one in folders)))
        yield inside, named
        yield inside, "Trailer"


def _blind(
    trailer: Judged, folder: LocalPath, main_file: str | None, rules: TrailerRules, files: Sequence[Judged]
) -> Iterator[str]:
    """The servers that would not show it, of those that show local trailers of such items."""
    others = [one for one in files if not one.verdict.counts]
    name = folder.rpartition("/")[2]
    is_dvd = main_file is not None and "video_ts/" in main_file.lower()
    if is_dvd or (others and hiding(rules, [*others, trailer], name, main_file)):
        yield _JELLYFIN
    if trailer.verdict is Verdict.FOLDER and rules.suffixes and not rules.parts:
        yield _KODI  # which shows none of shows, and of films those beside


def _plain(title: str) -> str:
    """The title as a name that every file system and every share takes."""
    name = title.translate(_FORBIDDEN)
    if not name.isprintable():
        name = "".join(char if char.isprintable() else " " for char in name)
    name = " ".join(name.split()).strip(" .")
    return "Trailer" if not name or name.lower().partition(".")[0] in _DEVICES else name
