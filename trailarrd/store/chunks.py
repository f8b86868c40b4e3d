"""Lists in pieces: small enough for a statement's variables, and for the event loop's patience."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

CHUNK: Final = 500
"""Rows per statement: SQLite takes 32,766 variables, and binding 500 rows holds the loop for 5 ms."""


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`, in their order."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
