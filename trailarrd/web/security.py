"""What every request passes: whence it comes, how often, who asks, and what the answer must not allow."""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

from trailarrd.errors import DatabaseError
from trailarrd.web.authentication import CALLER, CHALLENGE, LOCAL, Access, Authenticator, Caller
from trailarrd.web.limits import Limiter
from trailarrd.web.origin import ORIGIN, Network, Origin, origin_of
from trailarrd.web.problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Collection

    from aiohttp.typedefs import Handler, Middleware


NEEDED: Final = web.AppKey("needed", dict[web.AbstractRoute, Access])
"""What each route asks of its caller."""
AUTHENTICATOR: Final = web.AppKey("authenticator", Authenticator)
"""Finds out who asks; not there where everybody may do everything."""
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_EVENTS: Final = 400.0
"""Events a second that one client may post; the next wait for their turn, and none is refused."""
_PENANCE: Final = 0.5
"""Seconds that who asks too often waits for hearing it."""
_HOW_TO: Final = "send an API key in the header X-Api-Key; 'trailarrd apikey create NAME' makes one"
_FOREIGN: Final = "a browser that has signed in may change something only from trailarrd's own page"

FOREIGN_FORM: Final = (
    "Another site sent this form. If it was this one: the reverse proxy before trailarrd has to pass on the"
    " host that your browser names, in the header Host or X-Forwarded-Host."
)


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
    @web.middleware
    async def located(request: web.Request, handler: Handler) -> web.StreamResponse:
        forwarded = request.headers.getall("X-Forwarded-For", [])
        request[ORIGIN] = origin_of(request.remote or "", forwarded, request.headers, trusted)
        return await handler(request)

    return located


def limit(limiter: Limiter) -> Middleware:
    events = Limiter(_EVENTS, burst=2.0)

    @web.middleware
    async def limited(request: web.Request, handler: Handler) -> web.StreamResponse:
        if needed(request) is not Access.POST:
            await _count(request, limiter)
            return await handler(request)
        if wait := events.turn(request[ORIGIN].network):
            await asyncio.sleep(wait)
        try:  # a server that is refused an event stops posting them, so only strangers are counted
            return await handler(request)
        except ProblemError:
            await _count(request, limiter)
            raise

    return limited


async def _count(request: web.Request, limiter: Limiter) -> None:
    """Who asks too often is told so late: a refusal costs about as much as an answer does."""
    if wait := limiter.wait(request[ORIGIN].network):
        await asyncio.sleep(_PENANCE)
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too many requests from this address",
            headers={"Retry-After": str(math.ceil(wait))},
        )


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    access = needed(request)
    if access >= Access.ANYONE:
        request[CALLER] = await request.app[AUTHENTICATOR].caller(request, access)
        _authorize(request, access)
    return await handler(request)


@web.middleware
async def refuse_packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nobody who asks us compresses, and half a megabyte can unpack to a thousand times as much."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must not be compressed")
    return await handler(request)


async def is_welcome(request: web.Request) -> bool:
    """Whether who was let in would be let in now, too: a key may have been revoked."""
    if AUTHENTICATOR not in request.app:
        return True
    access = needed(request)
    try:
        caller = await request.app[AUTHENTICATOR].caller(request, access)
    except (ProblemError, DatabaseError):
        return False
    return caller.access >= access


@web.middleware
async def trust(request: web.Request, handler: Handler) -> web.StreamResponse:
    """On a socket that only its own user can open, and his group if he says so, all may do everything."""
    request[ORIGIN] = Origin("local", is_local=True)
    request[CALLER] = Caller(Access.WRITE, LOCAL)
    return await handler(request)


def needed(request: web.Request) -> Access:
    """What a route asks of its caller; one that says nothing asks for everything."""
    if request.match_info.http_exception is not None:
        return Access.EVERYBODY  # there is no such route, and all may know it
    return request.app[NEEDED].get(request.match_info.route, Access.WRITE)


def _authorize(request: web.Request, access: Access) -> None:
    caller = request[CALLER]
    if caller.access >= access:
        if caller.is_browser and access is Access.WRITE and not _is_own_page(request):
            raise ProblemError(HTTPStatus.FORBIDDEN, _FOREIGN)
        return
    if caller.has_key:
        raise ProblemError(HTTPStatus.FORBIDDEN, f"the API key {caller.name!r} is for reading only")
    raise ProblemError(HTTPStatus.UNAUTHORIZED, _HOW_TO, headers=CHALLENGE)


def comes_from_elsewhere(request: web.Request) -> bool:
    """Whether a browser sent a form because another site made it do so.

    Over plain HTTP browsers do not say so but for `Origin`; a proxy that gives us another host than the
    browser's has to say which that was.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return False  # no browser
    ours = {request.headers.get(name, "").lower() for name in ("Host", "X-Forwarded-Host")} - {""}
    try:
        sent_by = urlsplit(origin)
    except ValueError:  # of no host that there can be
        return True
    return not ours & {sent_by.netloc.lower(), sent_by.hostname}


def _is_own_page(request: web.Request) -> bool:
    """Whether our own page asks: no other can send this header, as the API allows that to none (CORS)."""
    is_same = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    return is_same and request.headers.get("X-Requested-With") == "trailarrd"
