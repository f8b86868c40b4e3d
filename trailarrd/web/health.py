"""`/health`: whether the process lives, can be used, and is well; and `/metrics`, the same in numbers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from trailarrd.web.caller import CALLER, Access
from trailarrd.web.guard import add_route

if TYPE_CHECKING:
    from trailarrd.web.checkup import Checkup
    from trailarrd.web.metrics import Metrics


def add_health(application: web.Application, base_path: str, checkup: Checkup) -> None:
    """Three routes; none of them tells a stranger more than a word."""

    async def live(_request: web.Request) -> web.Response:
        """The event loop answers."""
        return _answer({"status": "ok"}, well=True)

    async def ready(_request: web.Request) -> web.Response:
        """The database can be used."""
        is_ready = (await checkup.reading()).error is None
        return _answer({"status": "ok" if is_ready else "not-ready"}, well=is_ready)

    async def health(request: web.Request) -> web.Response:
        """Nobody needs to do anything."""
        vitals = await checkup.vitals()
        document = vitals.document()
        if request[CALLER].access < Access.READ:
            document = {"status": document["status"]}
        return _answer(document, well=vitals.is_well)

    for path, handler in (("/live", live), ("/ready", ready), ("", health)):
        add_route(application, "GET", f"{base_path}/health{path}", handler, Access.ANYONE)


def add_metrics(application: web.Application, base_path: str, metrics: Metrics, checkup: Checkup) -> None:
    """One route, for who may read."""

    async def expose(_request: web.Request) -> web.Response:
        content = metrics.exposition(await checkup.reading(), await checkup.vitals(), checkup.heartbeat.worst)
        return web.Response(body=content, headers={"Content-Type": CONTENT_TYPE_LATEST})

    add_route(application, "GET", f"{base_path}/metrics", expose, Access.READ)


def _answer(document: object, *, well: bool) -> web.Response:
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return web.json_response(document, status=status, headers={"Cache-Control": "no-store"})
