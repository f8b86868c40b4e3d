"""Files of a connection's items with a name that no media server takes for a trailer's, though people do."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from trailarrd.concurrency import in_thread
from trailarrd.disk.inspection import survey
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code
from trailarrd.domain.misnamed import Judged, better_name
from trailarrd.domain.paths import parent, path_on_this_host
from trailarrd.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trailarrd.domain.trailers import TrailerRules
    from trailarrd.store.folders import ItemFolder

_SECONDS: Final = 10.0
"""For so long items' folders are looked at."""
_MOST_LINES: Final = 100
"""Of files that `trailarrd explain` names too, no more are listed."""


@dataclass
class NameExamination:
    """Judges what is stored of items, and looks into their folders: by pages, as a library may be large."""

    area: str
    rules: TrailerRules
    deadline: float
    """Seconds that a single folder may take."""
    seconds: float = _SECONDS
    _outdated: list[str] = field(default_factory=list, init=False)
    _gone: int = field(default=0, init=False)
    _near: list[str] = field(default_factory=list, init=False)
    _hiding: list[str] = field(default_factory=list, init=False)
    _seen: int = field(default=0, init=False)
    """Items whose folders were to be looked at."""
    _looked: int = field(default=0, init=False)
    _ends: float = field(default=inf, init=False)

    def judge(self, folders: Iterable[ItemFolder]) -> None:
        """What needs no look: trailers that older rules let count, or that were not seen any more."""
        for one in folders:
            self._gone += one.vanishes
            if line := self._judged(one):
                self._outdated.append(line)

    async def look(self, folders: Sequence[ItemFolder]) -> None:
        """What the disk shows, as far as the time goes, which begins with the first page."""
        now = time.monotonic()
        self._ends = min(self._ends, now + self.seconds)
        self._seen += len(folders)
        thread = in_thread(partial(self._look, folders), f"names {self.area}")
        _, late = await asyncio.wait({thread}, timeout=max(self._ends - now, 0) + self.deadline)
        if late:
            self._ends = now  # nothing that it still finds is waited for, and no further page looked at

    def findings(self) -> Iterator[Finding]:
        if self._outdated:
            yield self._finding(Code.TRAILERS_OUTDATED, self._outdated)
        if self._gone:
            fact = f"{self._gone} trailers are not seen any more; which: trailarrd vanished {self.area}"
            yield Finding.of(Code.TRAILERS_VANISHING, self.area, fact)
        if self._seen:
            looked = f"{self._looked} of {self._seen} items' folders were looked at"
            yield Finding.of(Code.TRAILERS_LOOKED_AT, self.area, looked)
        for code, lines in ((Code.TRAILERS_MISNAMED, self._near), (Code.TRAILERS_HIDDEN, self._hiding)):
            if lines:
                yield self._finding(code, list(lines), _MOST_LINES)

    def _judged(self, one: ItemFolder) -> str | None:
        if one.trailer_file is None:
            return None
        main_file = _main_file(one)
        verdict = self.rules.judge(one.trailer_file, main_file=main_file)
        if verdict.counts:
            return None
        better = better_name(self.rules, Judged(one.trailer_file, verdict), main_file, ())
        advice = f"; as {better} it would count" if better else ""
        return f"{one.local_path or one.remote_path}/{one.trailer_file}: {verdict.sentence}{advice}"

    def _look(self, folders: Iterable[ItemFolder]) -> None:
        for one in folders:
            if time.monotonic() > self._ends:
                return
            self._looked += 1
            if one.local_path is None:
                continue
            told = survey(one.local_path, parent(one.local_path), self.rules, _main_file(one))
            self._near += (
                f"{one.local_path}/{file.path}: {file.verdict.sentence}; as {file.better_name} it would count"
                for file in told.near
                if file.better_name and file.path != one.trailer_file
            )
            self._hiding += (f"{one.local_path}/{path}" for path in told.hiding)

    def _finding(self, code: Code, lines: list[str], most: int | None = None) -> Finding:
        files = "file" if len(lines) == 1 else "files"
        more = [f"and {len(lines) - most} more"] if most and len(lines) > most else []
        told = [f"{len(lines)} {files}:", *map(printable, lines[:most]), *more]
        return Finding.of(code, self.area, "\n".join(told))


def _main_file(one: ItemFolder) -> str | None:
    return one.main_file and path_on_this_host(one.main_file, one.remote_path)
