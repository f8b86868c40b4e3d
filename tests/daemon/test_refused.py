"""Servers that refuse us, and what stands in front of them: all of it heals by itself, and is told once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.daemon.conftest import serving
from tests.world import KEY
from trailarrd.domain import circuit
from trailarrd.domain.report import ErrorKind, Outcome
from trailarrd.testing import Gate, Phase, Turned

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from typing import Any

    from tests.daemon.conftest import Site
    from tests.household import Household
    from trailarrd.store.connections import ConnectionRow


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits after a failure are a moment."""
    monkeypatch.setattr(circuit, "AFTER_REFUSAL", (timedelta(seconds=0.3),))
    monkeypatch.setattr(circuit, "_FIRST_WAIT", 0.3)


async def movies(site: Site) -> ConnectionRow:
    return next(row for row in await site.daemon.store.connections() if row.name == "movies")


async def well(site: Site) -> None:
    async with asyncio.timeout(10):
        while (await movies(site)).last_outcome is not Outcome.OK:
            await asyncio.sleep(0.02)


def told(logs: Sequence[MutableMapping[str, Any]], event: str) -> int:
    return sum(line["event"] == event and line.get("connection") == "movies" for line in logs)


def use_file(household: Household, content: str = KEY) -> None:
    """The key of `movies` comes from a file."""
    (household.home / "radarr.key").write_text(content)
    text = household.config.read_text().replace("!env TEST_ARR_KEY", "!file radarr.key", 1)
    household.config.write_text(text)


# -- a key that is another where it came from -----------------------------------------------------


async def test_a_key_in_a_file_is_read_anew_before_it_is_called_refused(household: Household) -> None:
    use_file(household)
    async with serving(household) as site:
        household.movies.server.api_key = "rotated"
        (household.home / "radarr.key").write_text("rotated\n")
        with capture_logs() as logs:
            report = await site.daemon.pollers["movies"].request()
        assert (report.outcome, report.fetched) == (Outcome.OK, 3)
        assert told(logs, "connection.down") == 0
        assert "rotated" not in repr(logs)
        assert [line["changed"] for line in logs if line["event"] == "config.reloaded"] == [["movies"]]


async def test_a_credential_is_read_anew_too_and_hints_go_by_it(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = household.home / "credentials"
    credentials.mkdir()
    (credentials / "radarr").write_text(KEY)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    text = household.config.read_text().replace("!env TEST_ARR_KEY", "!credential radarr", 1)
    household.config.write_text(text)
    async with serving(household) as site:
        household.movies.server.api_key = "rotated"
        (credentials / "radarr").write_text("rotated")
        async with site.daemon.pollers["movies"].refresher() as refresher:
            assert await refresher.revisit({1})
        assert site.daemon.settings.connections[0].api_key.reveal() == "rotated"


async def test_a_password_and_a_header_in_files_are_read_anew(household: Household) -> None:
    for name in ("password", "header"):
        (household.home / name).write_text(f"old {name}")
    lines = "    basic: {user: me, password: !file password}\n    headers: {X-Gate: !file header}\n"
    household.config.write_text(household.config.read_text().replace("    retry:", f"{lines}    retry:", 1))
    household.movies.server.gate = Gate(headers={"X-Gate": "old header"}, basic=("me", "old password"))
    async with serving(household) as site:
        assert (await movies(site)).last_outcome is Outcome.OK
        household.movies.server.gate = None
        household.movies.server.api_key = "another"  # the refusal that makes it look
        for name in ("password", "header"):
            (household.home / name).write_text(f"new {name}")
        await site.daemon.pollers["movies"].request()
        connection = site.daemon.settings.connections[0]
        assert connection.basic
        assert connection.basic.password.reveal() == "new password"
        assert connection.headers["X-Gate"].reveal() == "new header"


# -- a key that is refused ------------------------------------------------------------------------


async def test_a_refused_server_is_asked_who_it_is_until_it_takes_us_and_that_is_told_once(
    household: Household, hasty: None
) -> None:
    household.movies.server.api_key = "another"
    with capture_logs() as logs:
        async with serving(household) as site, asyncio.timeout(20):
            while len(household.movies.server.requests) < 4:
                await asyncio.sleep(0.02)
            asked = [asked for asked in household.movies.server.requests if asked.phase is not Phase.STATUS]
            assert [one.path for one in asked] == ["/signalr/messages/negotiate"], "once, at the start"
            row = await movies(site)
            assert (row.failures, row.last_error_kind) == (1, ErrorKind.REJECTED), "one refresh has failed"
            household.movies.server.api_key = KEY
            await well(site)
            assert (await movies(site)).items == 3
    assert (told(logs, "connection.down"), told(logs, "connection.back")) == (1, 1)


async def test_a_key_that_is_mended_in_its_file_counts_at_the_next_try(
    household: Household, hasty: None
) -> None:
    use_file(household)
    household.movies.server.api_key = "rotated"
    async with serving(household) as site:
        assert (await movies(site)).last_error_kind is ErrorKind.REJECTED
        (household.home / "radarr.key").write_text("rotated")
        await well(site)


async def test_the_next_try_of_a_refused_server_is_known(household: Household) -> None:
    household.movies.server.api_key = "another"
    async with serving(household) as site:
        row, due = await movies(site), site.daemon.pollers["movies"].state.due
        assert row.last_finished
        assert row.retry_at == row.last_finished + timedelta(minutes=1)
        assert due is not None
        assert abs(due - row.retry_at) < timedelta(seconds=5)


# -- what stands in front of it -------------------------------------------------------------------


async def test_what_stands_in_front_for_a_moment_heals_by_itself(household: Household, hasty: None) -> None:
    household.movies.server.gate = Gate(turned=Turned.UNAUTHORIZED)
    with capture_logs() as logs:
        async with serving(household) as site:
            assert (await movies(site)).last_error_kind is ErrorKind.RESPONSE
            household.movies.server.gate = None
            await well(site)
    assert (told(logs, "connection.down"), told(logs, "connection.back")) == (1, 1)
