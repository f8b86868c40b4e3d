"""What a server tells in the end, and what the disk shows of it then."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Sight = tuple[str, str | None]
"""What is to be seen on the disk: `present`, `absent` or `unknown`, and which file."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One item that the server lists and that can be read, with what the disk shows of it."""

    title: str
    values: Mapping[str, Any]
    """Whatever of it is stored as the server has it: arr_id, year, identity, …"""
    sight: Sight
    own: bool | None
    """Whether its own file is to be seen; None: nobody can tell, or the server has none."""
    root: str
    """The root folder that it lies in."""
    there: bool = True
    """Whether its folder is there, if it can be seen."""
    listed: bool = True
    """Whether its folder was listed, if it can be seen; else its times said that it is as it was."""
    doubted: bool = False
    """Whether its root folder is not the right one, so that it proves nothing what that does not show."""
    others: frozenset[str] = frozenset()
    """Files in its folder that would be trailers by other rules."""

    @property
    def arr_id(self) -> int:
        return int(self.values["arr_id"])


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server says that says anything."""

    listed: list[Listed]
    unreadable: frozenset[int] = frozenset()
    """The arr ids of records that cannot be read."""
    anonymous: int = 0
    """How many records have not even an id."""

    @property
    def elsewhere(self) -> frozenset[str]:
        """The root folders that lack more than 3 and a twentieth of the files that the server has."""
        with_file = Counter(one.root for one in self.listed if one.own is not None)
        lacking = Counter(one.root for one in self.listed if one.own is False)
        return frozenset(
            root for root, number in lacking.items() if number > 3 and number * 20 > with_file[root]
        )
