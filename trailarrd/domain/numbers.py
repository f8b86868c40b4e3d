"""A set of numbers that lie close together, as a server's ids do: a bit each instead of 100 bytes."""

from __future__ import annotations

from typing import Final

_BITS: Final = 6
_MASK: Final = 2**_BITS - 1


class Numbers:
    """A set of integers; 64 neighbours share one entry, so the worst case is a set of as many."""

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """Put it in; whether it was new."""
        block, bit = number >> _BITS, 1 << (number & _MASK)
        bits = self._blocks.get(block, 0)
        self._blocks[block] = bits | bit
        return not bits & bit

    def __contains__(self, number: int) -> bool:
        return self._blocks.get(number >> _BITS, 0) >> (number & _MASK) & 1 == 1

    def __bool__(self) -> bool:
        return bool(self._blocks)
