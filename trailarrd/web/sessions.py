"""Browsers in which somebody signed in: known by a cookie, and kept, so that a restart signs nobody out."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from trailarrd.domain.apikey import digest_of
from trailarrd.errors import DatabaseError
from trailarrd.store.credentials import Session
from trailarrd.web.limits import Cached

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.store.store import Store

COOKIE: Final = "trailarrd_session"
IDLE: Final = timedelta(days=30)
"""Without a request for so long a session ends."""
_MOST: Final = 1000
"""Sessions; beyond that the one that was idle for longest ends."""
_AGE: Final = 2.0
"""Seconds for which they are not read anew: so long one that was ended may still be good."""
_NOTED: Final = timedelta(hours=1)
"""How finely it is kept when one was used: a page asks often, and each note is a write."""
_LONGEST_NAME: Final = 200


class Sessions:
    """The open ones. A session may do what its API key may, for as long as that exists.

    A database in trouble signs nobody out.
    Methods raise `DatabaseError`; `key` only if the database could never be asked.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._kept = Cached(self._read)

    async def open(self, key: str, browser: str) -> str:
        """Begin one for the API key with that digest; the token for the cookie."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(digest_of(token), key, browser[:_LONGEST_NAME], now, now)
        await self._store.open_session(session, idle_since=now - IDLE, most=_MOST)
        self._kept.drop()
        return token

    async def key(self, token: str) -> str | None:
        """The digest of the API key that this session was opened with; None if there is no such session."""
        if not token:
            return None
        sessions, now = await self._kept.known(_AGE), self._clock()
        session = sessions.get(digest_of(token))
        if session is None or now - session.used_at > IDLE:
            return None
        if now - session.used_at > _NOTED:
            sessions[session.digest] = replace(session, used_at=now)  # before others come by here
            with suppress(DatabaseError):  # who cannot be noted is let in all the same
                await self._store.use_session(session.digest, now)
        return session.key

    async def close(self, token: str) -> None:
        await self._store.close_session(digest_of(token))
        self._kept.drop()

    async def _read(self) -> dict[str, Session]:
        return {one.digest: one for one in await self._store.sessions()}
