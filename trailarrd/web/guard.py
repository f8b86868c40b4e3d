"""What every request passes: whence it comes, how often, who asks, and what the answer must not allow."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web

from trailarrd.web.caller import CALLER, Access, Caller
from trailarrd.web.limiter import Limiter
from trailarrd.web.origin import ORIGIN, Origin, origin_of
from trailarrd.web.problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Collection

    from aiohttp.typedefs import Handler, Middleware

    from trailarrd.web.keyring import KeyRing
    from trailarrd.web.origin import Network

log = structlog.get_logger()

NEEDED: Final = web.AppKey("needed", dict[web.AbstractRoute, Access])
"""What each route asks of its caller."""

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HOW_TO: Final = "send an API key in the header X-Api-Key; 'trailarrd apikey create NAME' makes one"
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="trailarrd"'}


def add_route(application: web.Application, method: str, path: str, handler: Handler, access: Access) -> None:
    """The only way to add a route, so that none is open by mistake; GET answers HEAD, too."""
    for one in ("GET", "HEAD") if method == "GET" else (method,):
        application[NEEDED][application.router.add_route(one, path, handler)] = access


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """A signal: what browsers must not do with any answer, unless its handler knows better."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "trailarrd"


def locate(trusted: Collection[Network]) -> Middleware:
    """Finds out where a request comes from."""

    @web.middleware
    async def located(request: web.Request, handler: Handler) -> web.StreamResponse:
        forwarded = request.headers.getall("X-Forwarded-For", [])
        request[ORIGIN] = origin_of(request.remote or "", forwarded, request.headers, trusted)
        return await handler(request)

    return located


def limit(limiter: Limiter) -> Middleware:
    """Refuses a client that asks too often."""

    @web.middleware
    async def limited(request: web.Request, handler: Handler) -> web.StreamResponse:
        if needed(request) is not Access.POST:
            _count(request, limiter)
            return await handler(request)
        try:  # a server that is refused an event stops posting them, so only strangers are counted
            return await handler(request)
        except ProblemError:
            _count(request, limiter)
            raise

    return limited


def _count(request: web.Request, limiter: Limiter) -> None:
    if wait := limiter.wait(request[ORIGIN].network):
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too many requests from this address",
            headers={"Retry-After": str(math.ceil(wait))},
        )


def authenticate(keys: KeyRing) -> Middleware:
    """Finds out who asks, and refuses who may not."""
    told = Limiter(1 / 60)

    @web.middleware
    async def authenticated(request: web.Request, handler: Handler) -> web.StreamResponse:
        if needed(request) is Access.POST:
            return await handler(request)
        request[CALLER] = await _caller(request, keys, told)
        authorize(request, needed(request))
        return await handler(request)

    return authenticated


@web.middleware
async def trust(request: web.Request, handler: Handler) -> web.StreamResponse:
    """On a socket that only the daemon's own user can open, everybody may do everything."""
    request[ORIGIN] = Origin("local", is_local=True)
    request[CALLER] = Caller(Access.WRITE, "local")
    return await handler(request)


def needed(request: web.Request) -> Access:
    """What a route asks of its caller; one that says nothing asks for everything."""
    if request.match_info.http_exception is not None:
        return Access.ANYONE  # there is no such route, and everybody may know it
    return request.app[NEEDED].get(request.match_info.route, Access.WRITE)


def authorize(request: web.Request, access: Access) -> None:
    """Raise a problem if the caller may not do that."""
    caller = request[CALLER]
    if caller.access >= access:
        return
    if caller.has_key:
        raise ProblemError(HTTPStatus.FORBIDDEN, f"the API key {caller.name!r} is for reading only")
    raise ProblemError(HTTPStatus.UNAUTHORIZED, _HOW_TO, headers=_CHALLENGE)


async def _caller(request: web.Request, keys: KeyRing, told: Limiter) -> Caller:
    origin = request[ORIGIN]
    token = _token(request)
    if token is None:
        if needed(request) is Access.ANYONE and not origin.is_local:
            return Caller(Access.ANYONE, origin.address)
        is_open = origin.is_local and await keys.is_empty()
        return Caller(Access.READ if is_open else Access.ANYONE, origin.address)
    key = await keys.find(token)
    if key is None:
        if not told.wait(origin.network):
            log.warning("http.wrong_key", client=origin.address)
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "there is no such API key", headers=_CHALLENGE)
    return Caller(Access.WRITE if key.may_write else Access.READ, key.name, has_key=True)


def _token(request: web.Request) -> str | None:
    """The key, as Arr applications take it or as everybody else does."""
    if (token := request.headers.get("X-Api-Key")) is not None:
        return token
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
