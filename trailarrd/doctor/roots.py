"""A connection's root folders on this host: there, readable, and really the library's."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import Final, NamedTuple, TypeVar

from trailarrd.concurrency import in_thread
from trailarrd.config.annotated import path_mappings
from trailarrd.config.download import DownloadSettings
from trailarrd.disk.inspection import Inspection, count_present, inspect, whoami
from trailarrd.disk.roots import is_folder
from trailarrd.disk.search import Find, search
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code
from trailarrd.domain.paths import LocalPath, PathMapper, PathMapping, RemotePath, is_below, names_below
from trailarrd.domain.roots import RootObservation, RootState
from trailarrd.domain.times import AUTO, TimesPolicy

T = TypeVar("T")

_CODES: Final = {
    RootState.MISSING: Code.ROOT_MISSING,
    RootState.EMPTY: Code.ROOT_EMPTY,
    RootState.NOT_A_DIRECTORY: Code.ROOT_NOT_A_DIRECTORY,
    RootState.UNREADABLE: Code.ROOT_UNREADABLE,
    RootState.TIMED_OUT: Code.ROOT_TIMED_OUT,
}
_TOO_FEW: Final = 3
"""Items that say nothing about a folder that lacks all of them: their folders may not be made yet."""
_SAMPLE: Final = 100
"""Items of one root that are looked for."""
_TIMED_OUT: Final = Inspection(state=RootState.TIMED_OUT)


class Library(NamedTuple):
    """As much of a server's library as a doctor needs."""

    roots: Sequence[RemotePath]
    folders: Sequence[RemotePath]
    """The folders of some of its items."""


class RootCase(NamedTuple):
    local: LocalPath | None
    """None if there is no telling."""
    remote: RemotePath | None = None
    """None where the server was not asked."""
    folders: Sequence[LocalPath] = ()
    """Items' folders in it, as they are called here."""
    names: frozenset[str] = frozenset()
    """What the server calls the folders directly in it."""

    @property
    def told(self) -> str:
        remote, local = str(self.remote or self.local), str(self.local or "nothing here")
        return local if remote == local else f"{remote} → {local}"


def cases_of(library: Library, mapper: PathMapper) -> list[RootCase]:
    """The server's root folders, each with some of the items that lie deepest in it."""
    inside: dict[RemotePath, list[RemotePath]] = {root: [] for root in library.roots}
    for folder in library.folders:
        above = [root for root in inside if names_below(folder, root)]
        if above:
            inside[max(above, key=len)].append(folder)
    return [_case(root, _spread(folders), mapper) for root, folders in inside.items()]


def mended(mappings: Sequence[PathMapping], new: Sequence[PathMapping]) -> list[PathMapping]:
    """The mappings as they should be: those by which the roots of the new ones are mapped make room."""
    mapper = PathMapper(mappings)
    wrong = {mapper.mapping_of(one.remote) for one in new}
    kept = [mapping for mapping in mappings if mapping not in wrong]
    return [*kept, *(one for one in new if str(one.remote) != one.local)]


def files_elsewhere(
    area: str, roots: Sequence[RootObservation], mappings: Sequence[PathMapping]
) -> list[Finding]:
    """What the last refresh found of items' own files that their folders do not show."""
    found = []
    for root in roots:
        if root.is_elsewhere:
            paste = path_mappings(mended(mappings, [root.fits])) if root.fits else None
            fact = f"{root.path}, at the last refresh: {root.contradiction}"
            found.append(Finding.of(Code.FILES_ELSEWHERE, area, fact, paste))
        elif root.contradicted:
            fact = f"{root.path}, at the last refresh: {root.contradicted} of {root.with_file} items' folders"
            found.append(Finding.of(Code.FILES_MISSING, area, fact))
    return found


def cases_known(roots: Sequence[LocalPath], folders: Sequence[LocalPath]) -> list[RootCase]:
    """The same from what earlier refreshes saw, without the server."""
    return [
        RootCase(root, folders=_spread([one for one in folders if one != root and is_below(one, root)]))
        for root in roots
    ]


def _case(root: RemotePath, folders: Sequence[RemotePath], mapper: PathMapper) -> RootCase:
    names = frozenset(below[0] for folder in folders if (below := names_below(folder, root)))
    here = [local for folder in folders if (local := mapper.to_local(folder))]
    return RootCase(mapper.to_local(root), root, here, names)


