"""Case 30: mistakes in trailarrd.yaml end the program at the start; on SIGHUP the old one is kept."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from trailarrd.testing import Phase, Stall

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.e2e.conftest import Start
    from tests.household import Household

MISTAKES: dict[str, tuple[bytes, int, str]] = {
    "duplicate key": (b"    monitor: none\n    monitor: sync\n", 7, "monitor"),
    "unknown key": (b"    moniter: none\n", 6, "moniter"),
    "tab": (b"\tmonitor: none\n", 6, "tab"),
    "unknown mode that yaml reads as a boolean": (b"    monitor: no\n", 6, "monitor"),
    "off where true or false is asked for": (b"    verify_tls: off\n", 6, "verify_tls"),
    "include of a file that is not there": (b"include: other.yaml\n", 6, "no such file"),
    "include of itself": (b"include: trailarrd.yaml\n", 6, "include itself"),
    "duplicate connection name": (
        b"  - {name: movies, provider: radarr, url: 'http://a', api_key: b}\n",
        6,
        "movies",
    ),
}
"""Lines after a valid file of five, the line that is to blame, and a word of the message."""

VALID = b"""\
connections:
  - name: movies
    provider: radarr
    url: http://nas:7878
    api_key: abc
"""


async def refused(household: Household, trailarrd: CommandLine, text: bytes) -> str:
    """What a refresh says, which ends at once and asks nobody."""
    household.config.write_bytes(text)
    done = await trailarrd("refresh")
    assert (done.code, done.out) == (78, "")
    assert household.movies.server.requests == []
    return done.err


async def test_30_the_daemon_says_the_same_and_does_not_start(
    household: Household, trailarrd: CommandLine, run: CommandLine
) -> None:
    said = await refused(household, trailarrd, VALID + b"    moniter: none\n")
    done = await run("run")
    assert (done.code, done.out, done.err) == (78, "", said)


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_30_mistake_is_named_with_file_and_line(
    household: Household, trailarrd: CommandLine, mistake: str
) -> None:
    lines, number, word = MISTAKES[mistake]
    said = await refused(household, trailarrd, VALID + lines)
    assert f"{household.config}:{number}:" in said
    assert word in said


@pytest.mark.parametrize("written", ["0123", "'0123'"])
async def test_30_api_key_of_digits_keeps_its_zero(
    household: Household, trailarrd: CommandLine, written: str
) -> None:
    """Never the number 123, nor 83 as YAML 1.1 would have it."""
    household.movies.server.api_key = "0123"
    text = household.config.read_text().replace("!env TEST_ARR_KEY", written, 1)
    household.config.write_text(text)
    assert (await trailarrd("refresh", "movies")).code == 0
    assert {asked.headers["X-Api-Key"] for asked in household.movies.server.requests} == {"0123"}


@pytest.mark.parametrize("word", ["no", "off", "No", "OFF", "on", "y"])
async def test_30_a_name_that_yaml_1_1_takes_for_a_boolean_is_a_name(
    household: Household, trailarrd: CommandLine, word: str
) -> None:
    text = household.config.read_text().replace("name: movies", f"name: {word}")
    household.config.write_text(text)
    done = await trailarrd("refresh", word, "--json")
    assert (done.code, done.document["refreshes"][0]["connection"]) == (0, word)


async def test_30_not_utf8(household: Household, trailarrd: CommandLine) -> None:
    said = await refused(household, trailarrd, VALID.replace(b"movies", b"caf\xe9"))
    assert f"{household.config}:2:" in said
    assert "UTF-8" in said


async def test_30_byte_order_mark_is_no_mistake(household: Household, trailarrd: CommandLine) -> None:
    household.config.write_bytes(b"\xef\xbb\xbf" + household.config.read_bytes())
    assert (await trailarrd("refresh")).code == 0


@pytest.mark.parametrize("text", [b"", b"\n\n", b"# nothing\n", b"---\n", b"connections: []\n"], ids=repr)
async def test_30_empty_file(household: Household, trailarrd: CommandLine, text: bytes) -> None:
    said = await refused(household, trailarrd, text)
    assert f"{household.config}:1:" in said
    assert "connections" in said


async def test_30_all_mistakes_are_told_at_once(household: Household, trailarrd: CommandLine) -> None:
    text = VALID.replace(b"http://nas:7878", b"nas") + b"    moniter: none\n"
    said = await refused(household, trailarrd, text)
    assert {f"{household.config}:{number}:" in said for number in (4, 6)} == {True}


async def test_30_invalid_file_on_sighup(household: Household, start: Start) -> None:
    """The old configuration is kept, the daemon goes on with it, and the mistake is told with its line."""
    daemon = await start()
    for name in ("movies", "series"):
        await daemon.until("refresh.finished", connection=name)
    good = household.config.read_bytes()
    household.config.write_bytes(good + b"moniter: none\n")
    daemon.process.send_signal(signal.SIGHUP)
    await daemon.until("config.refused")
    (refused,) = daemon.told("config.refused")
    assert f"{household.config}:{len(good.splitlines()) + 1}:1: unknown key 'moniter'" in refused["error"]
    household.config.write_bytes(good.replace(b"monitor: missing", b"monitor: none"))
    daemon.process.send_signal(signal.SIGHUP)
    await daemon.until("config.reloaded", changed=["movies"])
    await daemon.until("refresh.finished", 2, connection="movies")
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


async def test_30_sighup_during_a_refresh(household: Household, start: Start) -> None:
    """No deadlock, nothing lost: it ends as it began, and the next one goes by the new settings."""
    household.movies.server.fault = Stall(seconds=2, phase=Phase.LIST, times=1)
    daemon = await start()
    async with asyncio.timeout(15):
        while not household.movies.server.struck:
            await asyncio.sleep(0.01)
    household.modes["movies"] = "none"
    household.write_config()
    daemon.process.send_signal(signal.SIGHUP)
    await daemon.until("config.reloaded", changed=["movies"])
    assert daemon.told("refresh.finished", connection="movies") == []
    await daemon.until("refresh.finished", 2, connection="movies")
    first, second = daemon.told("refresh.finished", connection="movies")
    assert (first["added"], second["added"], second["updated"]) == (3, 0, 3)
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


async def test_30_include_missing_or_in_a_circle(household: Household, trailarrd: CommandLine) -> None:
    """Told with the line of the file that includes; what it would include is asked nothing."""
    more = household.home / "more.yaml"
    more.write_text("# more\ninclude: [trailarrd.yaml, gone.yaml]\n")
    said = await refused(household, trailarrd, b"include: more.yaml\n" + VALID)
    assert (
        f"{more}:2:11: include: goes round in a circle: trailarrd.yaml > more.yaml > trailarrd.yaml" in said
    )
    assert f"{more}:2:27: include: cannot read 'gone.yaml': no such file or directory" in said
