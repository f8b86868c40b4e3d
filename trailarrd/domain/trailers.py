"""Which file in an item's folder is the item's trailer: naming rules as data.

By default a file counts if Plex, Jellyfin, Emby or Kodi would show it as a trailer of the item
itself; an extra of another kind is no trailer. A provider whose kind of item goes by other names,
or has parts with trailers of their own, brings its own rules. `docs/trailers.md` tells users.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
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
    PART = "part"
    PART_FOLDER = "part-folder"
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
        return _SENTENCES[self]


_COUNTING: Final = (Verdict.SUFFIX, Verdict.STEM, Verdict.FOLDER)
_RANK: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}
_SENTENCES: Final = {
    Verdict.SUFFIX: "its name ends like a trailer's",
    Verdict.STEM: "its whole name says trailer",
    Verdict.FOLDER: "it lies in a trailers folder",
    Verdict.MAIN_FILE: "it is the item's own video, whatever its name",
    Verdict.HIDDEN: "it is hidden",
    Verdict.UNFINISHED: "it is still being written",
    Verdict.NOT_A_VIDEO: "it is not a video",
    Verdict.PART: "it is named like a part of the item, such as an episode",
    Verdict.PART_FOLDER: "it belongs to a part of the item, such as a season",
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
    """How the trailers of one kind of item are named: what is not set is as for any kind.

    Names are lower-case here and compared without case. `TrailerRules()` is what the media servers
    would show as a trailer of an item without parts::

        TrailerRules(suffixes=(), stems=frozenset(), folders=(("trailers",), ("music videos",)))

    Building one raises `ValueError` or `TypeError` naming the field that could never fit a name, or
    would fit every name.
    """

    folders: tuple[tuple[str, ...], ...] = (("trailers",), ("extras", "trailers"))
    """Folders, each as its names from the item's own downwards, in which every video is a trailer."""
    stems: frozenset[str] = frozenset({"trailer"})
    """Names without extension that say it all."""
    suffixes: tuple[str, ...] = ("-trailer", ".trailer", "_trailer", " trailer")
    """Ends of the name before the extension; digits may follow."""
    parts: re.Pattern[str] | None = None
    """How files of the item's parts are named, anywhere in the lower-case name: `s01e02` for a series.

    A part's trailer is not the item's. None: the item has no parts.
    """
    part_folders: re.Pattern[str] | None = None
    """The whole lower-case name of a folder that belongs to a part: `season 01` for a series."""
    part_suffix: str = "-trailer"
    """The one suffix, without digits, that makes a trailer even of a name that `parts` fits."""
    extensions: frozenset[str] = _VIDEOS | _DISCS | _LINKS
    """Videos, without the dot."""
    unfinished: frozenset[str] = frozenset({"!qb", "crdownload", "part", "partial", "temp", "tmp", "ytdl"})
    """Extensions of files that something is still writing."""

    def __post_init__(self) -> None:
        for path in _several("folders", self.folders):
            _check_names("folders", path)
        for field in ("stems", "suffixes", "extensions", "unfinished"):
            _check_names(field, getattr(self, field))
        _check_names("part_suffix", (self.part_suffix,))
        for field in ("parts", "part_folders"):
            if not isinstance(getattr(self, field), re.Pattern | None):
                raise TypeError(f"{field} is not a compiled pattern: write re.compile(...)")

    @property
    def mark(self) -> bytes:
        """8 bytes that are others for other rules."""
        return hashlib.blake2b(self.canonical.encode(), digest_size=8).digest()

    @property
    def canonical(self) -> str:
        """The same text for the same rules, in every process: what was judged by others is told by it."""
        return repr([(field.name, _ordered(getattr(self, field.name))) for field in fields(self)])

    def judge(self, path: str, facts: FileFacts | None = None, *, main_file: str | None = None) -> Verdict:
        """Is this file the item's trailer? Never fails, whatever the name.

        `path` and `main_file`, the video that the Arr server reports as the item's own, are
        relative to the item's folder. Without `facts` the name alone is judged.
        """
        *folders, name = path.lower().split("/")
        verdict = self._judge_name(name)
        if folders and (verdict in _COUNTING or verdict is Verdict.NOT_NAMED):
            verdict = self._judge_place(folders, verdict)
        if verdict not in _COUNTING:
            return verdict
        if main_file is not None and is_same_file(path, main_file):
            return Verdict.MAIN_FILE
        return judge_facts(facts, verdict) if facts else verdict

    def is_near(self, path: str, verdict: Verdict) -> bool:
        """Whether a file that does not count looks as if somebody meant it to: its path has such a word."""
        if verdict.counts:
            return False
        words = {*self.stems, *(names[-1] for names in self.folders)}
        words |= {suffix.strip(" -._") for suffix in self.suffixes}
        return any(word in path.lower() for word in words if word)

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
        if self.parts and not stem.endswith(self.part_suffix) and self.parts.search(stem):
            return Verdict.PART
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
        if self.part_folders and self.part_folders.fullmatch(folders[0]):
            inside = self._judge_place(folders[1:], verdict)
            return Verdict.PART_FOLDER if inside.counts else inside
        return Verdict.OTHER_FOLDER


def _several(field: str, values: object) -> Iterable[object]:
    """A string is iterable too, and a mistake that would make rules out of its letters."""
    if not isinstance(values, tuple | frozenset):
        raise TypeError(f"{field} is or holds {values!r}, not a tuple or frozenset")
    return values


def _check_names(field: str, names: object) -> None:
    if not names:
        if field == "folders":
            raise ValueError("folders holds an empty path: every video of the item would be a trailer")
        return
    for name in _several(field, names):
        if not isinstance(name, str):
            raise TypeError(f"{field} holds {name!r}, which is no string")
        if not name or name != name.lower() or "/" in name:
            raise ValueError(f"{field} holds {name!r}, which is no lower-case name")


def _ordered(value: object) -> object:
    match value:
        case frozenset():
            return sorted(value)
        case re.Pattern():
            return value.pattern, value.flags
    return value


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


def judge_facts(facts: FileFacts, verdict: Verdict) -> Verdict:
    """What the disk says of a file makes of the verdict on its name, if by that it counts."""
    if not facts.regular:
        return Verdict.NOT_A_FILE
    return verdict if facts.size > 0 else Verdict.EMPTY


STANDARD: Final = TrailerRules()
"""What Plex, Jellyfin, Emby or Kodi would show as a trailer of the item itself."""