def _spread(things: Sequence[T]) -> Sequence[T]:
    step = max(1, len(things) // _SAMPLE)
    return things[::step][:_SAMPLE]


@dataclass
class RootExamination:
    """Looks at the root folders of one connection."""

    area: str
    cases: Sequence[RootCase]
    mappings: Sequence[PathMapping]
    _: KW_ONLY
    deadline: float
    times: TimesPolicy = AUTO
    caught: Collection[LocalPath] = ()
    """Root folders whose folders' times were caught lying."""
    starts: Sequence[LocalPath]
    """Where the library is looked for, if a root folder is not it."""
    download: DownloadSettings | None = None
    """Whether trailers shall be placed there."""
    proposed: Sequence[PathMapping] = field(default=(), init=False)
    """The mappings as they should be, if the library was found under other paths."""
    _lost: list[RootCase] = field(default_factory=list, init=False)

    async def findings(self) -> AsyncIterator[Finding]:
        """Each root folder, then where the lost ones may be."""
        for case in self.cases:
            for finding in await self._examine(case):
                yield finding
        for mapping in self.mappings:
            if self._is_unused(mapping):
                yield self._finding(Code.MAPPING_UNUSED, f"{mapping.remote} is mapped to {mapping.local}")
            elif longer := self._hiding(mapping):
                fact = f"{mapping.remote} is mapped to {mapping.local}, but {longer} comes first"
                yield self._finding(Code.MAPPING_HIDDEN, fact)
        if found := await self._search():
            yield self._propose(found)

    async def _examine(self, case: RootCase) -> list[Finding]:
        if case.local is None:
            self._lost.append(case)
            return [self._finding(Code.ROOT_UNMAPPED, f"{case.remote} means nothing on this host")]
        look = await self._in_time(partial(inspect, case.local), _TIMED_OUT)
        if code := _CODES.get(look.state):
            self._lost.append(case)
            return [self._finding(code, f"{case.told}: {_trouble(look)}")]
        return [
            *self._rights(case, look),
            *await self._place(case),
            *self._times(case.local, look),
            *await self._compare(case, case.local),
        ]

    def _rights(self, case: RootCase, look: Inspection) -> list[Finding]:
        mounted = f"{'a mount point,' if look.is_mount else 'on'} {look.mount or 'this host'}"
        found = [self._finding(Code.ROOT_OK, f"{case.told}: {mounted}")]
        if not look.writable:
            why = "the file system is read-only" if look.read_only else f"{look.owner}; {whoami()}"
            found.append(self._finding(Code.ROOT_NOT_WRITABLE, f"{case.local}: {why}"))
        return found

    async def _place(self, case: RootCase) -> list[Finding]:
        """Whether a file can be put into one of its items' folders: a hidden one is, and is removed."""
        download = self.download
        if download is None:
            return []
        from trailarrd.download.placing import PlacingError, try_to_write  # noqa: PLC0415  # only then

        def tried() -> list[Finding]:
            for folder in filter(is_folder, case.folders):
                try:
                    try_to_write(folder)
                except PlacingError as error:
                    return [self._finding(Code.PLACE_FAILED, f"{error}; {whoami()}")]
                return [self._finding(Code.PLACE_OK, f"{case.told}: tried in {folder}")]
            return []

        hangs = self._finding(Code.PLACE_FAILED, f"{case.told}: its disk does not answer in time")
        found = await self._in_time(tried, [hangs])
        return [one.in_preview() for one in found] if download.preview else found

    def _times(self, root: LocalPath, look: Inspection) -> Iterator[Finding]:
        if why := self.times.why_not(root, look.kind, caught=root in self.caught):
            yield self._finding(Code.TIMES_NOT_TRUSTED, f"{root}: {why}")

    async def _compare(self, case: RootCase, root: LocalPath) -> list[Finding]:
        asked = len(case.folders)
        there = await self._in_time(partial(count_present, case.folders, root), None)
        if there is None:
            return [self._finding(Code.ROOT_TIMED_OUT, f"{case.told}: its folders do not answer in time")]
        fact = f"{case.told}: {there} of {asked} items' folders are there"
        if not asked:
            fact = f"{case.told}: there is no item to look for"
        if there:
            return [self._finding(Code.FOLDERS_OK, fact)]
        if asked < _TOO_FEW:
            return [self._finding(Code.FOLDERS_NONE, fact)]
        self._lost.append(case)
        return [self._finding(Code.FOLDERS_ELSEWHERE, fact)]

    async def _in_time(self, work: Callable[[], T], otherwise: T) -> T:
        thread = in_thread(work, f"doctor {self.area}")
        await asyncio.wait({thread}, timeout=self.deadline)
        return thread.result() if thread.done() else otherwise

    def _is_unused(self, mapping: PathMapping) -> bool:
        """Only where the server was asked can one tell."""
        asked = [case.remote for case in self.cases if case.remote]
        return bool(asked) and not any(_touches(mapping.remote, root) for root in asked)

    def _hiding(self, mapping: PathMapping) -> str:
        """The longer mappings that are taken in its place for each root folder; empty if they are not."""
        mapper = PathMapper(self.mappings)
        asked = [case.remote for case in self.cases if case.remote]
        # One that lies in a root folder may be there for the items below it.
        taken = [mapper.mapping_of(root) for root in asked if names_below(root, mapping.remote) is not None]
        if mapping in taken or any(names_below(mapping.remote, root) for root in asked):
            return ""
        return " and ".join(dict.fromkeys(one.remote for one in taken if one))

    async def _search(self) -> dict[RemotePath, Find]:
        lost = {case.remote: case.names for case in self._lost if case.remote and case.names}
        return await search(lost, self.starts) if lost else {}

    def _propose(self, found: dict[RemotePath, Find]) -> Finding:
        """The mappings as they should be: those that lead nowhere make room for what was found."""
        self.proposed = mended(
            self.mappings, [PathMapping(root, find.folder) for root, find in found.items()]
        )
        names = {case.remote: len(case.names) for case in self._lost}
        facts = [
            f"{find.folder} holds {find.holds} of {names[root]} folders that the server has in {root}"
            for root, find in found.items()
        ]
        return self._finding(Code.MAPPING_FOUND, "; ".join(facts), path_mappings(self.proposed))

    def _finding(self, code: Code, fact: str, paste: str | None = None) -> Finding:
        return Finding.of(code, self.area, fact, paste)


def _touches(one: RemotePath, other: RemotePath) -> bool:
    return names_below(one, other) is not None or names_below(other, one) is not None


def _trouble(look: Inspection) -> str:
    """Why it cannot be used, with what helps to mend it."""
    match look.state:
        case RootState.MISSING if look.nearest:
            return f"it does not exist; the nearest folder that does is {look.nearest}"
        case RootState.EMPTY:
            return f"it is empty ({'a mount point' if look.is_mount else 'no mount point'})"
        case RootState.UNREADABLE if look.owner:
            return f"it cannot be read: {look.owner}; {whoami()}"
    return look.state.sentence
