"""The figures that are promised, each with its goal: a row of a table for each."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    what: str
    figure: float
    unit: str
    goal: float | None = None
    """At most; None where it is told and no more."""

    def __str__(self) -> str:
        places = 0 if self.figure >= 100 else 2 if self.figure < 10 else 1  # three digits
        told = f"{self.what:74}{self.figure:10.{places}f} {self.unit:16}"
        if self.goal is None:
            return told.rstrip()
        return f"{told}≤ {self.goal:g}{'' if self.figure <= self.goal else '   NOT MET'}"


class Size(NamedTuple):
    """How much is measured."""

    library: int
    """Items of a large library."""
    rest: float
    """Seconds that rest is watched."""
    settle: float
    """Seconds after a refresh in which what it has begun comes to its end."""
    folders: int
    """That are looked at on a slow share."""
    tries: int
    events: int
    growth: tuple[int, ...]


FULL = Size(
    library=100_000, rest=60, settle=125, folders=2000, tries=7, events=20, growth=(1000, 10_000, 100_000)
)
SHORT = Size(library=10_000, rest=20, settle=65, folders=2000, tries=3, events=10, growth=(1000, 10_000))
