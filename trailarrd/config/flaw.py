"""What is wrong, and where, before it is shown to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from trailarrd.config.problem import Position, Problem
    from trailarrd.config.source import Source
    from trailarrd.config.wording import Address


class Spot(NamedTuple):
    """A place in what was read."""

    source: Source
    position: Position | None
    """None where the source has no lines: a variable that is one value."""

    def __str__(self) -> str:
        return f"{self.source.file}:{self.position.line}" if self.position else self.source.file

    def problem(self, flaw: Flaw) -> Problem:
        """A flaw that is here, with its line."""
        # What is wrong with a variable's name is not about the setting that it fails to name.
        address = () if flaw.spot and flaw.spot.position is None else flaw.address
        return self.source.problem(flaw.message, flaw.hint, self.position, address)


class Flaw(NamedTuple):
    """What is wrong with the value at an address, before its line is looked up."""

    address: Address
    message: str
    hint: str | None = None
    spot: Spot | None = None
    """Where to point, if not at the value itself."""
