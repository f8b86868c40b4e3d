"""A server that cannot be used: `refresh` and `connections` say what helps, and when it is asked again."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from trailarrd.testing import LoginPage, LoginRedirect, Refusal, ServerError, WrongApplication

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from trailarrd.testing import Fault

ADVICE: list[tuple[str, Fault, str, str]] = [
    (
        "wrong key",
        Refusal(),
        "rejected",
        "the server refuses the API key; compare api_key with its Settings > General",
    ),
    (
        "wrong application",
        WrongApplication(app_name="Whisparr"),
        "rejected",
        "is Whisparr, not Radarr: check provider and url",
    ),
    (
        "a page instead of the API",
        LoginPage(),
        "response",
        "a login in front of it: let /api past it there, or give what it takes by headers or basic",
    ),
    (
        "the application's own login",
        LoginRedirect(),
        "response",
        "the application's own login page; check the path in url",
    ),
    (
        "a rule in front",
        Refusal(status=403),
        "response",
        "a proxy's rule, a firewall, or a login; see its log, or give what it takes by headers or basic",
    ),
    ("no such API", Refusal(status=404), "response", "no such API there; check url"),
]


async def told(trailarrd: CommandLine) -> tuple[dict[str, Any], str, str, str]:
    """The error by JSON, and what people see of it: by `refresh`, `connections`, and its JSON."""
    people = await trailarrd("refresh", "movies")
    assert people.code == 1
    document = (await trailarrd("refresh", "movies", "--json")).document
    table = await trailarrd("connections")
    lines = (await trailarrd("connections", "--json")).lines
    (line,) = (line for line in lines if line["connection"] == "movies")
    return (
        document["refreshes"][0]["error"],
        people.out + people.err,
        table.out + table.err,
        line["error"]["message"],
    )


@pytest.mark.parametrize(("fault", "kind", "advice"), [row[1:] for row in ADVICE], ids=[r[0] for r in ADVICE])
async def test_the_advice_that_helps_reaches_whoever_asks(
    household: Household, trailarrd: CommandLine, fault: Fault, kind: str, advice: str
) -> None:
    household.movies.server.fault = fault
    error, *seen = await told(trailarrd)
    assert error["kind"] == kind
    for text in (error["message"], *seen):
        assert advice in " ".join(text.split())


async def test_a_missing_url_base_is_named(household: Household, trailarrd: CommandLine) -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"/radarr{request.path}")

    application = web.Application()
    application.router.add_get("/{path:.*}", elsewhere)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    household.config.write_text(household.config.read_text().replace(household.movies.server.url, origin))
    error, *seen = await told(trailarrd)
    await runner.cleanup()
    for text in (error["message"], *seen):
        assert f"the server's URL base is /radarr; url should be {origin}/radarr" in " ".join(text.split())


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[str]:
    """A server that signed its certificate itself."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("needs the openssl command to make a certificate")
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=nas"
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    making = await asyncio.create_subprocess_exec(openssl, *request.split(), *files, stderr=PIPE)
    await making.communicate()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_untrusted_certificate_comes_with_both_ways_out(
    household: Household, trailarrd: CommandLine, secure: str
) -> None:
    household.config.write_text(household.config.read_text().replace(household.movies.server.url, secure))
    error, *seen = await told(trailarrd)
    assert error["kind"] == "response"
    advice = "set ca_file to that certificate, or, less safe, verify_tls: false"
    for text in (error["message"], *seen):
        assert advice in " ".join(text.split())


# -- the circuit ----------------------------------------------------------------------------------


async def standing(trailarrd: CommandLine) -> dict[str, Any]:
    lines = (await trailarrd("connections", "--json")).lines
    (line,) = (line for line in lines if line["connection"] == "movies")
    return {name: line[name] for name in ("circuit", "failures", "next_try")}


async def test_connections_show_when_a_server_in_trouble_is_asked_again(
    household: Household, trailarrd: CommandLine
) -> None:
    well = {"circuit": "closed", "failures": 0, "next_try": None}
    await trailarrd("refresh")
    assert await standing(trailarrd) == well

    household.movies.server.fault = ServerError(status=503, retry_after="7230")
    await trailarrd("refresh", "movies")
    shown = await standing(trailarrd)
    assert (shown["circuit"], shown["failures"]) == ("open", 1)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["next_try"])
    assert "open, next try in 2 h" in " ".join((await trailarrd("connections")).out.split())

    household.movies.server.fault = Refusal()
    await trailarrd("refresh", "movies")
    shown = await standing(trailarrd)
    assert (shown["circuit"], shown["failures"]) == ("open", 2)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert datetime.fromisoformat(shown["next_try"]) == pytest.approx(soon, abs=timedelta(seconds=30))
    table = " ".join((await trailarrd("connections")).out.split())
    assert re.search(r"open, next try in (1 min|\d+ s)", table)

    household.movies.server.fault = None
    await trailarrd("refresh", "movies")
    assert await standing(trailarrd) == well


async def test_a_next_try_that_is_due_is_half_open(household: Household, trailarrd: CommandLine) -> None:
    household.movies.server.fault = ServerError(status=503)
    await trailarrd("refresh", "movies")
    household.database.sql("UPDATE connections SET retry_at = '2020-01-01 00:00:00' WHERE name = 'movies'")
    assert await standing(trailarrd) == {"circuit": "half-open", "failures": 1, "next_try": None}
    assert "half-open" in (await trailarrd("connections")).out


async def test_a_command_asks_whatever_the_circuit_is(household: Household, trailarrd: CommandLine) -> None:
    household.movies.server.fault = ServerError(status=503, retry_after="86400")
    await trailarrd("refresh", "movies")
    household.movies.server.fault = None
    assert (await trailarrd("refresh", "movies")).code == 0
