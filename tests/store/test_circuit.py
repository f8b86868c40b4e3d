"""Failures in a row, and when to ask again, outlive the process that counted them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trailarrd.domain.circuit import Circuit
from trailarrd.domain.report import ErrorKind, RefreshError
from trailarrd.errors import DatabaseError
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from datetime import datetime

    from tests.store.conftest import Library

pytestmark = pytest.mark.shared


async def fail(library: Library, kind: ErrorKind, retry_at: datetime | None = None) -> None:
    start = await library.begin()
    await library.store.fail_refresh(start, RefreshError(kind, "trouble"), at=library.now, retry_at=retry_at)


async def test_a_connection_that_never_failed_has_a_closed_circuit(library: Library) -> None:
    assert await library.store.circuit("movies") == Circuit()
    await library.refresh(library.item(1))
    assert await library.store.circuit("movies") == Circuit()


async def test_failures_count_up_and_the_last_one_says_when_to_ask_again(library: Library) -> None:
    soon, later = library.now + timedelta(seconds=30), library.now + timedelta(minutes=1)
    await fail(library, ErrorKind.UNAVAILABLE, soon)
    assert await library.store.circuit("movies") == Circuit(1, ErrorKind.UNAVAILABLE, soon)
    await fail(library, ErrorKind.UNAVAILABLE, later)
    assert await library.store.circuit("movies") == Circuit(2, ErrorKind.UNAVAILABLE, later)
    await fail(library, ErrorKind.REJECTED)
    assert await library.store.circuit("movies") == Circuit(3, ErrorKind.REJECTED, None)


async def test_a_server_that_still_refuses_us_is_left_alone_for_longer(library: Library) -> None:
    soon = library.now + timedelta(minutes=1)
    await fail(library, ErrorKind.REJECTED, soon)
    await library.store.refused_again("movies", soon)
    kept = await library.store.circuit("movies")
    assert kept == Circuit(1, ErrorKind.REJECTED, soon + timedelta(minutes=10)), "no refresh has failed"
    await library.store.refused_again("movies", soon + timedelta(minutes=10))
    assert (await library.store.circuit("movies")).retry_at == soon + timedelta(minutes=70)


async def test_a_refusal_that_comes_late_opens_no_circuit_that_somebody_has_closed(library: Library) -> None:
    await library.refresh(library.item(1))
    await library.store.refused_again("movies", library.now)
    assert await library.store.circuit("movies") == Circuit()


async def test_a_success_closes_the_circuit(library: Library) -> None:
    await fail(library, ErrorKind.UNAVAILABLE, library.now)
    await library.refresh(library.item(1))
    assert await library.store.circuit("movies") == Circuit()


async def test_a_refresh_begins_with_what_those_before_it_came_to(library: Library) -> None:
    await fail(library, ErrorKind.UNAVAILABLE, library.now)
    assert (await library.begin()).circuit == Circuit(1, ErrorKind.UNAVAILABLE, library.now)
    assert await library.store.circuit("movies") == Circuit(1, ErrorKind.UNAVAILABLE, library.now)


async def test_it_is_the_same_after_a_restart(library: Library, url: str) -> None:
    await fail(library, ErrorKind.UNAVAILABLE, library.now)
    async with Store.open(url) as again:
        assert await again.circuit("movies") == Circuit(1, ErrorKind.UNAVAILABLE, library.now)
        (row,) = await again.connections()
        assert row.circuit == Circuit(1, ErrorKind.UNAVAILABLE, library.now)


async def test_a_connection_that_is_not_stored_has_none(library: Library) -> None:
    with pytest.raises(DatabaseError, match="no connection named 'moveis' is stored"):
        await library.store.circuit("moveis")
