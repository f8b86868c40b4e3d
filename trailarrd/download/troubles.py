"""What is in the way of many downloads at once: root folders, the work folder, downloaders, sites."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from trailarrd.domain.failure import Blame, Failure
from trailarrd.domain.paths import LocalPath, is_below
from trailarrd.domain.site import Site
from trailarrd.download.planner import Choice, Trouble

_ROOT_WAIT: Final = timedelta(minutes=30)
_WORK_WAIT: Final = timedelta(minutes=10)
_IN_A_ROW: Final = 5
"""Folders of a root that failed with none between them that did not, after which all of it waits."""
_WORK: Final = LocalPath("")
"""The work folder, among places that are full."""


class Troubles:
    """As far as this process has found out; each is over by itself, or when the user has seen to it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._roots: dict[LocalPath, Trouble] = {}
        self._rejected: dict[Choice, Trouble] = {}
        self._work: Trouble | None = None
        self._failed: dict[LocalPath, set[LocalPath]] = {}
        """By root, the folders in it that failed in a row."""
        self._full: set[LocalPath] = set()
        """Where no room was left; nothing was placed there since."""
        self.sites: Mapping[str, Site] = {}
        """As they were last seen."""

    @property
    def roots(self) -> dict[LocalPath, Trouble]:
        """Root folders where nothing could be placed lately."""
        return {root: one for root, one in self._roots.items() if self._lasts(one)}

    @property
    def rejected(self) -> dict[Choice, Trouble]:
        """Downloaders that only the user can help, each at one site."""
        return dict(self._rejected)

    @property
    def work(self) -> Trouble | None:
        """The work folder's."""
        return self._work if self._work and self._lasts(self._work) else None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """The word of each one's health issue, and what is told."""
        if self.work:
            yield "download-work", self.work.told
        for root, trouble in self.roots.items():
            yield "download-root", f"{root}: {trouble.told}"
        for choice, trouble in self._rejected.items():
            told = f"downloader {choice.downloader} at {choice.site}: {trouble.told}"
            yield "download-rejected", told
        for site in self.sites.values():
            if wall := site.wall(self._clock()):
                next_try = f"the next try is at {wall.until:%Y-%m-%dT%H:%M:%SZ}"
                yield "download-blocked", f"{site.name}: {site.told}; {next_try}"

    def meet(
        self, failure: Failure, told: str, *, root: LocalPath, folder: LocalPath, choice: Choice
    ) -> bool:
        """Remember what stopped a download, if it stops others; whether there is no room since now."""
        now = self._clock()
        match failure.blame:
            case Blame.ROOT:
                self._roots[root] = Trouble(told, now + _ROOT_WAIT)
            case Blame.FOLDER if self._are_many(root, folder):
                self._roots[root] = Trouble(told, now + _ROOT_WAIT)
            case Blame.DOWNLOADER:
                self._rejected[choice] = Trouble(told)
            case Blame.WORK:
                told = told if failure is Failure.TOOLS else f"work folder: {told}"
                self._work = Trouble(told, now + _WORK_WAIT)
        if failure not in (Failure.NO_SPACE, Failure.NO_WORK):
            return False
        full = root if failure is Failure.NO_SPACE else _WORK
        is_new = full not in self._full
        self._full.add(full)
        return is_new

    def placed(self, path: LocalPath) -> None:
        """There was room for that, and the right to write it."""
        self._failed = {root: some for root, some in self._failed.items() if not is_below(path, root)}
        self._full = {root for root in self._full if root != _WORK and not is_below(path, root)}

    def clear(self) -> None:
        """The user says that it is worth another try; of sites that is kept elsewhere."""
        self._roots.clear()
        self._rejected.clear()
        self._full.clear()
        self._failed.clear()
        self._work = None

    def _are_many(self, root: LocalPath, folder: LocalPath) -> bool:
        """Whether this folder makes it too many in a row; then they are counted anew."""
        failed = self._failed.setdefault(root, set())
        failed.add(folder)
        if len(failed) < _IN_A_ROW:
            return False
        del self._failed[root]
        return True

    def _lasts(self, trouble: Trouble) -> bool:
        return trouble.until is None or self._clock() < trouble.until
