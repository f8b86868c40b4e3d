"""`/connections`: their state, a refresh of one, and its held removals."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec

from trailarrd.domain.circuit import CircuitState
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.report import ErrorKind
from trailarrd.domain.roots import RootState
from trailarrd.web.api.moments import to_second
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import change, get
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.domain.roots import RootObservation
    from trailarrd.store import ConnectionRow
    from trailarrd.web.services import PollerState

Name = Annotated[str, msgspec.Meta(description="a connection's name in trailarrd.yaml", max_length=200)]


class ConnectionState(StrEnum):
    """One word: how its last refresh ended, or why there is none."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    NEW = "new"
    INACTIVE = "inactive"


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why the last refresh failed."""

    kind: ErrorKind
    message: str


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """A root folder as a refresh found it."""

    path: str
    state: RootState


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh that is on."""

    since: datetime
    fetched: int
    """Records that have arrived in it."""


class Connection(msgspec.Struct, frozen=True, kw_only=True):
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
    roots: list[Root]
    refreshing: Progress | None
    next_refresh: datetime | None


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """Every connection."""

    items: list[Connection]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many items it was about."""

    items: int


@get("/connections")
async def connections(services: Services) -> Connections:
    """Every connection by name."""
    return Connections(items=await every(services))


@get("/connections/{connection}", errors={404})
async def connection(services: Services, *, connection: Name) -> Connection:
    """One connection."""
    row = await find(services, connection)
    roots = await services.store.roots()
    return _shown(services, row, roots.get(connection, ()))


@change("POST", "/connections/{connection}/refresh", status=HTTPStatus.ACCEPTED, errors={404})
async def request_refresh(services: Services, *, connection: Name) -> None:
    """Ask for a refresh as soon as can be; asking again before it begins changes nothing."""
    if connection not in services.pollers():
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no connection {connection!r} is configured")
    services.pollers()[connection].request()


@change("POST", "/connections/{connection}/removals/approve", errors={404})
async def approve_removals(services: Services, *, connection: Name) -> Count:
    """Remove exactly the items whose removal is held now."""
    await find(services, connection)
    return Count(items=await services.store.approve_removals(connection, services.clock()))


@change("POST", "/connections/{connection}/removals/discard", errors={404})
async def discard_removals(services: Services, *, connection: Name) -> Count:
    """Keep the items whose removal is held; the next refresh decides anew."""
    await find(services, connection)
    return Count(items=await services.store.discard_removals(connection))


@change("POST", "/connections/{connection}/believe", errors={404})
async def believe_roots(services: Services, *, connection: Name) -> Count:
    """Believe the root folders that are not the directories they were, from the next refresh on."""
    await find(services, connection)
    return Count(items=await services.store.trust_roots(connection))


@change("DELETE", "/connections/{connection}", errors={404, 409})
async def forget_connection(services: Services, *, connection: Name) -> Count:
    """Remove a connection that is no longer configured, with all its items; its history stays."""
    if connection in services.pollers():
        raise ProblemError(HTTPStatus.CONFLICT, f"connection {connection!r} is still configured")
    await find(services, connection)
    return Count(items=await services.store.forget(connection))


async def every(services: Services) -> list[Connection]:
    """All of them, as they are answered."""
    rows, roots = await services.store.connections(), await services.store.roots()
    return [_shown(services, row, roots.get(row.name, ())) for row in rows]


async def find(services: Services, name: str) -> ConnectionRow:
    """The stored connection of that name; a problem if there is none."""
    for row in await services.store.connections():
        if row.name == name:
            return row
    raise ProblemError(HTTPStatus.NOT_FOUND, f"no connection {name!r}")


def trouble(kind: ErrorKind | None, message: str | None) -> Trouble | None:
    """Why a refresh failed, if it did."""
    return Trouble(kind=kind, message=message or "") if kind else None


def _shown(services: Services, row: ConnectionRow, roots: Sequence[RootObservation]) -> Connection:
    """A connection as it is answered: as by `trailarrd connections --json`, and what goes on now."""
    now = services.clock()
    poller = services.pollers().get(row.name)
    return Connection(
        connection=row.name,
        provider=row.provider,
        kind=row.kind,
        state=_state(row),
        mode=row.mode,
        last_refresh=to_second(row.last_finished),
        last_success=to_second(row.last_success),
        error=trouble(row.last_error_kind, row.last_error),
        items=row.items,
        with_trailer=row.with_trailer,
        monitored=row.monitored,
        held=row.held,
        quarantined=row.quarantined,
        circuit=row.circuit.state(now),
        failures=row.failures,
        next_try=to_second(row.retry_at) if row.active and row.circuit.remaining(now) else None,
        roots=[Root(path=root.path, state=root.state) for root in roots],
        refreshing=_progress(poller.state) if poller else None,
        next_refresh=to_second(poller.state.due) if poller else None,
    )


def _progress(state: PollerState) -> Progress | None:
    if state.running_since is None:
        return None
    return Progress(since=to_second(state.running_since), fetched=state.fetched)


def _state(row: ConnectionRow) -> ConnectionState:
    if not row.active:
        return ConnectionState.INACTIVE
    return ConnectionState(row.last_outcome.value) if row.last_outcome else ConnectionState.NEW


ROUTES = (
    connections,
    connection,
    request_refresh,
    approve_removals,
    discard_removals,
    believe_roots,
    forget_connection,
)
