"""A downloader with one thing wrong, and all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from trailarrd.plugin import Downloader, Progress
from trailarrd.testing.toy import TOY, Toy

Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A downloader with one thing wrong."""

    name: str
    downloader: Downloader
    checks: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


MISTAKES: Final[list[Mistake]] = []


def caught_by(*checks: str) -> Callable[[type[Toy]], type[Toy]]:
    """Marks what is built in the toy's place."""

    def keep(build: type[Toy]) -> type[Toy]:
        MISTAKES.append(Mistake(build.__name__, replace(TOY, build=build), checks))
        return build

    return keep


def saying(name: str, check: str, **fields: Any) -> None:
    MISTAKES.append(Mistake(name, replace(TOY, **fields), (check,)))
