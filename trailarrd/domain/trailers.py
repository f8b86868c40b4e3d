"""Which file in an item's folder is the item's trailer: naming rules as data.

A file counts if Plex, Jellyfin, Emby or Kodi would show it as a trailer of the item itself. What
lies deeper belongs to a season or an episode, and an extra of another kind is no trailer.
`docs/trailers.md` tells users the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

# fmt: off
_VIDEOS: Final = frozenset({
    "3g2", "3gp", "amv", "asf", "asx", "avi", "bivx", "divx", "dv", "dvr-ms", "f4v", "fli",
    "flv", "m2t", "m2ts", "m2v", "m4v", "mk3d", "mkv", "mov", "mp4", "mpe", "mpeg", "mpg",
    "mts", "mxf", "nsv", "nuv", "ogg", "ogm", "ogv", "pva", "qt", "rec", "rm", "rmvb", "svq3",
    "tp", "ts", "ty", "viv", "vob", "vp3", "webm", "wmv", "wtv", "xvid",
})
_DISCS: Final = frozenset({"001", "bin", "ifo", "img", "iso", "nrg"})
_LINKS: Final = frozenset({"strm"})  # a text file with the address of a video
# fmt: on


class Verdict(StrEnum):
    """What became of one file, and by which rule; those that count come first, best first."""

    SUFFIX = "suffix"
    STEM = "stem"
    FOLDER = "folder"
    MAIN_FILE = "main-file"
    HIDDEN = "hidden"
    UNFINISHED = "unfinished"
    NOT_A_VIDEO = "not-a-video"
    EPISODE = "episode"
    SEASON = "season"
    OTHER_FOLDER = "other-folder"
    NOT_NAMED = "not-named"
    NOT_A_FILE = "not-a-file"
    EMPTY = "empty"

    @property
    def counts(self) -> bool:
        """Whether the file is the item's trailer."""
        return self in _COUNTING

    @property
    def sentence(self) -> str:
        """Why, for the user."""
        return _SENTENCES[self]


_COUNTING: Final = frozenset({Verdict.SUFFIX, Verdict.STEM, Verdict.FOLDER})
_RANK: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}
_SENTENCES: Final = {
    Verdict.SUFFIX: "its name ends like a trailer's",
    Verdict.STEM: "its whole name says trailer",
    Verdict.FOLDER: "it lies in a trailers folder",
    Verdict.MAIN_FILE: "it is the item's own video, whatever its name",
    Verdict.HIDDEN: "it is hidden",
    Verdict.UNFINISHED: "it is still being written",
    Verdict.NOT_A_VIDEO: "it is not a video",
    Verdict.EPISODE: "it is named like an episode",
    Verdict.SEASON: "it belongs to a season or an episode",
    Verdict.OTHER_FOLDER: "media servers show no trailers from this folder",
    Verdict.NOT_NAMED: "its name does not end like a trailer's",
    Verdict.NOT_A_FILE: "it is not a regular file",
    Verdict.EMPTY: "it holds nothing",
}


