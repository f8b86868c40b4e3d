"""What only the daemon can do that works at the connection, wherever that is."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from trailarrd.domain.report import RefreshReport
from trailarrd.errors import DaemonError, DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.store.peers import Peers
    from trailarrd.store.store import Store

_EVERY: Final = 1.0
"""Seconds to the next look for an answer where nothing wakes us."""
_RENEWED: Final = 600.0
"""Seconds after which what is waited for is renewed: a large library may take hours."""


def _nobody_hears(_holder: str) -> None:
    pass


async def refresh_elsewhere(
    store: Store, peers: Peers, connection: str, taken_over: Callable[[str], object] = _nobody_hears
) -> RefreshReport:
    """Have it refresh the whole library, and wait as long as it takes; whoever takes over does it as well.

    `taken_over` hears who that is.

    Raises:
        DaemonError: it could not even end, and why; or no daemon is left.
        DatabaseError: the database cannot be used.
    """
    told = await _answer(store, peers, connection, await peers.request(connection), taken_over)
    return msgspec.convert(told["report"], RefreshReport)


async def revisit_elsewhere(store: Store, peers: Peers, connection: str, arr_ids: list[int]) -> None:
    """The same for some items alone."""
    await _answer(store, peers, connection, await peers.request(connection, arr_ids))


async def delete_elsewhere(store: Store, peers: Peers, connection: str, media_id: int) -> str | None:
    """Have it take away the trailer of ours of that item; why it did not, None if it did."""
    number = await peers.request(connection, delete_of=media_id)
    refused: str | None = (await _answer(store, peers, connection, number))["refused"]
    return refused


async def _answer(
    store: Store,
    peers: Peers,
    connection: str,
    number: int,
    taken_over: Callable[[str], object] = _nobody_hears,
) -> dict[str, Any]:
    try:
        told = await _awaited(store, peers, connection, number, taken_over)
    finally:
        with suppress(DatabaseError):  # it is erased after a while
            await peers.withdraw(number)
    if "error" in told:
        raise DaemonError(told["error"])
    return told


async def _awaited(
    store: Store, peers: Peers, connection: str, number: int, taken_over: Callable[[str], object]
) -> dict[str, Any]:
    mark, before, renewed = await store.commits.mark(), None, time.monotonic()
    while (told := await peers.answer_of(number)) is None:
        living = await peers.living()
        if not any(connection in one.rules for one in living):
            raise DaemonError(f"no daemon that runs may work at {connection}")
        worker = next((one for one in living if connection in one.seats), before)
        if worker and before and worker.id != before.id:
            taken_over(worker.holder)
        before = worker
        if time.monotonic() - renewed > _RENEWED:
            if not await peers.renew(number):
                raise DaemonError("what was asked for was dropped, as nobody seemed to wait for it")
            renewed = time.monotonic()
        await store.commits.after(mark, _EVERY)
        mark = await store.commits.mark()
    return told
