"""Case 30: mistakes in trailarrd.yaml end the program at the start, each with its file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
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


async def test_30_include_missing_or_in_a_circle(household: Household, trailarrd: CommandLine) -> None:
    """Told with the line of the file that includes; what it would include is asked nothing."""
    more = household.home / "more.yaml"
    more.write_text("# more\ninclude: [trailarrd.yaml, gone.yaml]\n")
    said = await refused(household, trailarrd, b"include: more.yaml\n" + VALID)
    assert (
        f"{more}:2:11: include: goes round in a circle: trailarrd.yaml > more.yaml > trailarrd.yaml" in said
    )
    assert f"{more}:2:27: include: cannot read 'gone.yaml': no such file or directory" in said
