"""Daemons of one database on a server, each as far as its leases."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from trailarrd.domain.media import MediaKind
from trailarrd.store.leases import Leases
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from trailarrd.domain.database import DatabaseAddress
    from trailarrd.store.peers import Peers

MOVIES: Final = ("movies", "radarr", MediaKind("movie"))


def hang(store: Store) -> None:
    """As if its process were frozen: it prolongs nothing any more."""
    assert isinstance(store._database.locks, Leases)
    assert store._database.locks._keeping
    store._database.locks._keeping.cancel()


@asynccontextmanager
async def daemons(address: DatabaseAddress) -> AsyncIterator[tuple[Store, Store]]:
    """Two of one database."""
    async with (
        Store.open(address) as first,
        Store.open(address) as second,
        first.daemon_lock(),
        second.daemon_lock(),
    ):
        yield first, second


def peers_of(store: Store) -> Peers:
    assert store.peers
    return store.peers


async def taken(store: Store, *connections: str) -> None:
    """Take these over, as soon as they can be had."""
    async with asyncio.timeout(10):
        while not peers_of(store).held >= set(connections):
            await peers_of(store).take(connections)
            await asyncio.sleep(0.05)
