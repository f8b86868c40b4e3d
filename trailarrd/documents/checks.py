"""What the doctor has found."""

from __future__ import annotations

from typing import Self

from msgspec.structs import replace

from trailarrd.documents import Document
from trailarrd.documents.codes import Code, Level


class Finding(Document, frozen=True, kw_only=True):
    """One thing that was looked at, with the fields of `trailarrd check --json`."""

    level: Level
    code: Code
    area: str
    """`configuration`, `database`, `plugins`, or a connection's name."""
    fact: str
    """What is so, with names and numbers; never a secret."""
    meaning: str
    advice: str | None
    """None if there is nothing to do."""
    paste: str | None
    """YAML for the connection's block that would help."""

    @classmethod
    def of(cls, code: Code, area: str, fact: str, paste: str | None = None) -> Self:
        """What a look at one thing showed, with what its code stands for."""
        advice = code.advice or None
        return cls.like(code, code=code, area=area, fact=fact, advice=advice, paste=paste)

    def in_preview(self) -> Finding:
        """The same where nothing is downloaded by itself: what would fail then is no problem yet."""
        if self.level is not Level.PROBLEM:
            return self
        return replace(Finding.of(Code.DOWNLOAD_NOT_READY, self.area, self.fact), advice=self.advice)


class Findings(Document, frozen=True, kw_only=True):
    """What an examination by the daemon has found."""

    items: list[Finding]
