"""What every request passes: whence it comes, how often, who asks, and what the answer must not allow."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web

from trailarrd.errors import DatabaseError
from trailarrd.web.caller import CALLER, LOCAL, Access, Caller
from trailarrd.web.limiter import Limiter
from trailarrd.web.origin import ORIGIN, Origin, origin_of
from trailarrd.web.problem import ProblemError
from trailarrd.web.session import COOKIE

if TYPE_CHECKING:
    from collections.abc import Collection

    from aiohttp.typedefs import Handler, Middleware

    from trailarrd.store import ApiKey
    from trailarrd.web.keyring import KeyRing
    from trailarrd.web.origin import Network
    from trailarrd.web.session import Sessions

log = structlog.get_logger()

NEEDED: Final = web.AppKey("needed", dict[web.AbstractRoute, Access])
"""What each route asks of its caller."""


class _Recognizer:
    """Finds out who sends a request."""

    def __init__(self, keys: KeyRing, sessions: Sessions) -> None:
        self._keys = keys
        self._sessions = sessions
        self._told = Limiter(1 / 60)

    async def caller(self, request: web.Request) -> Caller:
        return await _caller(request, self._keys, self._sessions, self._told)


_RECOGNIZER: Final = web.RequestKey("recognizer", _Recognizer)

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HOW_TO: Final = "send an API key in the header X-Api-Key; 'trailarrd apikey create NAME' makes one"
_FOREIGN: Final = "a browser that has signed in may change something only from trailarrd's own page"
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


def authenticate(keys: KeyRing, sessions: Sessions) -> Middleware:
    """Finds out who asks, and refuses who may not."""
    recognizer = _Recognizer(keys, sessions)

    @web.middleware
    async def authenticated(request: web.Request, handler: Handler) -> web.StreamResponse:
        if needed(request) is Access.POST:
            return await handler(request)
        request[_RECOGNIZER] = recognizer
        request[CALLER] = await recognizer.caller(request)
        authorize(request, needed(request))
        return await handler(request)

    return authenticated


async def is_welcome(request: web.Request) -> bool:
    """Whether who was let in would be let in now, too: a key may have been revoked."""
    recognizer = request.get(_RECOGNIZER)
    if recognizer is None:
        return True
    try:
        caller = await recognizer.caller(request)
    except (ProblemError, DatabaseError):
        return False
    return int(caller.access) >= needed(request)


@web.middleware
async def trust(request: web.Request, handler: Handler) -> web.StreamResponse:
    """On a socket that only the daemon's own user can open, everybody may do everything."""
    request[ORIGIN] = Origin("local", is_local=True)
    request[CALLER] = Caller(Access.WRITE, LOCAL)
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
        if caller.is_browser and access is Access.WRITE and not _is_own_page(request):
            raise ProblemError(HTTPStatus.FORBIDDEN, _FOREIGN)
        return
    if caller.has_key:
        raise ProblemError(HTTPStatus.FORBIDDEN, f"the API key {caller.name!r} is for reading only")
    raise ProblemError(HTTPStatus.UNAUTHORIZED, _HOW_TO, headers=_CHALLENGE)


def _is_own_page(request: web.Request) -> bool:
    """Whether our own page asks: no other can send this header, as the API allows that to none (CORS)."""
    is_same = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    return is_same and request.headers.get("X-Requested-With") == "trailarrd"


async def _caller(request: web.Request, keys: KeyRing, sessions: Sessions, told: Limiter) -> Caller:
    origin = request[ORIGIN]
    token = _token(request)
    if token is None:
        if caller := await _signed_in(request, keys, sessions):
            return caller
        if needed(request) is Access.ANYONE and not origin.is_local:
            return Caller(Access.ANYONE, origin.address)
        is_open = origin.is_local and await keys.is_empty()
        return Caller(Access.READ if is_open else Access.ANYONE, origin.address)
    key = await keys.find(token)
    if key is None:
        if not told.wait(origin.network):
            log.warning("http.wrong_key", client=origin.address)
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "there is no such API key", headers=_CHALLENGE)
    return _caller_of(key)


async def _signed_in(request: web.Request, keys: KeyRing, sessions: Sessions) -> Caller | None:
    """Who has signed in with this browser, if the key still exists."""
    digest = sessions.key(request.cookies.get(COOKIE, ""))
    key = await keys.find_by_digest(digest) if digest else None
    return _caller_of(key, is_browser=True) if key else None


def _caller_of(key: ApiKey, *, is_browser: bool = False) -> Caller:
    access = Access.WRITE if key.may_write else Access.READ
    return Caller(access, key.name, has_key=True, is_browser=is_browser)


def _token(request: web.Request) -> str | None:
    """The key, as Arr applications take it or as everybody else does."""
    if (token := request.headers.get("X-Api-Key")) is not None:
        return token
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
