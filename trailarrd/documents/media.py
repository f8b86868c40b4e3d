"""Items, what happened to them, and why one is in the state that it is in."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

import msgspec

from trailarrd.documents import Document, to_second
from trailarrd.documents.connections import Mapping
from trailarrd.documents.downloads import DownloadItem
from trailarrd.domain.details import ReleaseStatus
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MediaStatus, MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.target import NoTarget, target_of
from trailarrd.domain.trailers import TrailerRules, Verdict

if TYPE_CHECKING:
    from trailarrd.store.history import HistoryRow
    from trailarrd.store.listing import MediaRow

T = TypeVar("T", bound=Document)

_OTHERWISE: Final = frozenset({"path", "main_file"})
"""Fields of Media that are told under another name, or nowhere: looking goes by the main file alone."""


class Facts(Document, frozen=True, kw_only=True):
    """All of an item's `Details`, null where the server does not say."""

    sort_title: str | None
    original_title: str | None
    original_language: str | None
    status: ReleaseStatus | None
    release_date: date | None
    added: datetime | None
    runtime: int | None
    genres: tuple[str, ...] | None
    studio: str | None
    certification: str | None
    collection: str | None
    tags: tuple[str, ...] | None
    seasons: int | None
    slug: str | None
    overview: str | None


def _with_all_of_media(document: type[T]) -> type[T]:
    """The same, with what is new in Media behind its own fields: nothing that is stored stays untold."""
    told = {*document.__struct_fields__, *_OTHERWISE}
    new = [(field.name, field.type) for field in msgspec.structs.fields(Media) if field.name not in told]
    if not new:
        return document
    extended: Any = msgspec.defstruct(
        document.__name__,
        new,
        bases=(document,),
        namespace={"__doc__": document.__doc__},
        frozen=True,
        kw_only=True,
    )
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
    details: Facts
    condition: str | None
    trailer_target: str | None
    trailer_target_reason: NoTarget | None

    api_only = ("held_since",)

    @classmethod
    def of(cls, row: MediaRow, now: datetime, rules: TrailerRules) -> Self:
        target = target_of(row, row.local_path, rules, contradicted=row.contradicted)
        return cls.like(
            row,
            status=row.status(now),
            held_since=to_second(row.held_at),
            vanishing=row.vanishing_since is not None,
            details=Facts.like(row.details),
            trailer_target=None if isinstance(target, NoTarget) else target.path,
            trailer_target_reason=target if isinstance(target, NoTarget) else None,
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


class VanishingItem(Document, frozen=True, kw_only=True):
    """One whose trailer is held to be there, though it is not seen any more."""

    id: int
    connection: str
    arr_id: int
    title: str
    year: int | None
    remote_path: str
    local_path: str | None
    trailer_file: str | None
    vanishing_since: datetime | None
    misnamed: bool

    @classmethod
    def of(cls, row: MediaRow) -> Self:
        return cls.like(row, vanishing_since=to_second(row.vanishing_since))

    @property
    def why(self) -> str:
        return "its name no longer counts" if self.misnamed else "not seen any more"


class Event(Document, frozen=True, kw_only=True):
    """What happened to one item."""

    number: int
    """Counts up; the list's cursor."""
    at: datetime
    connection: str
    id: int
    """The item's."""
    arr_id: int
    title: str
    event: HistoryEvent
    detail: dict[str, Any]
    refresh: int | None

    api_only = ("number",)

    @classmethod
    def of(cls, row: HistoryRow) -> Self:
        return cls.like(row, number=row.id, id=row.media_id, detail=dict(row.detail), refresh=row.refresh_id)


class Events(Document, frozen=True, kw_only=True):
    """A page of events."""

    items: list[Event]
    next_cursor: int | None
    total: int


class File(Document, frozen=True, kw_only=True):
    """A file in the item's folder, and the naming rule that decided about it."""

    file: str
    rule: Verdict


class NearMiss(File, frozen=True, kw_only=True):
    """A file that does not count, and the path by which it would; None if there is none."""

    better_name: str | None


class Told(Document, frozen=True, kw_only=True):
    """All that is to be told of one item, with the fields of `trailarrd explain --json`."""

    item: Item
    last_told: datetime | None
    removed_at: datetime | None
    held_since: datetime | None
    mapping: Mapping | None
    local_path_now: str | None
    trailer_now: TrailerState | None
    counting: list[File]
    near: list[NearMiss]
    hiding: list[str]
    mode: MonitorMode | None
    row: int
    intent_at: datetime | None
    intent_by: str | None
    history: list[Event]
    would_change: list[str]
    download: DownloadItem | None = None
    """What becomes of its download; null where there is no `download:`."""
    trailer_target_now: str | None
    """The item's, with what lies in its folder now."""
    not_shown_by: list[str]
    """Servers that would not show a trailer there."""

    def printed(self) -> object:
        told = msgspec.structs.asdict(self)
        return {**told, "item": self.item.printed(), "history": [one.printed() for one in self.history]}


class IntentsResult(Document, frozen=True, kw_only=True):
    """What became of each item."""

    changed: list[int]
    unchanged: list[int]
    """That was their intent already."""
    unknown: list[int]
    """There is no such item, or it is removed."""
