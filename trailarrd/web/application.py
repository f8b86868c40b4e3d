"""The application put together: middlewares from the outside in, then the routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from trailarrd.web import api, hooks, pages, security
from trailarrd.web.api.events import STREAM_LIMITS, StreamLimits
from trailarrd.web.authentication import Authenticator
from trailarrd.web.compression import compress
from trailarrd.web.health import HEALTH, HealthService, add_health, add_metrics
from trailarrd.web.limits import Limiter
from trailarrd.web.metrics import timed
from trailarrd.web.problem import problems
from trailarrd.web.services import SERVICES, Services
from trailarrd.web.setup import addition
from trailarrd.web.sockets import SOCKETS, SocketLimits, Sockets, gateways, room_for, watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.typedefs import Middleware

    from trailarrd.config.model import HttpSettings

_LARGEST_BODY: Final = 2**20
"""Bytes: ten times what the largest sensible request needs."""


def public_application(services: Services, settings: HttpSettings) -> web.Application:
    """For the network: whoever asks must say who he is."""
    sockets = Sockets(
        SocketLimits(most=room_for(settings.sockets), of_one=settings.sockets_per_client),
        [*settings.trusted_proxies, *gateways()],
    )
    site = pages.Site(settings.base_path)
    middlewares = [
        timed(services.metrics),
        compress,
        problems(Limiter(1 / 60).wait, site.problem),
        security.locate(settings.trusted_proxies),
        watch(sockets),
        security.limit(Limiter(settings.rate_limit)),
        security.authenticate,
    ]
    service = HealthService(services)
    application = _application(services, middlewares, service, settings.base_path)
    application[SOCKETS] = sockets
    application[STREAM_LIMITS] = StreamLimits(settings.streams, settings.streams_per_key)
    application[security.AUTHENTICATOR] = Authenticator(services.store, services.clock)
    pages.add_to(application, site, service)
    if services.detector:
        addition.add_to(application, site, services, services.detector)
    hooks.add_to(application, settings.base_path, services.store)
    return application


def local_application(services: Services) -> web.Application:
    """For a socket that only those can open who may do everything."""
    return _application(services, [problems(Limiter(1 / 60).wait), security.trust], HealthService(services))


def _application(
    services: Services, middlewares: Iterable[Middleware], service: HealthService, base_path: str = ""
) -> web.Application:
    application = web.Application(
        middlewares=[*middlewares, security.refuse_packed], client_max_size=_LARGEST_BODY
    )
    application[SERVICES] = services
    application[HEALTH] = service
    application[security.NEEDED] = {}
    application.on_response_prepare.append(security.add_headers)
    api.add_to(application, base_path)
    add_health(application, base_path, service)
    add_metrics(application, base_path, services.metrics, service)
    return application
