"""Records that could not be used: counted, named, and never a reason to remove anything."""

from dataclasses import dataclass, field
from typing import Final

from trailarrd.domain.media import MAX_ID

_REASON: Final = 200
"""Characters of a reason that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    position: int
    """Where it stood in the server's list, counted from 0."""
    arr_id: int | None
    reason: str


@dataclass(slots=True)
class Quarantine:
    """The records of one refresh that could not be used."""

    records: list[Quarantined] = field(default_factory=list)

    def add(self, position: int, arr_id: int | None, reason: str) -> None:
        self.records.append(Quarantined(position=position, arr_id=arr_id, reason=reason[:_REASON]))

    @property
    def arr_ids(self) -> frozenset[int]:
        """The items that are exempt from removal: listed, if unreadable."""
        return frozenset(one.arr_id for one in self.records if one.arr_id is not None)

    @property
    def all_identified(self) -> bool:
        """Whether each is known by its id; one without could be any item, so nothing may be removed.

        A number that no item can have is no id: it stands where a known one may have been.
        """
        return all(one.arr_id is not None and 1 <= one.arr_id <= MAX_ID for one in self.records)
