"""Which items somebody asks for, and in what order: the same words in the store, the API and the commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from trailarrd.domain.details import ReleaseStatus
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState
from trailarrd.domain.want import Years


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFilter:
    """Which items; what is None does not matter."""

    connection: str | None = None
    kind: str | None = None
    trailer: TrailerState | None = None
    monitored: bool | None = None
    status: MediaStatus | None = None
    """`monitored` is what wants a trailer: nobody is downloading one for it yet."""
    ids: Sequence[int] | None = None
    held: bool | None = None
    vanishing: bool | None = None
    reason: MonitorReason | None = None
    text: str | None = None
    """Words that are all in one of its titles, or are the year or an external id such as `tt0133093`.

    Written in whatever way: without accents, in any case.
    """
    contradicted: bool | None = None
    quarantined: bool | None = None
    """Whether its server listed it last as a record that could not be read."""
    has_file: bool | None = None
    tag: str | None = None
    genre: str | None = None
    language: str | None = None
    release: ReleaseStatus | None = None
    years: Years | None = None
    added_since: datetime | None = None
    """Added to its server then or later."""
    changed_since: datetime | None = None


EVERYTHING: Final = MediaFilter()


class MediaOrder(StrEnum):
    """What a list goes by; a minus turns it round."""

    ID = "id"
    TITLE = "title"
    TITLE_DOWN = "-title"
    YEAR = "year"
    YEAR_DOWN = "-year"
    ADDED = "added"
    ADDED_DOWN = "-added"
    CHANGED = "last_changed"
    LAST_CHANGED = "-last_changed"
    FIRST_SEEN = "-first_seen"

    @property
    def is_backwards(self) -> bool:
        return self.value.startswith("-")

    @property
    def key(self) -> str:
        return self.value.removeprefix("-")
