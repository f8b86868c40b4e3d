"""Connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

import msgspec

from trailarrd.documents import Document, to_second
from trailarrd.domain.circuit import CircuitState
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.report import ErrorKind
from trailarrd.domain.roots import RootObservation, RootState

if TYPE_CHECKING:
    from trailarrd.store.connections import ConnectionRow


class ConnectionState(StrEnum):
    """One word: how its last refresh ended, or why there is none."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    NEW = "new"
    INACTIVE = "inactive"

    @classmethod
    def of(cls, row: ConnectionRow) -> Self:
        if not row.active:
            return cls.INACTIVE
        return cls(row.last_outcome.value) if row.last_outcome else cls.NEW


class Trouble(Document, frozen=True, kw_only=True):
    """Why the last refresh failed."""

    kind: ErrorKind
    message: str

    @classmethod
    def of(cls, kind: ErrorKind | None, message: str | None) -> Self | None:
        return cls(kind=kind, message=message or "") if kind else None


class Root(Document, frozen=True, kw_only=True):
    """A root folder as a refresh found it."""

    path: str
    state: RootState


class Mapping(Document, frozen=True, kw_only=True):
    """What the server calls `remote` is `local` here."""

    remote: str
    local: str


class WitnessedRoot(Root, frozen=True, kw_only=True):
    """A root folder with what its items' own files say of it."""

    with_file: int
    """Items of which the server says that it has a file, and that could be looked at."""
    contradicted: int
    """Of those, how many folders do not show it."""
    fits: Mapping | None
    """A path mapping by which they would, if they are so many that something is wrong and one was found."""

    @classmethod
    def of(cls, root: RootObservation) -> Self:
        return cls.like(root, fits=Mapping.like(root.fits) if root.fits else None)

    @property
    def observation(self) -> RootObservation:
        """As much of what was observed as it tells."""
        return msgspec.convert(self, RootObservation, from_attributes=True)


class Progress(Document, frozen=True, kw_only=True):
    """A refresh that is on."""

    since: datetime
    fetched: int
    """Records that have arrived in it."""


class Connection(Document, frozen=True, kw_only=True):
    """A connection's state and what it holds."""

    connection: str
    provider: str
    kind: str
    state: ConnectionState
    mode: MonitorMode | None
    last_refresh: datetime | None
    last_success: datetime | None
    error: Trouble | None
    items: int
    with_trailer: int
    monitored: int
    held: int
    quarantined: int
    circuit: CircuitState
    failures: int
    next_try: datetime | None
    roots: list[WitnessedRoot]
    refreshing: Progress | None
    next_refresh: datetime | None
    contradicted: int
    vanishing: int

    api_only = ("refreshing", "next_refresh")

    @classmethod
    def of(
        cls,
        row: ConnectionRow,
        roots: Sequence[RootObservation],
        now: datetime,
        *,
        refreshing: Progress | None = None,
        next_refresh: datetime | None = None,
    ) -> Self:
        """`refreshing` and `next_refresh` are for the daemon to know."""
        return cls.like(
            row,
            connection=row.name,
            state=ConnectionState.of(row),
            last_refresh=to_second(row.last_finished),
            error=Trouble.of(row.last_error_kind, row.last_error),
            circuit=row.circuit.state(now),
            next_try=to_second(row.retry_at) if row.active and row.circuit.remaining(now) else None,
            roots=[WitnessedRoot.of(root) for root in roots],
            refreshing=refreshing,
            next_refresh=to_second(next_refresh),
        )


class Connections(Document, frozen=True, kw_only=True):
    """Every connection."""

    items: list[Connection]


class Count(Document, frozen=True, kw_only=True):
    """How many items it was about."""

    items: int
