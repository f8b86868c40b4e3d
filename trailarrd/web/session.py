"""Who has signed in with a browser; known by a cookie, and only until the end of the process."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from trailarrd.domain.apikey import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

COOKIE: Final = "trailarrd_session"
_IDLE: Final = 30 * 24 * 3600.0
"""Seconds without a request after which a session ends."""
_MOST: Final = 1000
"""Sessions; beyond that the one that was idle for longest ends."""


class _Session(NamedTuple):
    key: str
    """The digest of the API key that it was opened with."""
    used_at: float


class Sessions:
    """The open ones. A session may do what its API key may, for as long as that exists."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, _Session] = {}

    def open(self, key: str) -> str:
        """Begin one for the API key with that digest; the token for the cookie."""
        token = secrets.token_urlsafe(32)
        self._open[digest_of(token)] = _Session(key, self._clock())
        while len(self._open) > _MOST:
            del self._open[next(iter(self._open))]
        return token

    def key(self, token: str) -> str | None:
        """The digest of the API key that this session was opened with; None if there is no such session."""
        digest = digest_of(token)
        session = self._open.pop(digest, None)
        if session is None or self._clock() - session.used_at > _IDLE:
            return None
        self._open[digest] = _Session(session.key, self._clock())
        return session.key

    def close(self, token: str) -> None:
        self._open.pop(digest_of(token), None)


def give_cookie(request: web.Request, response: web.Response, token: str, path: str) -> None:
    """No script can read it, no other site can use it, and it ends with the browser's own session."""
    is_secure = request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    response.set_cookie(COOKIE, token, path=path, httponly=True, samesite="Strict", secure=is_secure)


def take_cookie(response: web.Response, path: str) -> None:
    response.del_cookie(COOKIE, path=path, httponly=True, samesite="Strict")
