"""Files of a connection's items with a name that no media server takes for a trailer's, though people do."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from trailarrd.concurrency import in_thread
from trailarrd.disk.inspection import survey
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code
from trailarrd.domain.misnamed import Judged, better_name
from trailarrd.domain.paths import parent, path_on_this_host
from trailarrd.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trailarrd.domain.trailers import TrailerRules
    from trailarrd.store.listing import MediaRow

_SECONDS: Final = 10.0
"""For so long items' folders are looked at."""
_MOST_LINES: Final = 100
"""Of files that `trailarrd explain` names too, no more are listed."""


@dataclass
class NameExamination:
    """Looks at what is stored of items, and into their folders."""

    area: str
    rules: TrailerRules
    items: Sequence[MediaRow]
    deadline: float
    """Seconds that a single folder may take."""
    seconds: float = _SECONDS
    _near: list[str] = field(default_factory=list, init=False)
    _hiding: list[str] = field(default_factory=list, init=False)
    _looked: int = field(default=0, init=False)
    _abandoned: bool = field(default=False, init=False)

    def findings_stored(self) -> Iterator[Finding]:
        """Those that need no look: trailers that older rules let count, or that were not seen any more."""
        if lines := [line for item in self.items if (line := self._outdated(item))]:
            yield self._finding(Code.TRAILERS_OUTDATED, lines)
        if gone := sum(item.vanishing_since is not None and not item.misnamed for item in self.items):
            fact = f"{gone} trailers are not seen any more; which: trailarrd vanished {self.area}"
            yield Finding.of(Code.TRAILERS_VANISHING, self.area, fact)

    async def findings(self) -> list[Finding]:
        """Those that the disk shows, as far as the time goes."""
        if not self.items:
            return []
        thread = in_thread(self._look, f"names {self.area}")
        await asyncio.wait({thread}, timeout=self.seconds + self.deadline)
        self._abandoned = True
        looked = f"{self._looked} of {len(self.items)} items' folders were looked at"
        found = [Finding.of(Code.TRAILERS_LOOKED_AT, self.area, looked)]
        for code, lines in ((Code.TRAILERS_MISNAMED, self._near), (Code.TRAILERS_HIDDEN, self._hiding)):
            if lines:
                found.append(self._finding(code, list(lines), _MOST_LINES))
        return found

    def _outdated(self, item: MediaRow) -> str | None:
        if item.trailer_file is None:
            return None
        main_file = _main_file(item)
        verdict = self.rules.judge(item.trailer_file, main_file=main_file)
        if verdict.counts:
            return None
        better = better_name(self.rules, Judged(item.trailer_file, verdict), main_file, ())
        advice = f"; as {better} it would count" if better else ""
        return f"{item.local_path or item.remote_path}/{item.trailer_file}: {verdict.sentence}{advice}"

    def _look(self) -> None:
        ends = time.monotonic() + self.seconds
        for item in self.items:
            if self._abandoned or time.monotonic() > ends:
                return
            self._looked += 1
            if item.local_path is None:
                continue
            told = survey(item.local_path, parent(item.local_path), self.rules, _main_file(item))
            self._near += (
                f"{item.local_path}/{one.path}: {one.verdict.sentence}; as {one.better_name} it would count"
                for one in told.near
                if one.better_name and one.path != item.trailer_file
            )
            self._hiding += (f"{item.local_path}/{path}" for path in told.hiding)

    def _finding(self, code: Code, lines: list[str], most: int | None = None) -> Finding:
        files = "file" if len(lines) == 1 else "files"
        more = [f"and {len(lines) - most} more"] if most and len(lines) > most else []
        told = [f"{len(lines)} {files}:", *map(printable, lines[:most]), *more]
        return Finding.of(code, self.area, "\n".join(told))


def _main_file(item: MediaRow) -> str | None:
    return item.main_file and path_on_this_host(item.main_file, item.remote_path)
