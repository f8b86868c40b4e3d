"""The API keys, to know one again that a request brings."""

from __future__ import annotations

import asyncio
import hmac
import time
from typing import TYPE_CHECKING, Final

from trailarrd.domain.apikey import digest_of
from trailarrd.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trailarrd.store import ApiKey, Store

_AGE: Final = 2.0
"""Seconds for which the keys are not read anew: so long a revoked one may still be good."""


class KeyRing:
    """The keys as the database has them."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._keys: Sequence[ApiKey] | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def find(self, token: str) -> ApiKey | None:
        """The key that the token is; takes as long for a wrong one as for a right one.

        Raises:
            DatabaseError: the keys cannot be read, and never could be.
        """
        return await self.find_by_digest(digest_of(token))

    async def find_by_digest(self, digest: str) -> ApiKey | None:
        """The key with that digest; takes and raises the same."""
        found = None
        for key in await self._known():
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    async def is_empty(self) -> bool:
        """Whether nobody has a key; raises the same."""
        return not await self._known()

    async def _known(self) -> Sequence[ApiKey]:
        async with self._reading:
            if self._keys is None or self._clock() - self._read_at > _AGE:
                await self._read()
        assert self._keys is not None  # noqa: S101  # or it would have raised
        return self._keys

    async def _read(self) -> None:
        """A database in trouble changes nothing about who may see that it is."""
        try:
            self._keys = await self._store.api_keys()
        except DatabaseError:
            if self._keys is None:
                raise
        self._read_at = self._clock()
