"""One thing that was looked at, and how it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trailarrd.doctor.codes import CHECKS, Level

if TYPE_CHECKING:
    from trailarrd.doctor.codes import Code

__all__ = ["Finding", "Level"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a look at one thing showed; its code says what that means and what to do."""

    code: Code
    area: str
    """`configuration`, `database`, `plugins`, or a connection's name."""
    fact: str
    """What is so, with names and numbers; never a secret."""
    paste: str | None = None
    """YAML for the connection's block that would help."""

    @property
    def level(self) -> Level:
        """Whether it is as it should be."""
        return CHECKS[self.code].level

    @property
    def meaning(self) -> str:
        """What it means for the user."""
        return CHECKS[self.code].meaning

    @property
    def advice(self) -> str:
        """What to do; empty if there is nothing to do."""
        return CHECKS[self.code].advice
