"""How far the download is that runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trailarrd.domain.download import Subject
    from trailarrd.plugin.downloader import Progress


@dataclass(slots=True)
class Running:
    """What is under way, for whoever asks."""

    subject: Subject
    url: str
    site: str
    since: datetime
    step: str = "looking"
    done: int | None = None
    total: int | None = None
    hears: Callable[[Running], None] = lambda _: None

    @property
    def percent(self) -> int | None:
        """As far as it is known."""
        if not self.total or self.done is None:
            return None
        return min(100, 100 * self.done // self.total)

    def hear(self, progress: Progress) -> None:
        self.at(progress.step, progress.done, progress.total)

    def at(self, step: str, done: int | None = None, total: int | None = None) -> None:
        """It is at that now."""
        self.step, self.done, self.total = step, done, total
        self.hears(self)
