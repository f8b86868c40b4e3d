"""`/connections`: their state, a refresh of one, its held removals and its trailers that vanish."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

import msgspec

from trailarrd.documents import to_second
from trailarrd.documents.connections import Connection, Connections, Count, Progress
from trailarrd.domain.roots import RootObservation
from trailarrd.store.connections import ConnectionRow
from trailarrd.web.problem import ProblemError
from trailarrd.web.route import change, get
from trailarrd.web.services import Services

Name = Annotated[str, msgspec.Meta(description="a connection's name in trailarrd.yaml", max_length=200)]


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


@change("POST", "/connections/{connection}/vanished/approve", errors={404})
async def approve_vanished(services: Services, *, connection: Name) -> Count:
    """Believe that exactly the trailers that vanish now are gone."""
    await find(services, connection)
    return Count(items=await services.store.approve_vanished(connection, services.clock()))


@change("POST", "/connections/{connection}/vanished/discard", errors={404})
async def discard_vanished(services: Services, *, connection: Name) -> Count:
    """Keep the trailers that vanish; the next refresh decides anew."""
    await find(services, connection)
    return Count(items=await services.store.discard_vanished(connection))


@change("POST", "/connections/{connection}/trust", errors={404})
async def trust_roots(services: Services, *, connection: Name) -> Count:
    """Say that root folders that are not the directories they were are the right ones."""
    await find(services, connection)
    return Count(items=await services.store.trust_roots(connection))


@change("POST", "/connections/{connection}/believe", errors={404}, deprecated=True)
async def believe_roots(services: Services, *, connection: Name) -> Count:
    """The same as `trust`, which it was called before."""
    count: Count = await trust_roots.function(services, connection=connection)
    return count


@change("DELETE", "/connections/{connection}", errors={404, 409})
async def forget_connection(services: Services, *, connection: Name) -> Count:
    """Remove a connection that is no longer configured, with all its items; its history stays."""
    if connection in services.pollers():
        raise ProblemError(HTTPStatus.CONFLICT, f"connection {connection!r} is still configured")
    await find(services, connection)
    return Count(items=await services.store.forget(connection))


async def every(services: Services) -> list[Connection]:
    rows, roots = await services.store.connections(), await services.store.roots()
    return [_shown(services, row, roots.get(row.name, ())) for row in rows]


async def find(services: Services, name: str) -> ConnectionRow:
    """The stored connection of that name; a problem if there is none."""
    for row in await services.store.connections():
        if row.name == name:
            return row
    known = ", ".join(row.name for row in await services.store.connections()) or "none"
    raise ProblemError(HTTPStatus.NOT_FOUND, f"no connection {name!r}; there are: {known}")


async def must_be_known(services: Services, name: str | None) -> None:
    """A problem if there is no connection of that name; None asks for nothing."""
    if name is not None:
        await find(services, name)


def _shown(services: Services, row: ConnectionRow, roots: Sequence[RootObservation]) -> Connection:
    poller = services.pollers().get(row.name)
    state = poller.state if poller else None
    since = to_second(state.running_since) if state else None
    return Connection.of(
        row,
        roots,
        services.clock(),
        refreshing=Progress(since=since, fetched=state.fetched) if state and since else None,
        next_refresh=state.due if state else None,
    )