class FileFacts(NamedTuple):
    """What the disk says of a file, links followed."""

    regular: bool
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerRules:
    """How trailers are named. Every name is lower-case here and compared without case."""

    folders: tuple[tuple[str, ...], ...]
    """Folders, from the item's own, in which every video is a trailer."""
    stems: frozenset[str]
    """Names without extension that say it all."""
    suffixes: tuple[str, ...]
    """Ends of the name before the extension; digits may follow."""
    episode_suffix: str
    """The one suffix, without digits, that makes a trailer even of a name with an episode number."""
    extensions: frozenset[str]
    """Videos, without the dot."""
    unfinished: frozenset[str]
    """Extensions of files that something is still writing."""
    episodes: re.Pattern[str]
    """How episodes are named, anywhere in the name."""
    seasons: re.Pattern[str]
    """The whole name of a folder that belongs to a season."""

    def judge(self, path: str, facts: FileFacts | None = None, *, main_file: str | None = None) -> Verdict:
        """Is this file the item's trailer? Never fails, whatever the name.

        `path` and `main_file`, the video that the Arr server reports as the item's own, are
        relative to the item's folder. Without `facts` the name alone is judged.
        """
        *folders, name = path.split("/")
        verdict = self._judge_name(name.lower())
        if verdict.counts or verdict is Verdict.NOT_NAMED:
            verdict = self._judge_place([folder.lower() for folder in folders], verdict)
        if not verdict.counts:
            return verdict
        if main_file is not None and is_same_file(path, main_file):
            return Verdict.MAIN_FILE
        return _judge_facts(facts, verdict) if facts else verdict

    def may_count(self, name: str) -> bool:
        """A cheap first question: no file whose name answers no can be a trailer."""
        return name.rpartition(".")[2].lower() in self.extensions

    def _judge_name(self, name: str) -> Verdict:
        if name.startswith("."):  # AppleDouble's ._ too
            return Verdict.HIDDEN
        stem, dot, extension = name.rpartition(".")
        if not dot or extension not in self.extensions:
            return Verdict.UNFINISHED if dot and extension in self.unfinished else Verdict.NOT_A_VIDEO
        if stem in self.stems:
            return Verdict.STEM
        if not stem.endswith(self.episode_suffix) and self.episodes.search(stem):
            return Verdict.EPISODE
        if stem.rstrip("0123456789").endswith(self.suffixes):
            return Verdict.SUFFIX
        return Verdict.NOT_NAMED

    def _judge_place(self, folders: list[str], verdict: Verdict) -> Verdict:
        """The verdict on a video in these folders below the item, from that on its name alone."""
        if not folders:
            return verdict
        if any(folder.startswith((".", "@")) for folder in folders):  # @eaDir: thumbnails of a NAS
            return Verdict.HIDDEN
        if tuple(folders) in self.folders:
            return Verdict.FOLDER
        if self.seasons.fullmatch(folders[0]):
            inside = self._judge_place(folders[1:], verdict)
            return Verdict.SEASON if inside.counts else inside
        return Verdict.OTHER_FOLDER


STANDARD: Final = TrailerRules(
    folders=(("trailers",), ("extras", "trailers")),
    stems=frozenset({"trailer"}),
    suffixes=("-trailer", ".trailer", "_trailer", " trailer"),
    episode_suffix="-trailer",
    extensions=_VIDEOS | _DISCS | _LINKS,
    unfinished=frozenset({"!qb", "crdownload", "part", "partial", "temp", "tmp", "ytdl"}),
    episodes=re.compile(
        r"(?<![a-z0-9])s[0-9]{1,4}[ ._-]*e[0-9]{1,4}"  # S01E02
        r"|(?<![a-z0-9])[0-9]{1,2}x(?!26[45])[0-9]{2,3}(?![0-9])"  # 1x02, but no x264, no 1920x1080
        r"|(?<![0-9])(?:19|20)[0-9]{2}[ ._-](?:0[1-9]|1[0-2])[ ._-](?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
        r"|(?<![0-9])(?:0[1-9]|[12][0-9]|3[01])[ ._-](?:0[1-9]|1[0-2])[ ._-](?:19|20)[0-9]{2}(?![0-9])"
    ),
    seasons=re.compile(r"(?:season|series|staffel|saison|s)[ ._-]*[0-9]{1,4}|specials"),
)
"""What Plex, Jellyfin, Emby or Kodi would show as a trailer of the item itself."""


def preference(verdict: Verdict, path: str) -> tuple[int, int, str, str, str]:
    """Sorts several trailers, the one to report first.

    Beside the item before in a folder, a suffix before a bare `trailer`, `Trailers` before
    `Extras/Trailers`, then by name without case.
    """
    folder, _, name = path.rpartition("/")
    return _RANK[verdict], path.count("/"), folder, name.lower(), name


def is_same_file(path: str, reported: str) -> bool:
    """Whether a path on this disk is the one that an Arr server reports.

    Generous on purpose, since a film taken for its own trailer would never get one: case, Unicode
    form and the kind of slash do not matter.
    """
    return path == reported or _plain(path) == _plain(reported)


def _plain(path: str) -> str:
    return unicodedata.normalize("NFC", path).lower().replace("\\", "/")


def _judge_facts(facts: FileFacts, verdict: Verdict) -> Verdict:
    if not facts.regular:
        return Verdict.NOT_A_FILE
    return verdict if facts.size > 0 else Verdict.EMPTY
