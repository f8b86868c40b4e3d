"""One look at one item's folder: listed, never opened, and every doubt noted."""

from __future__ import annotations

import errno
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from trailarrd.disk.former import find_former
from trailarrd.disk.roots import Scandir, probe
from trailarrd.disk.spelling import encodable, spellings_below
from trailarrd.disk.witness import is_there, lies_in, shows_any
from trailarrd.domain.keys import file_hash
from trailarrd.domain.known import NO_SIGNATURE
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath, is_below, parent
from trailarrd.domain.plan import Observation
from trailarrd.domain.roots import RootState
from trailarrd.domain.text import printable
from trailarrd.domain.trailers import (
    FileFacts,
    Verdict,
    below,
    home_of,
    judge_facts,
    name_at_home,
    plain,
    preference,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from trailarrd.disk.signature import Signatures

_LEADS_NOWHERE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""What a link answers that points at nothing or at itself: certain, unlike an error of the disk."""


class LookRequest(msgspec.Struct, gc=False):
    """One item's folder that shall be looked at."""

    folder: LocalPath
    main_file: str | None
    """The item's own video, relative to the folder."""
    root: LocalPath
    """The root folder that must be there for the folder to be trusted."""
    signature: bytes = b""
    """How it was when it was last listed, if that still counts."""
    trailer_hash: int = 0
    """`file_hash` of the file that was the trailer."""
    due: bool = False
    """Whether it is listed whatever its signature says."""
    has_file: bool = False
    """Whether the server says that it has the item's own file, so that it can be asked for."""


class _Listing(NamedTuple):
    at: str
    """How paths in it begin: empty for the item's own folder, else `Trailers/`."""
    entries: list[os.DirEntry[str]]


def look(request: LookRequest, signatures: Signatures, scandir: Scandir) -> Observation | None:
    """Look at a folder; None if it is as its signature says. Trouble of the disk never raises."""
    if request.signature and not request.due and not signatures.times.never:
        main_file = request.main_file
        within = main_file is not None and "/" in main_file
        home = _home(request) if within else request.folder
        try:
            if signatures.still_fits(request.signature, home) and not (within and _is_lost_apart(request)):
                return None
        except FileNotFoundError:
            # A server says é as one letter, a share may keep it as two.
            if _is_so_in_another_spelling(request, home, signatures) and not _is_lost_apart(request):
                return None
        except (OSError, ValueError):  # for the listing to tell
            pass
    one = _Look(request, signatures, scandir)
    seen = one.run()
    if request.due and one.settled and _was_hidden(request, seen, signatures):
        signatures.times.note_lie(request.folder)
    return seen


def _was_hidden(request: LookRequest, seen: Observation, signatures: Signatures) -> bool:
    """Whether the folder's times stand still although its trailer is another one than before.

    That is asked after the listing, too: a trailer that came in between moved them. Not to be asked of a
    look that hangs on more than the folder.
    """
    if not (request.signature and seen.tells) or file_hash(seen.file) == request.trailer_hash:
        return False
    with suppress(OSError, ValueError):
        return signatures.still_fits(request.signature, _home(request))
    return False


def _home(request: LookRequest) -> LocalPath:
    """Where the item's own video lies, and so its trailers; most often the item's folder."""
    return LocalPath(f"{request.folder}/{home_of(request.main_file)}".rstrip("/"))


def _is_lost_apart(request: LookRequest) -> bool:
    """Whether the item's own file is gone from a folder that no signature stands for, such as a disc's."""
    if not request.has_file or request.main_file is None or "/" not in name_at_home(request.main_file):
        return False
    places = spellings_below(LocalPath(f"{request.folder}/{request.main_file}"), request.root)
    return not any(is_there(place) for place in places)


def _is_so_in_another_spelling(request: LookRequest, home: LocalPath, signatures: Signatures) -> bool:
    for spelling in spellings_below(home, request.root):
        if spelling == home:
            continue
        try:
            return signatures.still_fits(request.signature, spelling)
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return False
    return False


class _Look:
    """One look; at most a listing of the folder and one of each trailers folder in it."""

    _certain = True
    """Whether nothing was in the way that may hide a trailer."""
    settled = True
    """Whether what is seen can only change together with a folder that was listed."""

    def __init__(self, request: LookRequest, signatures: Signatures, scandir: Scandir) -> None:
        self._request = request
        self._signatures = signatures
        self._scandir = scandir
        self._folder = request.folder
        self._notes: list[str] = []
        main_file = request.main_file
        self._home = "" if main_file is None or "/" not in main_file else home_of(main_file)
        self._facts: list[tuple[str, os.stat_result]] = []
        """Of each folder that was listed, from that of the item's own video on."""

    def run(self) -> Observation:
        if self._folder.rstrip("/") == self._request.root.rstrip("/"):
            self._doubt("", "it is the root folder itself, which holds other items' files too")
            return self._observed(TrailerState.UNKNOWN)
        try:
            entries = self._open()
            if entries is None:
                return self._vanished()
        except (OSError, ValueError) as error:
            self._doubt("", _reason(error))
            return self._observed(TrailerState.UNKNOWN)
        top = _Listing("", entries)
        home = self._enter(top, self._home) if self._home else top
        own = self._shows_own(home) if self._request.has_file else None
        file = self._find(home) if home else None
        if file is not None:
            return self._observed(TrailerState.PRESENT, self._storable(file), own_file=own)
        before = self._request.trailer_hash != 0 and self._counted_before(top)
        trailer = TrailerState.ABSENT if self._certain else TrailerState.UNKNOWN
        return self._observed(trailer, counted_before=before, own_file=own)

    def _shows_own(self, home: _Listing | None) -> bool | None:
        """Whether the item's own file is there, links not followed; None if it cannot be told."""
        main_file = self._request.main_file
        if main_file is None:
            return home is not None and shows_any(home.entries, self._signatures.rules)
        name = name_at_home(main_file) if self._home else main_file
        beside = home is not None and name in [entry.name for entry in home.entries]
        return beside or lies_in(self._folder, main_file)

    def _open(self) -> list[os.DirEntry[str]] | None:
        """The folder's entries, in whichever spelling it exists; None if it does in none."""
        for spelling in spellings_below(self._request.folder, self._request.root):
            try:
                entries = self._entries(spelling, "")
            except FileNotFoundError:
                continue
            self._folder = spelling
            return entries
        return None

    def _entries(self, path: str, at: str) -> list[os.DirEntry[str]]:
        """What is in a folder, and before that, how it is."""
        times = self._signatures.times
        facts = None if times.never else self._signatures.stat(path)
        with self._scandir(path) as entries:
            listed = list(entries)
        if facts is None or (facts.st_dev not in times.trusted and not times.are_trusted(path, facts)):
            self.settled = False
        elif not self._home:
            self._facts.append((at, facts))
        elif (inside := below(at.split("/"), self._home)) is not None:
            self._facts.append(("/".join(inside), facts))
        return listed

    def _enter(self, top: _Listing, home: str) -> _Listing | None:
        """The folder with the item's own video; None if it is not there."""
        here: _Listing | None = top
        for name in home.split("/"):
            if here is None:
                break
            alike = (entry for entry in here.entries if plain(entry.name) == plain(name))
            best = min(alike, key=lambda entry: (entry.name != name, entry.name), default=None)
            here = self._list(here.at + best.name, best) if best else None
        return here

    def _counted_before(self, top: _Listing) -> bool:
        """Whether what was the trailer lies there, so that only by its name it is none any more."""
        found = find_former(self._request.trailer_hash, top.entries, self._scandir, self._stumble)
        if found is None:
            return False
        path, entry = found
        self.settled = False  # it may lie in a folder for which no signature stands
        verdict = self._signatures.rules.judge(path, main_file=self._request.main_file)
        if verdict.counts or verdict is Verdict.MAIN_FILE:
            return False
        return self._is_real(Verdict.FOLDER, path, entry)

    def _vanished(self) -> Observation:
        """No such folder: taken for true, unless something on the way to it looks like a lost mount."""
        here = self._request.folder
        while True:
            if any(Path(path).is_symlink() for path in spellings_below(here, self._request.root)):
                return self._not_trusted(here, "it is a link to something that is not there")
            here = parent(here)
            if here == self._request.root or not is_below(here, self._request.root):
                return self._nowhere()
            state = probe(here, self._scandir)
            if state is RootState.OK:
                return self._nowhere()
            if state is not RootState.MISSING:
                return self._not_trusted(here, state.sentence)

    def _nowhere(self) -> Observation:
        own = False if self._request.has_file else None
        return self._observed(TrailerState.ABSENT, vanished=True, own_file=own)

    def _not_trusted(self, path: str, reason: str) -> Observation:
        self._notes.append(f"{printable(path)}: {reason}")
        return self._observed(TrailerState.UNKNOWN)

    def _find(self, home: _Listing) -> str | None:
        """The trailer by the rules' order: beside the item's own video, then folder by folder."""
        file = self._pick(home)
        if file is not None or self._signatures.entrances.isdisjoint([e.name.lower() for e in home.entries]):
            return file
        listings = (
            listing for folders in self._signatures.rules.folders for listing in self._descend(home, folders)
        )
        return next(filter(None, map(self._pick, listings)), None)

    def _pick(self, listing: _Listing) -> str | None:
        """The best trailer in one listing; only files with a fitting name are asked for more."""
        at, main_file, rules = listing.at, self._request.main_file, self._signatures.rules
        fitting = [
            (verdict, path, entry)
            for entry in listing.entries
            if (path := at + entry.name) != main_file
            and rules.may_count(entry.name)
            and (verdict := rules.judge(path, main_file=main_file)).counts
        ]
        if not fitting:
            return None
        fitting.sort(key=lambda one: preference(one[0], one[1]))
        return next((path for verdict, path, entry in fitting if self._is_real(verdict, path, entry)), None)

    def _is_real(self, verdict: Verdict, path: str, entry: os.DirEntry[str]) -> bool:
        try:
            self.settled &= not entry.is_symlink()
            facts = entry.stat()
        except OSError as error:
            self._stumble(path, error)
            return False
        verdict = judge_facts(FileFacts(stat.S_ISREG(facts.st_mode), facts.st_size), verdict)
        if not verdict.counts:
            self.settled = False
            self._note(path, verdict.sentence)
        return verdict.counts

    def _descend(self, listing: _Listing, folders: tuple[str, ...]) -> Iterator[_Listing]:
        """The listings of every folder so named below this one, in name order."""
        if not folders:
            yield listing
            return
        named = (entry for entry in listing.entries if entry.name.lower() == folders[0])
        for entry in sorted(named, key=lambda entry: entry.name):
            below = self._list(listing.at + entry.name, entry)
            if below is not None:
                yield from self._descend(below, folders[1:])

    def _list(self, path: str, entry: os.DirEntry[str]) -> _Listing | None:
        try:
            self.settled &= not entry.is_symlink()
            if not entry.is_dir():
                return None
            return _Listing(f"{path}/", self._entries(entry.path, path))
        except OSError as error:
            self._stumble(path, error)
            return None

    def _storable(self, file: str) -> str:
        text = encodable(file)
        if text != file:
            self._note(file, "its name is not UTF-8; it is stored with replacement characters")
        return text

    def _stumble(self, path: str, error: OSError) -> None:
        """Something in the folder cannot be looked at: it may be the trailer, or surely is nothing."""
        self.settled = False
        if error.errno in _LEADS_NOWHERE:
            self._note(path, _reason(error))
        else:
            self._doubt(path, _reason(error))

    def _doubt(self, path: str, reason: str) -> None:
        self._certain = False
        self._note(path, reason)

    def _note(self, path: str, reason: str) -> None:
        where = f"{self._folder}/{path}" if path else self._folder
        self._notes.append(f"{printable(where)}: {reason}")

    def _observed(
        self,
        trailer: TrailerState,
        file: str | None = None,
        *,
        vanished: bool = False,
        counted_before: bool = False,
        own_file: bool | None = None,
    ) -> Observation:
        settled = self.settled and bool(self._facts) and own_file is not False
        doubtful = vanished or trailer is TrailerState.UNKNOWN or not settled
        signature = NO_SIGNATURE if doubtful else self._signatures.of(self._facts)
        return Observation(trailer, file, signature, tuple(self._notes), vanished, counted_before, own_file)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "no file can have such a name" if isinstance(error, ValueError) else "it cannot be read"
