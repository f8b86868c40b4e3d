"""Which file in an item's folder is the item's trailer: naming rules as data.

By default a file counts if Plex, Jellyfin, Emby or Kodi would show it as a trailer of the item
itself; an extra of another kind is no trailer. A provider whose kind of item goes by other names,
or has parts with trailers of their own, brings its own rules. `docs/trailers.md` tells users.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import takewhile
from typing import Final, NamedTuple, Self

# fmt: off
_VIDEOS: Final = frozenset({
    "3g2", "3gp", "amv", "asf", "asx", "avi", "bivx", "divx", "dv", "dvr-ms", "f4v", "fli",
    "flv", "m2t", "m2ts", "m2v", "m4v", "mk3d", "mkv", "mov", "mp4", "mpe", "mpeg", "mpg",
    "mts", "mxf", "nsv", "nuv", "ogm", "ogv", "pva", "qt", "rec", "rm", "rmvb", "svq3",
    "tp", "ts", "ty", "viv", "vob", "vp3", "webm", "wmv", "wtv", "xvid",
})
_DISCS: Final = frozenset({"001", "bin", "ifo", "img", "iso", "nrg"})
_LINKS: Final = frozenset({"strm"})  # a text file with the address of a video
# fmt: on
_HALVES: Final = re.compile(r"temp|f(?:[0-9]{2,4}(?:-[0-9a-z]+)?|(?:dash|hls|http)-.+)")
_DISC_FOLDERS: Final = frozenset({"bdmv", "video_ts"})


class Verdict(StrEnum):
    """What became of one file, and by which rule; those that count come first, best first."""

    sentence: str
    """Why, for the user."""

    def __new__(cls, value: str, sentence: str) -> Self:
        verdict = str.__new__(cls, value)
        verdict._value_ = value
        verdict.sentence = sentence
        return verdict

    SUFFIX = ("suffix", "its name ends like a trailer's")
    STEM = ("stem", "its whole name says trailer")
    FOLDER = ("folder", "it lies in a trailers folder")
    MAIN_FILE = ("main-file", "it is the item's own video, whatever its name")
    HIDDEN = ("hidden", "it is hidden")
    UNFINISHED = ("unfinished", "it is still being written")
    NOT_A_VIDEO = ("not-a-video", "it is not a video")
    SAMPLE = ("sample", "media servers pass over files of this name, wherever they lie")
    PART = ("part", "it is named like a part of the item, such as an episode")
    PART_FOLDER = ("part-folder", "it belongs to a part of the item, such as a season")
    OTHER_FOLDER = ("other-folder", "media servers show no trailers from this folder")
    NOT_NAMED = ("not-named", "its name does not end like a trailer's")
    NOT_A_FILE = ("not-a-file", "it is not a regular file")
    EMPTY = ("empty", "it holds nothing")

    @property
    def counts(self) -> bool:
        """Whether the file is the item's trailer."""
        return self in _COUNTING


