"""The attacks of `./dev attack`, for a moment each: what is answered, what is logged, what stays behind."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from benchmarks import attack
from trailarrd.domain.apikey import digest_of
from trailarrd.domain.report import Outcome
from trailarrd.store.credentials import ApiKey

if TYPE_CHECKING:
    from tests.web.conftest import Stage

ANSWERS = {
    "slow_sockets": {"open"},
    "bombs": {"415", "429"},
    "wrong_keys": {"401", "429"},
    "junk": {"401", "403", "422", "429"},
    "streams": {"200", "429"},
    "events": {"200"},
}
FULL = "503"
"""What may be answered to anybody while others take all sockets."""


def descriptors() -> int:
    """Those that are open but for the database's, of which a pool keeps so many."""
    names = []
    for one in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of looking at them
            names.append(str(one.readlink()))
    return sum(".db" not in name for name in names)


async def test_attacked_it_answers_logs_a_line_each_refreshes_and_is_as_it_was(stage: Stage) -> None:
    now, refused = datetime.now(UTC), {"http.crowded", "http.wrong_key", "webhook.wrong_token"}
    await stage.daemon.store.put_webhook_token("movies", digest_of(attack.TOKEN), now)
    key = ApiKey("reader", digest_of(attack.KEY), may_write=False, created_at=now)
    await stage.daemon.store.add_api_key(key)
    attacks = {one.__name__: one for one in attack.ATTACKS}
    attacks["slow_sockets"] = partial(attack.slow_sockets, most=100)
    async with stage.client(sockets=140, rate_limit=1) as client:
        host, _, port = client.url.removeprefix("http://").rpartition(":")
        assert (await client.get("/health/live")).status == 200
        before = descriptors()
        fronts = {
            name: attack.Front(host, int(port), f"127.0.0.{number}")
            for number, name in enumerate(attacks, 50)
        }
        with capture_logs() as logs:
            attacking = [asyncio.create_task(attacks[name](fronts[name])) for name in attacks]
            async with asyncio.timeout(10):
                while "429" not in fronts["wrong_keys"].answers:
                    await asyncio.sleep(0.05)
            assert (await client.get("/health/live")).status == 200
            assert (await stage.daemon.pollers["movies"].request()).outcome is Outcome.OK
            for one in attacking:
                one.cancel()
            await asyncio.wait(attacking)
        async with asyncio.timeout(10):
            while descriptors() > before:
                await asyncio.sleep(0.05)
        assert (await client.get("/health/live")).status == 200
    told = {name: set(front.answers) for name, front in fronts.items()}
    assert [name for name in told if not told[name] <= ANSWERS[name] | {FULL}] == [], told
    warned = [line["event"] for line in logs if line["log_level"] not in ("debug", "info")]
    assert set(warned) <= refused, logs
    assert len(warned) <= 50


async def test_lied_to_by_a_server_it_says_so_in_a_line_each_and_is_as_it_was(stage: Stage) -> None:
    """As `benchmarks.attack.LIES` do: root folders without end, and titles."""
    library, poller = stage.household.series.library, stage.daemon.pollers["series"]
    items, root = stage.household.database.content(), library.roots[0]
    before = descriptors()
    with capture_logs() as logs:
        library.roots += [f"/data/{number}" for number in range(2000)]
        assert (await poller.request()).outcome is Outcome.FAILED
        library.roots[:] = [root]
        endless = library.add(title="T" * 2**20, year=2026)["id"]
        assert (await poller.request()).outcome is Outcome.PARTIAL
        library.delete(endless)
        assert (await poller.request()).outcome is Outcome.OK
    assert stage.household.database.content() == items
    assert descriptors() <= before
    warned = [line["event"] for line in logs if line["log_level"] in ("warning", "error")]
    assert warned == ["connection.down", "record.quarantined"]
    assert all(len(str(line)) < 1000 for line in logs)
