"""The tables as they are now, and how many rows a statement takes; how they came to be: `migrations/`."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from trailarrd.domain.download import Stage
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.report import ErrorKind, Outcome

T = TypeVar("T")

CHUNK: Final = 500
"""Rows per statement: SQLite takes 32,766 variables, and binding 500 rows holds the loop for 5 ms."""


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`, in their order."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


_LISTED: Final = sa.text("removed_at IS NULL AND held_at IS NULL")
_STORED: Final = sa.text("removed_at IS NULL")
COUNTED: Final = (
    *("connection_id", "trailer", "monitored", "claimed_until", "held_at", "contradicted"),
    *("vanishing_since", "misnamed", "removed_at"),
)
"""Columns of items by whose values they are counted."""
SEARCHED: Final = ("titles_folded", "id", "keys_folded", "connection_id")
"""Columns of items by which they are found, in the order of titles."""
_WORD: Final = 32
"""Room for the longest enum value, and for ones to come."""


BYTEWISE: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that is ordered by its bytes, as SQLite does, whatever the locale of a server."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Takes aware times, gives aware UTC back: SQLite forgets the zone, PostgreSQL converts it."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody could tell later which moment was meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """The same moment, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(sa.TypeDecorator[str]):
    """Text of strangers: NUL, which PostgreSQL does not take, is U+FFFD."""

    impl = BYTEWISE
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        return value and value.replace("\0", "\N{REPLACEMENT CHARACTER}")


Id = Annotated[int, mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)]
BigInt = Annotated[int, mapped_column(sa.BigInteger)]
LongText = Annotated[str, mapped_column(BYTEWISE)]
StrangersText = Annotated[str, mapped_column(CleanText)]
JsonObject = Annotated[dict[str, Any], mapped_column(sa.JSON)]


