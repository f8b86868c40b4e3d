"""From close by: what a root folder is, whose, and what may be done there; every file of an item, judged."""

import grp
import os
import pwd
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from trailarrd.disk.mounts import mount_of, mounts
from trailarrd.disk.roots import is_folder, probe
from trailarrd.disk.spelling import spellings, spellings_below
from trailarrd.disk.times import FileSystems
from trailarrd.domain import misnamed
from trailarrd.domain.misnamed import Judged
from trailarrd.domain.paths import LocalPath, parent
from trailarrd.domain.roots import RootState
from trailarrd.domain.text import printable
from trailarrd.domain.trailers import FileFacts, TrailerRules, Verdict, preference

_MOST_FILES: Final = 5000
"""Files that are judged; an item's folder seldom has so many."""
_MOST_DEEP: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a close look at a root folder shows."""

    state: RootState
    kind: str | None = None
    """Of its file system."""
    mount: str | None = None
    """The file system that it lies on, for people: `nfs4 at /mnt/media`."""
    is_mount: bool = False
    """Whether it is a mount point itself."""
    owner: str | None = None
    """Owner, group and mode, for people: `root:media, mode 0750`."""
    writable: bool = False
    read_only: bool = False
    """Whether the file system takes no writes from anybody."""
    nearest: LocalPath | None = None
    """If it is missing: the nearest folder above that exists."""


def inspect(root: LocalPath) -> Inspection:
    """Look at once, however long it takes."""
    state = probe(root)
    if state is RootState.MISSING:
        return Inspection(state=state, nearest=_nearest(root))
    path = next((one for one in spellings(root) if _exists(one)), str(root))
    mount = mount_of(LocalPath(os.path.realpath(path)), mounts())
    return Inspection(
        state=state,
        kind=_kind(path),
        mount=f"{mount.kind} at {mount.point}" if mount else None,
        is_mount=os.path.ismount(path),
        owner=_owner(path),
        writable=_may(path, os.R_OK | os.W_OK | os.X_OK),
        read_only=_is_read_only(path),
    )


def _kind(path: str) -> str | None:
    with suppress(OSError, ValueError):
        return FileSystems(mounts).kind_of(Path(path).stat().st_dev, path)
    return None


def whoami() -> str:
    """This process's user and groups, for people."""
    numbers = dict.fromkeys([os.getegid(), *os.getgroups()])
    return f"user {_user(os.geteuid())}, groups {', '.join(map(_group, numbers))}"


def count_present(folders: Iterable[LocalPath], root: LocalPath) -> int:
    """How many of these folders are there, in any spelling."""
    return sum(any(is_folder(path) for path in spellings_below(folder, root)) for folder in folders)


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _nearest(path: LocalPath) -> LocalPath:
    while (above := parent(path)) != path:
        path = above
        if is_folder(path):
            break
    return path


def _owner(path: str) -> str | None:
    try:
        facts = Path(path).stat()
    except (OSError, ValueError):
        return None
    return f"{_user(facts.st_uid)}:{_group(facts.st_gid)}, mode {stat.S_IMODE(facts.st_mode):04o}"


def _may(path: str, what: int) -> bool:
    try:
        return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)
    except (OSError, ValueError):
        return False


def _is_read_only(path: str) -> bool:
    with suppress(OSError, ValueError):
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    return False


def _user(number: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(number).pw_name
    return str(number)


def _group(number: int) -> str:
    with suppress(KeyError):
        return grp.getgrgid(number).gr_name
    return str(number)


class NearMiss(NamedTuple):
    """A file that looks as if it were meant to count, and does not; relative to the item's folder."""

    path: str
    verdict: Verdict
    better_name: str | None
    """The path by which it would count."""


class Survey(NamedTuple):
    """What is to be told of an item's folder."""

    counting: tuple[Judged, ...] = ()
    """Files that count as its trailer, the one to report first."""
    near: tuple[NearMiss, ...] = ()
    hiding: tuple[str, ...] = ()
    """Videos because of which Jellyfin shows none of those that count."""
    files: tuple[Judged, ...] = ()
    """All of them."""


def survey(folder: LocalPath, root: LocalPath, rules: TrailerRules, main_file: str | None) -> Survey:
    """Look at everything there, however long it takes; what cannot be looked at is passed by."""
    files = judged_files(folder, root, rules, main_file)
    name = folder.rpartition("/")[2]
    counting = [one for one in files if one.verdict.counts]
    counting.sort(key=lambda one: preference(one.verdict, one.path))
    hiding = misnamed.hiding(rules, files, name, main_file)
    return Survey(
        tuple(one._replace(path=printable(one.path)) for one in counting),
        tuple(_near_misses(rules, files, name, main_file)),
        tuple(map(printable, hiding)),
        tuple(files),
    )


def judged_files(
    folder: LocalPath, root: LocalPath, rules: TrailerRules, main_file: str | None
) -> list[Judged]:
    """Every file in an item's folder, relative to it, in whichever spelling it exists."""
    place = next((one for one in spellings_below(folder, root) if os.path.isdir(one)), folder)  # noqa: PTH112  # never raises
    paths = [path for _, path in zip(range(_MOST_FILES), _files(place, ()), strict=False)]
    return [Judged(path, _judge(rules, place, path, main_file)) for path in paths]


def _near_misses(
    rules: TrailerRules, files: Sequence[Judged], folder: str, main_file: str | None
) -> Iterator[NearMiss]:
    taken = {one.path.lower() for one in files}
    for one in sorted(files):
        if rules.is_near(one.path, one.verdict, folder=folder):
            better = misnamed.better_name(rules, one, main_file, taken)
            if better is not None:
                taken.add(better.lower())
            yield NearMiss(printable(one.path), one.verdict, better and printable(better))


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
    if len(at) < _MOST_DEEP:
        for name in folders:
            yield from _files(place, (*at, name))
