"""When so much is gone at once that it is rather the server that is wrong."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalGuard:
    """Removals are held when they are more than both bounds allow."""

    max_items: int = 10
    """So many may always go at once."""
    max_fraction: float = 0.2
    """Of the connection's items; so large a part may always go at once."""

    def holds(self, gone: int, known: int) -> bool:
        """Whether `gone` of `known` items are too many to be taken for true.

        The fraction counts as it is written: 29 of 100 are not more than `0.29`, which a float is.
        """
        return gone > self.max_items and gone > Fraction(str(self.max_fraction)) * known