class Base(DeclarativeBase):
    """What all tables share: names for every constraint, enums by value, times in UTC."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own way of declaring it
        datetime: UtcDateTime(),
        StrEnum: sa.Enum(
            StrEnum,
            native_enum=False,
            length=_WORD,
            values_callable=lambda words: [word.value for word in words],
        ),
    }


class ConnectionTable(Base):
    """One row per connection that was ever configured, until the user forgets it."""

    __tablename__ = "connections"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  # SQLAlchemy reads it so

    id: Mapped[Id]
    name: Mapped[LongText] = mapped_column(unique=True)
    provider: Mapped[LongText]
    kind: Mapped[LongText]
    active: Mapped[bool]
    mode: Mapped[MonitorMode | None]
    baseline: Mapped[BigInt | None]
    last_started: Mapped[datetime | None]
    last_finished: Mapped[datetime | None]
    last_success: Mapped[datetime | None]
    last_outcome: Mapped[Outcome | None]
    last_error_kind: Mapped[ErrorKind | None]
    last_error: Mapped[StrangersText | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    """Refreshes in a row that failed."""
    retry_at: Mapped[datetime | None]
    """When the daemon asks again after a failure."""
    unwanted: Mapped[int | None]
    """How many items the first refresh no longer wanted that asked for files; None: there was none."""


class RefreshTable(Base):
    """One row per refresh; its id is the refresh's number and is never used again."""

    __tablename__ = "refreshes"
    __table_args__ = (
        # A busy server's hints are a row each: what each refresh asks of those before it reads none of them.
        sa.Index("ix_refreshes_open", "connection_id", sqlite_where=sa.text("finished_at IS NULL")),
        sa.Index("ix_refreshes_whole", "connection_id", "id", sqlite_where=sa.text("items IS NULL")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    connection_id: Mapped[BigInt] = mapped_column(sa.ForeignKey("connections.id"), index=True)
    items: Mapped[int | None]
    """How many items it was about, as a server told of them; None: about the whole library."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    fetched: Mapped[int | None]
    added: Mapped[int | None]
    updated: Mapped[int | None]
    unchanged: Mapped[int | None]
    removed: Mapped[int | None]
    restored: Mapped[int | None]
    held: Mapped[int | None]
    quarantined: Mapped[int | None]
    trailers_present: Mapped[int | None]
    trailers_absent: Mapped[int | None]
    trailers_unknown: Mapped[int | None]
    contradicted: Mapped[int | None]
    vanishing: Mapped[int | None]
    monitored: Mapped[int | None]
    error_kind: Mapped[ErrorKind | None]
    error_message: Mapped[StrangersText | None]


class MediaTable(Base):
    """One row per item; removed ones stay, marked, and keep their intent and history."""

    __tablename__ = "media"
    __table_args__ = (
        # An arr id may come back, and a held item's may go to another, but only one listed item has it.
        sa.Index(
            "uq_media_living",
            "connection_id",
            "arr_id",
            unique=True,
            sqlite_where=_LISTED,
        ),
        sa.Index(None, "connection_id", "arr_id"),
        # What an item that a server tells of may be known again by.
        sa.Index(None, "identity_mark"),
        sa.Index(None, "folder"),
        # All that is counted, and what else many items have in common, so that nothing else is read for it.
        sa.Index("ix_media_counted", *COUNTED, "monitor_reason", "kind"),
        # All that is searched, in the order of titles, so that a search reads nothing else; PostgreSQL takes
        # no texts of any length into an index.
        sa.Index("ix_media_titles", *SEARCHED, sqlite_where=_STORED).ddl_if(dialect="sqlite"),
        sa.Index("ix_media_in_order", *SEARCHED[:2], sqlite_where=_STORED).ddl_if(dialect="postgresql"),
        sa.Index("ix_media_years", sa.text("coalesce(year, 0)"), "id", sqlite_where=_STORED),
        sa.Index("ix_media_added", sa.text("coalesce(added, 0)"), "id", sqlite_where=_STORED),
        sa.Index(None, "last_changed", "id", sqlite_where=_STORED),
        # What few items are.
        *(
            sa.Index(None, name, sqlite_where=sa.text(f"{name} IS NOT NULL"))
            for name in ("moved_at", "removed_at", "claimed_until")
        ),
        # History outlives the rows, so their ids are never used again.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    connection_id: Mapped[BigInt] = mapped_column(sa.ForeignKey("connections.id"))
    arr_id: Mapped[BigInt]
    kind: Mapped[LongText]
    title: Mapped[LongText]
    year: Mapped[int | None]
    external_ids: Mapped[JsonObject]
    remote_path: Mapped[LongText]
    local_path: Mapped[LongText | None]
    main_file: Mapped[LongText | None]
    has_file: Mapped[bool | None]
    """Whether the server has the item's own file; None: it says nothing."""
    youtube_trailer_id: Mapped[LongText | None]
    monitored_remotely: Mapped[bool]
    trailer: Mapped[TrailerState]
    trailer_file: Mapped[LongText | None]
    intent: Mapped[bool | None]
    intent_at: Mapped[datetime | None]
    intent_by: Mapped[StrangersText | None]
    """Who said so, for people: `command line (anna)`, `API key downloader`."""
    monitored: Mapped[bool]
    monitor_reason: Mapped[MonitorReason]
    contradicted: Mapped[bool] = mapped_column(server_default="0")
    """The server says that it has the item's own file, and its folder did not show it."""
    moved_at: Mapped[datetime | None]
    """When the server changed its path; only while it is contradicted since."""
    vanishing_since: Mapped[datetime | None]
    """Since when its trailer is not seen any more, while it is held to be there."""
    misnamed: Mapped[bool] = mapped_column(server_default="0")
    """It vanishes for its name alone: the file that counted lies there still."""
    fingerprint: Mapped[bytes] = mapped_column(sa.LargeBinary)
    first_refresh: Mapped[BigInt]
    first_seen: Mapped[datetime]
    last_changed: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    """Since when its removal waits for the user's choice."""
    identity_mark: Mapped[BigInt | None]
    folder: Mapped[BigInt | None]
    trailer_mark: Mapped[BigInt | None]
    signature: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    claimed_by: Mapped[StrangersText | None]
    claimed_until: Mapped[datetime | None]
    details: Mapped[JsonObject] = mapped_column(server_default="{}")
    """Facts, as far as they are known."""
    verdict: Mapped[LongText | None]
    """Why it is not wanted at all: a reason, and the condition that decided."""
    had_file: Mapped[bool | None]
    """Whether the server ever had a file of it; None: it never said."""
    titles_folded: Mapped[str | None] = mapped_column(BYTEWISE)
    """Its titles as `domain.search` folds them, the one first by which it is put in order."""
    keys_folded: Mapped[str | None] = mapped_column(BYTEWISE)
    """What is looked for as a whole: year, ids, and facts by their names."""
    added: Mapped[BigInt | None]
    """When it was added to its server, in seconds since 1970."""


class QuarantineTable(Base):
    """The records that a connection's last applied refresh could not use."""

    __tablename__ = "quarantine"

    id: Mapped[Id]
    connection_id: Mapped[BigInt] = mapped_column(sa.ForeignKey("connections.id"), index=True)
    at: Mapped[datetime]
    position: Mapped[BigInt]
    arr_id: Mapped[StrangersText | None]
    """As text: whatever the server sent, of whatever size."""
    reason: Mapped[StrangersText]


class RootTable(Base):
    """A connection's root folders as the last applied refresh found them."""

    __tablename__ = "roots"

    id: Mapped[Id]
    connection_id: Mapped[BigInt] = mapped_column(sa.ForeignKey("connections.id"), index=True)
    path: Mapped[LongText]
    state: Mapped[LongText]
    mark: Mapped[BigInt | None]
    """Which directory it was when it was last trusted and showed an item's folder."""
    with_file: Mapped[int] = mapped_column(server_default="0")
    """Items of which the server says that it has a file, and that could be looked at."""
    contradicted: Mapped[int] = mapped_column(server_default="0")
    """Of those, how many folders do not show it."""
    fits_remote: Mapped[LongText | None]
    """A path mapping by which they would: what the server calls so …"""
    fits_local: Mapped[LongText | None]
    """… is here."""
    caught_lying: Mapped[datetime | None]
    """When a listing found what the times of a folder had hidden."""
    checked_at: Mapped[datetime]


class HistoryTable(Base):
    """One row per event. No foreign keys: what happened stays true when its item is gone."""

    __tablename__ = "history"

    id: Mapped[Id]
    at: Mapped[datetime]
    connection: Mapped[LongText]
    media_id: Mapped[BigInt] = mapped_column(index=True)
    arr_id: Mapped[BigInt]
    title: Mapped[LongText]
    event: Mapped[HistoryEvent]
    detail: Mapped[JsonObject]
    refresh_id: Mapped[BigInt | None]


class ApiKeyTable(Base):
    """Who may use the HTTP API; of a key only its hash."""

    __tablename__ = "api_keys"

    id: Mapped[Id]
    name: Mapped[StrangersText] = mapped_column(unique=True)
    digest: Mapped[LongText]
    may_write: Mapped[bool]
    created_at: Mapped[datetime]


class SessionTable(Base):
    """Browsers in which somebody signed in; of what a browser shows only its hash."""

    __tablename__ = "sessions"

    id: Mapped[Id]
    digest: Mapped[LongText] = mapped_column(unique=True)
    key: Mapped[LongText] = mapped_column(index=True)
    """The digest of the API key that it was opened with."""
    browser: Mapped[LongText]
    opened_at: Mapped[datetime]
    used_at: Mapped[datetime]


class WebhookTable(Base):
    """Who may post a connection's events; of a token only its hash."""

    __tablename__ = "webhooks"

    id: Mapped[Id]
    connection: Mapped[LongText] = mapped_column(unique=True)
    digest: Mapped[LongText]
    created_at: Mapped[datetime]
    url: Mapped[LongText | None]
    """Where its server was told to post them; None: by hand, or by a version that noted it nowhere."""


class ForetoldTable(Base):
    """A user's choice for an item that no refresh has met yet."""

    __tablename__ = "foretold"
    __table_args__ = (sa.UniqueConstraint("connection", "arr_id"),)

    id: Mapped[Id]
    connection: Mapped[LongText]
    arr_id: Mapped[BigInt]
    external_ids: Mapped[JsonObject]
    title: Mapped[StrangersText]
    intent: Mapped[bool | None]
    url: Mapped[LongText | None]
    """Where the video is that he has named."""
    by: Mapped[StrangersText]


def _of_an_item() -> Any:
    """The item's id; what is remembered of it goes with its row."""
    return mapped_column(sa.ForeignKey("media.id", ondelete="CASCADE"), index=True)


class DownloadTable(Base):
    """What is remembered of an item's download; one that was never tried nor asked for has no row."""

    __tablename__ = "downloads"

    media_id: Mapped[BigInt] = mapped_column(
        sa.ForeignKey("media.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    stage: Mapped[Stage]
    attempts: Mapped[int]
    next_try: Mapped[datetime | None]
    failure: Mapped[LongText | None]
    """Of the last try."""
    told: Mapped[LongText | None]
    tried_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None] = mapped_column(index=True)
    """Since when the user waits for it; None: he does not."""
    asked_by: Mapped[LongText | None]
    asked_now: Mapped[bool]
    url: Mapped[LongText | None]
    """The user's own address."""
    public_only: Mapped[bool]


class RefusalTable(Base):
    """An address that will not do for an item."""

    __tablename__ = "refusals"
    __table_args__ = (sa.UniqueConstraint("media_id", "url"),)

    id: Mapped[Id]
    media_id: Mapped[BigInt] = _of_an_item()
    url: Mapped[LongText]
    failure: Mapped[LongText]
    told: Mapped[LongText]
    basis: Mapped[LongText | None]
    """As long as the settings are these; None: for good."""
    at: Mapped[datetime]


class PlacedTable(Base):
    """A file that trailarrd put into a library, noted before it is seen there."""

    __tablename__ = "placed"

    id: Mapped[Id]
    media_id: Mapped[BigInt] = _of_an_item()
    path: Mapped[LongText]
    size: Mapped[BigInt]
    mtime_ns: Mapped[BigInt]
    digest: Mapped[bytes] = mapped_column(sa.LargeBinary)
    url: Mapped[LongText]
    downloader: Mapped[LongText]
    at: Mapped[datetime]
    settled: Mapped[bool]
    """Whether it is known to have come there; else it may have, when trailarrd was killed."""


class SiteTable(Base):
    """How a video site is to be treated; every daemon goes by it."""

    __tablename__ = "sites"

    name: Mapped[LongText] = mapped_column(primary_key=True)
    walls: Mapped[int]
    troubles: Mapped[int]
    blocked_until: Mapped[datetime | None]
    told: Mapped[LongText | None]
    next_at: Mapped[datetime | None]
    day: Mapped[date | None]
    used: Mapped[int]


class LeaseTable(Base):
    """Who is alone at something, for a while; of a database on a server alone, a file has locks beside it."""

    __tablename__ = "leases"
    # As it is a key, no new fence slips past whoever reads the row `FOR KEY SHARE`.
    __table_args__ = (sa.UniqueConstraint("name", "fence"),)

    name: Mapped[LongText] = mapped_column(primary_key=True)
    owner: Mapped[LongText]
    """A word of its own for each process that is started."""
    holder: Mapped[LongText]
    """Who that is, for people."""
    fence: Mapped[BigInt]
    """How often it was taken."""
    until: Mapped[datetime]
    """By the server's clock."""
    note: Mapped[JsonObject]
    """What the owner tells other processes."""
    since: Mapped[datetime | None]
    """When it was taken last."""


class HintTable(Base):
    """What a server has told a daemon that does not work at its connection."""

    __tablename__ = "hints"

    id: Mapped[Id]
    connection: Mapped[LongText]
    hint: Mapped[JsonObject]
    at: Mapped[datetime]


class RequestTable(Base):
    """A refresh that somebody waits for, or a trailer's end, wherever the connection is worked at."""

    __tablename__ = "requests"

    id: Mapped[Id]
    connection: Mapped[LongText]
    arr_ids: Mapped[list[int] | None] = mapped_column(sa.JSON)
    """Of these items alone; None: of the whole library."""
    delete_of: Mapped[int | None] = mapped_column(sa.BigInteger)
    """None of all that: the trailer of ours of this item is to be taken away."""
    at: Mapped[datetime]
    answer: Mapped[JsonObject | None]
    """How it ended; None as long as it has not."""
