"""Who asks: known by an API key, by the cookie of a session, or by where the request comes from."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web

from trailarrd.domain.apikey import digest_of
from trailarrd.web.limits import Cached, Limiter
from trailarrd.web.origin import ORIGIN
from trailarrd.web.problem import ProblemError
from trailarrd.web.sessions import COOKIE, Sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from trailarrd.store.credentials import ApiKey
    from trailarrd.store.store import Store

log = structlog.get_logger()

_AGE: Final = 2.0
"""Seconds for which the keys are not read anew: so long a revoked one may still be good."""
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="trailarrd"'}


class Access(IntEnum):
    """What a caller may do; a route says which of these it takes."""

    EVERYBODY = -2
    """Ask what all are told alike, such as whether the process lives: the database is not asked who it is."""
    POST = -1
    """Post an event; the route itself finds out whose, as its tokens are no API keys."""
    ANYONE = 0
    """Ask what depends on who asks: strangers are told less, or sent to sign in."""
    READ = 1
    WRITE = 2
    """Change something, too."""


LOCAL: Final = "local"
"""Who comes by the socket beside the database."""


@dataclass(frozen=True, slots=True)
class Caller:
    access: Access
    name: str
    """The name of the API key, else where the request comes from; for the log."""
    has_key: bool = False
    is_browser: bool = False
    """Whether it is known by the cookie of a session, which a browser sends whoever made it do so."""

    @property
    def told(self) -> str:
        """Who it is, as it is kept beside a choice for an item."""
        if self.has_key:
            return f"API key {self.name}"
        return "command line" if self.name == LOCAL else self.name


CALLER: Final = web.RequestKey("caller", Caller)


class KeyRing:
    """The keys as the database has them; raises `DatabaseError` only if it could never be asked.

    A database in trouble changes nothing about who may see that it is.
    """

    def __init__(self, store: Store) -> None:
        self._keys: Cached[Sequence[ApiKey]] = Cached(store.api_keys)

    async def find(self, digest: str) -> ApiKey | None:
        """The key with that digest; takes as long for a wrong one as for a right one."""
        found = None
        for key in await self._keys.known(_AGE):
            if hmac.compare_digest(key.digest, digest):
                found = key  # no end here: how long it takes would tell which key it is
        return found

    async def is_empty(self) -> bool:
        return not await self._keys.known(_AGE)


class Authenticator:
    """Finds out who sends a request; raises as the `KeyRing` does."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.keys = KeyRing(store)
        self.sessions = Sessions(store, clock)
        self._warned = Limiter(1 / 60)

    async def caller(self, request: web.Request, needed: Access) -> Caller:
        """Raises a problem if an API key is given that is none."""
        token = _token(request)
        if token is not None:
            if key := await self.key(request, token):
                return _caller_of(key)
            raise ProblemError(HTTPStatus.UNAUTHORIZED, "there is no such API key", headers=CHALLENGE)
        digest = await self.sessions.key(request.cookies.get(COOKIE, ""))
        if digest and (key := await self.keys.find(digest)):  # a session may outlive its key
            return _caller_of(key, is_browser=True)
        origin = request[ORIGIN]
        if needed is Access.ANYONE and not origin.is_local:
            return Caller(Access.ANYONE, origin.address)
        is_open = origin.is_local and await self.keys.is_empty()
        return Caller(Access.READ if is_open else Access.ANYONE, origin.address)

    async def key(self, request: web.Request, token: str) -> ApiKey | None:
        """The API key that the token is; the log hears of a wrong one, once a minute for each client."""
        key = await self.keys.find(digest_of(token))
        if key is None and not self._warned.wait(request[ORIGIN].network):
            log.warning("http.wrong_key", client=request[ORIGIN].address)
        return key


def _caller_of(key: ApiKey, *, is_browser: bool = False) -> Caller:
    access = Access.WRITE if key.may_write else Access.READ
    return Caller(access, key.name, has_key=True, is_browser=is_browser)


def _token(request: web.Request) -> str | None:
    """The key, as Arr applications take it or as everybody else does."""
    if (token := request.headers.get("X-Api-Key")) is not None:
        return token
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
