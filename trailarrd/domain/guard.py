"""When so much is gone at once that it is rather the server, or the disk, that is wrong."""

from dataclasses import dataclass
from fractions import Fraction


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
