"""The disk as one refresh sees it: each item below its root folder."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.spelling import encodable
from trailarrd.disk.trust import NO_HISTORY, RootTrust
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath, is_below, parent, path_on_this_host
from trailarrd.domain.plan import UNSEEN, Match, Observation
from trailarrd.domain.roots import RootHistory, RootObservation
from trailarrd.domain.trailers import STANDARD, TrailerRules

_MOST_MISSING: Final = 100
"""Folders of a root that are remembered as missing: enough to know a library by."""


class DiskView:
    """Looks at items for one refresh; `roots` outlives it and remembers what hangs."""

    def __init__(
        self, roots: Roots, history: RootHistory = NO_HISTORY, *, trailers: TrailerRules = STANDARD
    ) -> None:
        self._trust = RootTrust(roots, history)
        self._scanner = Scanner(self._trust, rules=trailers)
        self._roots: list[LocalPath] = []
        self._root_by_parent: dict[LocalPath, LocalPath] = {}
        self._claimed: dict[LocalPath, None] = {}
        self._nowhere: list[RemotePath] = []
        self._elsewhere = history.elsewhere
        self._unwitnessed: set[LocalPath] = set()
        self.missing: defaultdict[LocalPath, list[RemotePath]] = defaultdict(list)
        """By root folder some of the items' folders that do not show the files that the server has."""

    async def check_roots(self, roots: Iterable[LocalPath | None]) -> None:
        """Judge the server's root folders, as they are called here."""
        known = {*self._roots, *(root for root in roots if root is not None)}
        self._roots = sorted(known, key=len, reverse=True)
        self._root_by_parent.clear()
        await self._trust.check(self._roots)

    @property
    def roots(self) -> list[RootObservation]:
        """Each root folder, and the parent of each item outside of them, as they were found."""
        return self._trust.observations

    @property
    def notes(self) -> list[str]:
        """What was strange, a path and a reason each; for the log."""
        claimed = (
            f"{root}: an item has this root folder as its own, so nothing in it is taken for a trailer"
            for root in self._claimed
        )
        return [*self._mapping_notes(), *claimed, *self._scanner.notes]

    @property
    def elsewhere(self) -> frozenset[LocalPath]:
        """Root folders in which so many items' files are not seen that something is wrong with all of it."""
        return frozenset(root.path for root in self.roots if root.is_elsewhere)

    @property
    def is_misjudged(self) -> bool:
        """Whether others turned out to be so than were taken for it, and items were judged by that."""
        return not self._unwitnessed.isdisjoint(self.elsewhere ^ self._elsewhere)

    def _mapping_notes(self) -> Iterator[str]:
        if self._nowhere:
            yield (
                f"{len(self._nowhere)} folders mean nothing on this host, "
                f"such as {self._nowhere[0]!r}: add a path mapping"
            )

    async def look(self, matches: Sequence[Match]) -> list[Observation | None]:
        """What each item's folder shows; one that is not on this host shows nothing.

        A folder that is as its signature says is not listed: None.
        """
        requests = list(map(self._request, matches))
        asked = [request for request in requests if request is not None]
        seen = await self._scanner.look(asked)
        if len(asked) < len(requests):
            answers = iter(seen)
            seen = [UNSEEN if request is None else next(answers) for request in requests]
        for index, one in enumerate(seen):
            if one is not None and not one.own_file and (request := requests[index]):
                seen[index] = self._weigh(matches[index], request, one)
        return seen

    def _weigh(self, match: Match, request: LookRequest, one: Observation) -> Observation:
        """Note what is missing; in a root folder that is not the right one it proves nothing."""
        if one.own_file is False:
            if len(self.missing[request.root]) < _MOST_MISSING:
                self.missing[request.root].append(match.item.media.path)
        elif one.trailer is TrailerState.ABSENT:
            root = LocalPath(encodable(request.root))
            self._unwitnessed.add(root)
            return one._replace(own_file=False) if root in self._elsewhere else one
        return one

    def _request(self, match: Match) -> LookRequest | None:
        """The item's folder below the longest root folder, or below its own parent outside of them.

        A root folder is never an item's own: whatever lies there belongs to any of the others.
        """
        media, folder = match.item.media, match.item.local_path
        if folder is None:
            self._nowhere.append(media.path)
            return None
        if folder in self._roots or folder == "/":
            self._claimed[folder] = None
            return None
        above = parent(folder)
        root = self._root_by_parent.get(above) or self._find_root(above)
        main_file = media.main_file
        if main_file is not None and "\\" in main_file:
            main_file = path_on_this_host(main_file, media.path)
        return LookRequest(
            folder, main_file, root, match.signature, match.trailer_hash, match.due, media.has_file is True
        )

    def _find_root(self, above: LocalPath) -> LocalPath:
        """The root folder that this folder lies in or is."""
        root = next((root for root in self._roots if is_below(above, root)), above)
        self._root_by_parent[above] = root
        return root
