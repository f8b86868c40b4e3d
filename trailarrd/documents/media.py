"""Items."""

from datetime import datetime
from typing import Any, Final, Self, TypeVar, cast

import msgspec

from trailarrd.documents import Document, to_second
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState
from trailarrd.store.listing import MediaRow

T = TypeVar("T", bound=Document)

_OTHERWISE: Final = frozenset({"path", "main_file"})
"""Fields of Media that are told under another name, or nowhere: looking goes by the main file alone."""


def _with_all_of_media(document: type[T]) -> type[T]:
    """The same, with what is new in Media behind its own fields: nothing that is stored stays untold."""
    told = {*document.__struct_fields__, *_OTHERWISE}
    new = [(field.name, field.type) for field in msgspec.structs.fields(Media) if field.name not in told]
    if not new:
        return document
    extended: Any = msgspec.defstruct(document.__name__, new, bases=(document,), frozen=True, kw_only=True)
    return cast("type[T]", extended)


@_with_all_of_media
class Item(Document, frozen=True, kw_only=True):
    """One movie, series, … with everything that is known of it."""

    id: int
    connection: str
    provider: str
    kind: str
    arr_id: int
    title: str
    year: int | None
    external_ids: dict[str, str]
    remote_path: str
    local_path: str | None
    trailer: TrailerState
    trailer_file: str | None
    youtube_trailer_id: str | None
    monitored_remotely: bool
    intent: bool | None
    monitored: bool
    monitor_reason: MonitorReason
    status: MediaStatus
    first_seen: datetime
    last_changed: datetime
    held_since: datetime | None
    has_file: bool | None
    contradicted: bool
    vanishing: bool

    api_only = ("held_since",)

    @classmethod
    def of(cls, row: MediaRow, now: datetime) -> Self:
        return cls.like(
            row,
            status=row.status(now),
            held_since=to_second(row.held_at),
            vanishing=row.vanishing_since is not None,
        )


class HeldItem(Document, frozen=True, kw_only=True):
    """One whose removal is held."""

    id: int
    connection: str
    arr_id: int
    title: str
    year: int | None
    remote_path: str
    local_path: str | None
    trailer: TrailerState
    held_since: datetime | None

    @classmethod
    def of(cls, row: MediaRow) -> Self:
        return cls.like(row, held_since=to_second(row.held_at))

    @property
    def folder(self) -> str:
        """The one on this host if there is one."""
        return self.local_path or self.remote_path
