"""What is counted and timed while trailarrd works; whoever wants to know hands one in."""

from __future__ import annotations

from typing import Protocol

from trailarrd.domain.report import RefreshReport


class Meter(Protocol):
    """Hears of everything that is measured; must be quick, and never fail."""

    def refreshed(self, report: RefreshReport) -> None:
        """A refresh has ended."""

    def asked(self, connection: str, method: str, status: str, seconds: float) -> None:
        """An Arr server has answered with that HTTP status, or not at all: `error`."""

    def looked(self, connection: str, seconds: float) -> None:
        """A refresh has looked at the disk for so long."""


class Unmetered:
    """Nobody wants to know."""

    def refreshed(self, report: RefreshReport) -> None: ...

    def asked(self, connection: str, method: str, status: str, seconds: float) -> None: ...

    def looked(self, connection: str, seconds: float) -> None: ...
