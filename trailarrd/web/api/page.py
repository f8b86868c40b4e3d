"""What all lists share: how large a page is, and where the next one begins."""

from collections.abc import Sequence
from typing import Annotated, Final, Protocol, TypeVar

import msgspec

LARGEST_ID: Final = 2**63 - 1
"""What the database can hold."""

Id = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Words = Annotated[
    str,
    msgspec.Meta(max_length=200, description="words that are all in the title, or its year or external id"),
]
Limit = Annotated[int, msgspec.Meta(ge=1, le=500, description="at most so many")]
Cursor = Annotated[
    int, msgspec.Meta(ge=1, le=LARGEST_ID, description="`next_cursor` of the page before; none for the first")
]


class Paged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of every list."""

    limit: Limit = 100
    cursor: Cursor | None = None


class Row(Protocol):
    """What a list is made of."""

    @property
    def id(self) -> int:
        """By which the next page begins."""


RowT = TypeVar("RowT", bound=Row)


def cut(rows: Sequence[RowT], limit: int) -> tuple[Sequence[RowT], int | None]:
    """One page of the `limit + 1` rows that were asked for, and the cursor of the next one."""
    shown = rows[:limit]
    return shown, shown[-1].id if len(rows) > limit else None
