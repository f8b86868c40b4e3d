"""What a downloader works with is told otherwise than it should be."""

from __future__ import annotations

from tests.testing.contract.download.mistakes.mistake import caught_by
from trailarrd.plugin import Equipment, Lack
from trailarrd.testing.toy import Toy


class Telling(Toy):
    """Tells of itself, wrongly."""

    found: object

    async def examine(self) -> Equipment:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found  # type: ignore[return-value]  # the mistake


@caught_by("test_examining_asks_nobody")
class RaisesWhenExamined(Telling):
    found = OSError("no such program")


@caught_by("test_examining_asks_nobody")
class ExaminesToWords(Telling):
    found = ("deno is missing",)


@caught_by("test_every_lack_is_told_with_advice")
class ShoutsOfALack(Telling):
    found = Equipment(lacks=(Lack(fact="DENO IS MISSING!", advice="install it", blocking=True),))


@caught_by("test_there_is_nothing_to_go_back_to_at_first")
class GoesBackToNothing(Toy):
    async def update(self) -> str:
        return "2"

    async def rollback(self) -> str:
        return "1"
