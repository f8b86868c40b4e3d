"""How far the downloads are that run, here or at another daemon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trailarrd.domain.claim import ClaimProgress

if TYPE_CHECKING:
    from trailarrd.plugin.downloader import Progress


class HowFar(NamedTuple):
    """A download at one moment."""

    owner: str
    """Of its claim."""
    url: str
    step: str = "looking"
    done: int | None = None
    total: int | None = None

    @property
    def percent(self) -> int | None:
        """As far as it is known."""
        if not self.total or self.done is None:
            return None
        return min(100, 100 * self.done // self.total)

    @property
    def of_claim(self) -> ClaimProgress:
        """What any other claimant would say."""
        return ClaimProgress(self.owner, self.percent, self.step)


@dataclass(slots=True)
class Running:
    """What is under way here, for one item."""

    id: int
    """The item's."""
    now: HowFar

    def hear(self, progress: Progress) -> None:
        """What its downloader tells."""
        self.at(progress.step, progress.done, progress.total)

    def at(self, step: str, done: int | None = None, total: int | None = None) -> None:
        """It is at that now."""
        self.now = self.now._replace(step=step, done=done, total=total)
