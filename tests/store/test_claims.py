from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.store.conftest import Library

pytestmark = pytest.mark.shared

HOUR = timedelta(hours=1)


async def test_an_item_is_one_owners_until_released(library: Library) -> None:
    await library.refresh(library.item(1))
    store, now = library.store, library.now
    assert await store.claim(1, "a", until=now + HOUR, now=now)
    assert not await store.claim(1, "b", until=now + HOUR, now=now)
    assert not await store.release(1, "b")
    row = (await library.rows())[1]
    assert (row.claimed_by, row.claimed_until) == ("a", now + HOUR)
    assert await store.release(1, "a")
    assert await store.claim(1, "b", until=now + HOUR, now=now)


async def test_an_owner_may_prolong(library: Library) -> None:
    await library.refresh(library.item(1))
    assert await library.store.claim(1, "a", until=library.now + HOUR, now=library.now)
    assert await library.store.claim(1, "a", until=library.now + 2 * HOUR, now=library.now)
    assert (await library.rows())[1].claimed_until == library.now + 2 * HOUR


async def test_a_claim_that_ran_out_is_free(library: Library) -> None:
    await library.refresh(library.item(1))
    until = library.now + HOUR
    assert await library.store.claim(1, "a", until=until, now=library.now)
    almost = until - timedelta(microseconds=1)
    assert not await library.store.claim(1, "b", until=until + HOUR, now=almost)
    assert await library.store.claim(1, "b", until=until + HOUR, now=until)


async def test_what_is_not_there_cannot_be_claimed(library: Library) -> None:
    await library.refresh(library.item(1), library.item(2))
    await library.refresh(library.item(2))
    assert not await library.store.claim(1, "a", until=library.now + HOUR, now=library.now)
    assert not await library.store.claim(99, "a", until=library.now + HOUR, now=library.now)
