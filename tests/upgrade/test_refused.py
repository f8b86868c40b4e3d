"""A connection that 0.1.0 had given up, as its server refused the key, is asked again by the new rule."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from trailarrd.testing import Refusal

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.upgrade.old_home import OldHome


def give_up(household: OldHome) -> None:
    """As 0.1.0 kept it: no time, since only the user could help."""
    refused = "last_outcome = 'failed', last_error_kind = 'rejected', last_error = 'wrong key'"
    with closing(sqlite3.connect(household.database.path)) as db, db:
        db.execute(f"UPDATE connections SET {refused}, failures = 3, retry_at = NULL WHERE name = 'movies'")


async def movies(trailarrd: CommandLine) -> dict[str, Any]:
    lines = (await trailarrd("connections", "--json")).lines
    return next(line for line in lines if line["connection"] == "movies")


async def test_a_connection_that_was_given_up_is_due_and_knows_its_next_try_from_then_on(
    household: OldHome, trailarrd: CommandLine
) -> None:
    before = household.before()
    give_up(household)
    kept = await movies(trailarrd)
    assert (kept["state"], kept["failures"], kept["error"]["kind"]) == ("failed", 3, "rejected")
    assert (kept["circuit"], kept["next_try"]) == ("half-open", None)

    household.movies.server.fault = Refusal()
    await trailarrd("refresh", "movies")
    kept = await movies(trailarrd)
    again = datetime.fromisoformat(kept["next_try"]) - datetime.fromisoformat(kept["last_refresh"])
    assert (kept["circuit"], again) == ("open", timedelta(minutes=1))

    household.movies.server.fault = None
    done = await trailarrd("refresh", "movies", "--json")
    assert done.code == 0
    assert (await movies(trailarrd))["circuit"] == "closed"
    assert (await trailarrd("media", "--json")).lines
    assert len((await trailarrd("history", "--limit", "1000", "--json")).lines) == before.events
