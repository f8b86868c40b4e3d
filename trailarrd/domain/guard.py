"""When so much is gone at once that it is rather the server, or the disk, that is wrong."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

_MISSED: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What is gone is held when it is more than both bounds allow: items, or trailers."""

    max_items: int = 10
    """So many may always go at once."""
    max_fraction: float = 0.2
    """Of what the connection has; so large a part may always go at once."""

    def holds(self, gone: int, known: int) -> bool:
        """Whether `gone` of `known` are too many to be taken for true.

        The fraction counts as it is written: 29 of 100 are not more than `0.29`, which a float is.
        """
        return gone > self.max_items and gone > Fraction(str(self.max_fraction)) * known

    def witnesses(self, gone: int, others: int) -> int:
        """How many of `others` have to be there so that `gone`, with what else may be, is not too much.

        They are taken by chance: of a loss that is held, they show nothing but once in a hundred times.
        """
        least_held = max(self.max_items, math.floor(Fraction(str(self.max_fraction)) * (gone + others))) + 1
        lost = max(least_held - gone, 1)
        if lost >= others:
            return min(others, 1)
        return min(others, math.ceil(math.log(_MISSED) / math.log1p(-lost / others)))
