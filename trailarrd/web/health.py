"""`/health`: whether the process lives, can be used, and is well; and `/metrics`, the same in numbers."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from trailarrd.errors import DatabaseError
from trailarrd.health import DaemonHealth, judge
from trailarrd.runtime.shortages import shortages
from trailarrd.web.authentication import CALLER, Access
from trailarrd.web.limits import Cached
from trailarrd.web.security import add_route
from trailarrd.web.snapshot import Snapshot

if TYPE_CHECKING:
    from trailarrd.documents.health import Health
    from trailarrd.web.metrics import Metrics
    from trailarrd.web.services import Services

_AGE: Final = 2.0
"""Seconds for which the database is not asked again, however many ask us."""
_PATIENCE: Final = 2.0
"""Seconds; more, and who looks after us in a cluster takes the process for dead."""


class HealthService:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._snapshot = Cached(self._read, _PATIENCE)

    async def health(self, *, anew: bool = False) -> Health:
        """How trailarrd is; `anew` for somebody who was just told that something has happened."""
        services = self._services
        snapshot = await self.snapshot(anew=anew)
        pollers = services.pollers()
        states = {name: poller.state for name, poller in pollers.items()}
        return judge(
            snapshot.rows,
            snapshot.roots,
            now=services.clock(),
            plugins=services.plugins,
            process=DaemonHealth(
                lag_s=services.lag.worst,
                due={name: state.due for name, state in states.items()},
                late={name: poller.late_at for name, poller in pollers.items()},
                broken=services.broken(),
                unstored={name: state.unstored for name, state in states.items() if state.unstored},
                shortages=tuple(shortages(services.store.folder)),
                downloads=desk.troubles if (desk := services.desk()) else (),
                differing=services.differing(),
                note=services.note(),
            ),
            database=snapshot.error,
            daemons=services.daemons(),
        )

    async def snapshot(self, *, anew: bool = False) -> Snapshot:
        """What the database says, or said a moment ago; and what it said last, if it is in trouble."""
        try:
            return await self._snapshot.get(0.0 if anew else _AGE)
        except DatabaseError as error:
            return (self._snapshot.last or Snapshot((), {}, Counter()))._replace(error=str(error))

    async def _read(self) -> Snapshot:
        store = self._services.store
        return Snapshot(
            await store.connections(), await store.roots(), await store.tally(self._services.clock())
        )


HEALTH: Final = web.AppKey("health", HealthService)


def add_health(application: web.Application, base_path: str, service: HealthService) -> None:
    """Three routes; none of them tells a stranger more than a word."""

    async def live(_request: web.Request) -> web.Response:
        """The event loop answers."""
        return _answer({"status": "ok"}, well=True)

    async def ready(_request: web.Request) -> web.Response:
        """The database can be used."""
        is_ready = (await service.snapshot()).error is None
        return _answer({"status": "ok" if is_ready else "not-ready"}, well=is_ready)

    async def health(request: web.Request) -> web.Response:
        """Nobody needs to do anything."""
        found = await service.health()
        document = msgspec.to_builtins(found)
        if request[CALLER].access < Access.READ:
            document = {"status": document["status"]}
        return _answer(document, well=found.is_well)

    for path, handler in (("/live", live), ("/ready", ready)):
        add_route(application, "GET", f"{base_path}/health{path}", handler, Access.EVERYBODY)
    add_route(application, "GET", f"{base_path}/health", health, Access.ANYONE)


def add_metrics(
    application: web.Application, base_path: str, metrics: Metrics, service: HealthService
) -> None:
    """One route, for who may read."""

    async def expose(_request: web.Request) -> web.Response:
        content = metrics.exposition(await service.snapshot(), await service.health())
        return web.Response(body=content, headers={"Content-Type": CONTENT_TYPE_LATEST})

    add_route(application, "GET", f"{base_path}/metrics", expose, Access.READ)


def _answer(document: object, *, well: bool) -> web.Response:
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return web.json_response(document, status=status, headers={"Cache-Control": "no-store"})