_COUNTING: Final = (Verdict.SUFFIX, Verdict.STEM, Verdict.FOLDER)
_RANK: Final = {verdict: rank for rank, verdict in enumerate(Verdict)}


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

    folders: tuple[tuple[str, ...], ...] = (("trailers",),)
    """Folders in which every video is a trailer, each as its names from the item's own downwards.

    The item's own is the one in which its own video lies.
    """
    stems: frozenset[str] = frozenset({"trailer"})
    """Names without extension that say it all."""
    suffixes: tuple[str, ...] = ("-trailer", ".trailer", "_trailer", "- trailer")
    """Ends of the name before the extension; digits may follow directly."""
    parts: re.Pattern[str] | None = None
    """How files of the item's parts are named, anywhere in the lower-case name: `s01e02` for a series.

    It says why such a file does not count, and makes a trailer of none. None: the item has no parts.
    """
    part_folders: re.Pattern[str] | None = None
    """The whole lower-case name of a folder that belongs to a part: `season 01` for a series."""
    part_suffix: str = "-trailer"
    """Decides nothing any more: every suffix makes a trailer, whatever `parts` says of the name."""
    extensions: frozenset[str] = _VIDEOS | _DISCS | _LINKS
    """Videos, without the dot."""
    unfinished: frozenset[str] = frozenset({"!qb", "crdownload", "part", "partial", "temp", "tmp", "ytdl"})
    """Extensions of files that something is still writing."""
    halves: re.Pattern[str] | None = _HALVES
    """What stands between the last two dots of a video that yt-dlp has yet to put together."""
    samples: frozenset[str] = frozenset({"sample"})
    """Names without extension that count nowhere."""
    own_extensions: frozenset[str] = _VIDEOS | _DISCS | _LINKS
    """Those of the item's own files, without the dot: sound for music."""

    def __post_init__(self) -> None:
        for path in _several("folders", self.folders):
            _check_names("folders", path)
        for field in ("stems", "suffixes", "extensions", "unfinished", "samples", "own_extensions"):
            _check_names(field, getattr(self, field))
        _check_names("part_suffix", (self.part_suffix,))
        for field in ("parts", "part_folders", "halves"):
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
        verdict = self._judge_kind(name)
        if verdict is not None:
            return verdict
        if main_file is not None and is_same_file(path, main_file):
            return Verdict.MAIN_FILE
        if main_file is not None and "/" in main_file:
            within = below(folders, home_of(main_file))
            if within is None:
                return Verdict.OTHER_FOLDER
            folders = within
        stem = name.rpartition(".")[0]
        verdict = self._judge_place(folders, stem) if folders else self._judge_stem(stem)
        return judge_facts(facts, verdict) if facts and verdict.counts else verdict

    def is_near(self, path: str, verdict: Verdict, *, folder: str = "") -> bool:
        """Whether a file that does not count looks as if somebody meant it to: its path has such a word.

        A word that stands in the name of the item's own `folder` is the item's, and says nothing.
        """
        if verdict.counts:
            return False
        words = {*self.stems, *(names[-1] for names in self.folders)}
        words |= {suffix.strip(" -._") for suffix in self.suffixes} - {""}
        names, own = path.lower().split("/"), folder.lower()
        return any(name.count(word) > own.count(word) for word in words for name in names)

    def may_count(self, name: str) -> bool:
        """A cheap first question: no file whose name answers no can be a trailer."""
        return name.rpartition(".")[2].lower() in self.extensions

    def is_half(self, stem: str) -> bool:
        """Whether a lower-case name without extension is that of a video yet to be put together."""
        _, dot, last = stem.rpartition(".")
        return bool(dot and self.halves and self.halves.fullmatch(last))

    def _judge_kind(self, name: str) -> Verdict | None:
        """What is no whole video counts nowhere."""
        if name.startswith("."):  # AppleDouble's ._ too
            return Verdict.HIDDEN
        stem, dot, extension = name.rpartition(".")
        if not dot or extension not in self.extensions:
            return Verdict.UNFINISHED if dot and extension in self.unfinished else Verdict.NOT_A_VIDEO
        if self.is_half(stem):
            return Verdict.UNFINISHED
        return Verdict.SAMPLE if stem in self.samples else None

    def _judge_place(self, folders: list[str], stem: str) -> Verdict:
        """The verdict on a video in these folders below that of the item's own video."""
        if not folders:
            return self._judge_stem(stem)
        if any(folder.startswith((".", "@")) for folder in folders):  # @eaDir: thumbnails of a NAS
            return Verdict.HIDDEN
        if tuple(folders) in self.folders:
            return Verdict.FOLDER
        if self._is_part_folder(folders[0]):
            inside = self._judge_place(folders[1:], stem)
            return Verdict.PART_FOLDER if inside.counts else inside
        return Verdict.OTHER_FOLDER

    def _judge_stem(self, stem: str) -> Verdict:
        """The verdict on a video beside the item's own."""
        if stem in self.stems:
            return Verdict.STEM
        if stem.rstrip("0123456789").endswith(self.suffixes):
            return Verdict.SUFFIX
        return Verdict.PART if self.parts and self.parts.search(stem) else Verdict.NOT_NAMED

    def _is_part_folder(self, name: str) -> bool:
        return self.part_folders is not None and self.part_folders.fullmatch(name) is not None


def home_of(main_file: str | None) -> str:
    """The folder in the item's in which its own video lies, and so its trailers; empty: the item's itself.

    Of a disc (`BDMV/index.bdmv`) it is the folder that holds the disc.
    """
    if main_file is None or "/" not in main_file:
        return ""
    *names, _ = main_file.split("/")
    if not {"", ".", ".."}.isdisjoint(names):
        return ""
    return "/".join(takewhile(lambda name: name.lower() not in _DISC_FOLDERS, names))


def name_at_home(main_file: str) -> str:
    """What the item's own video is called in its `home_of`: a name, or a disc's folder and a name in it."""
    return main_file[len(home_of(main_file)) :].lstrip("/") if "/" in main_file else main_file


def below(names: list[str], home: str) -> list[str] | None:
    """The names of a way in the item's folder from `home` on; None if it does not lead there."""
    if not home:
        return names
    wanted = list(map(plain, home.split("/")))
    depth = len(wanted)
    return names[depth:] if list(map(plain, names[:depth])) == wanted else None


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

    Beside the item before in a folder, a suffix before a bare `trailer`, then by name without case.
    """
    folder, _, name = path.rpartition("/")
    return _RANK[verdict], path.count("/"), folder, name.lower(), name


def is_same_file(path: str, reported: str) -> bool:
    """Whether a path on this disk is the one that an Arr server reports.

    Generous on purpose, since a film taken for its own trailer would never get one: case, Unicode
    form and the kind of slash do not matter.
    """
    return path == reported or plain(path) == plain(reported)


def plain(path: str) -> str:
    """The path as it is compared."""
    return unicodedata.normalize("NFC", path).lower().replace("\\", "/")


def judge_facts(facts: FileFacts, verdict: Verdict) -> Verdict:
    """What the disk says of a file makes of the verdict on its name, if by that it counts."""
    if not facts.regular:
        return Verdict.NOT_A_FILE
    return verdict if facts.size > 0 else Verdict.EMPTY


STANDARD: Final = TrailerRules()
"""What Plex, Jellyfin, Emby or Kodi would show as a trailer of the item itself."""
