"""Items."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trailarrd.documents import Document, to_second
from trailarrd.domain.monitoring import MediaStatus, MonitorReason, TrailerState

if TYPE_CHECKING:
    from trailarrd.store.listing import MediaRow


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

    api_only = ("held_since",)

    @classmethod
    def of(cls, row: MediaRow, now: datetime) -> Item:
        return cls(
            id=row.id,
            connection=row.connection,
            provider=row.provider,
            kind=row.kind,
            arr_id=row.arr_id,
            title=row.title,
            year=row.year,
            external_ids=dict(row.external_ids),
            remote_path=row.remote_path,
            local_path=row.local_path,
            trailer=row.trailer,
            trailer_file=row.trailer_file,
            youtube_trailer_id=row.youtube_trailer_id,
            monitored_remotely=row.monitored_remotely,
            intent=row.intent,
            monitored=row.monitored,
            monitor_reason=row.monitor_reason,
            status=row.status(now),
            first_seen=to_second(row.first_seen),
            last_changed=to_second(row.last_changed),
            held_since=to_second(row.held_at),
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
    def of(cls, row: MediaRow) -> HeldItem:
        return cls(
            id=row.id,
            connection=row.connection,
            arr_id=row.arr_id,
            title=row.title,
            year=row.year,
            remote_path=row.remote_path,
            local_path=row.local_path,
            trailer=row.trailer,
            held_since=to_second(row.held_at),
        )

    @property
    def folder(self) -> str:
        """The one on this host if there is one."""
        return self.local_path or self.remote_path
