"""What a command's end means to scripts and to systemd: 0, 1, 2, 75 and 78, each with one clear message."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.mounts import hung
from tests.world import KEY
from trailarrd.store.schema import head
from trailarrd.store.store import Store
from trailarrd.testing import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from trailarrd.daemon.daemon import Daemon

ASKING = [["run"], ["refresh"], ["refresh", "--json"]]
"""Commands that need the whole configuration."""
READING = [["media"], ["connections"], ["history"], ["monitor", "1"], ["unmonitor", "1"], ["follow", "1"]]
"""Commands that need to know where the database is, and no secret."""


async def test_0_when_all_is_well(trailarrd: CommandLine) -> None:
    for words in (["refresh"], ["refresh", "--json"], ["media"], ["connections"], ["history"], ["plugins"]):
        assert (await trailarrd(*words)).code == 0


async def test_1_when_a_connection_failed(household: Household, trailarrd: CommandLine) -> None:
    household.movies.server.fault = Refusal()
    done = await trailarrd("refresh")
    assert done.code == 1
    assert "movies: rejected: " in done.err


async def test_2_for_wrong_usage_and_nothing_on_stdout(
    trailarrd: CommandLine, subtests: pytest.Subtests
) -> None:
    await trailarrd("refresh")
    for words in (
        ["refresh", "--jason"],
        ["refresh", "nowhere"],
        ["media", "--status", "odd"],
        ["media", "--sort", "colour"],
        ["monitor"],
        ["monitor", "0"],
        ["history", "--limit", "0"],
        ["forget"],
        ["no-such-command"],
        ["--no-such-option"],
    ):
        with subtests.test(words=words):
            done = await trailarrd(*words)
            assert (done.code, done.out) == (2, "")
            assert "Usage: trailarrd" in done.err
            assert "Error: " in done.err


@pytest.mark.parametrize(
    ("words", "right", "wrong", "line"),
    [
        *((words, "provider: radarr", "provider: raddar", 5) for words in ASKING),
        *((words, "database: {url:", "database: {uri:", 1) for words in ASKING),
    ],
)
async def test_78_for_a_mistake_in_the_configuration_with_its_line(
    household: Household, trailarrd: CommandLine, words: list[str], right: str, wrong: str, line: int
) -> None:
    text = household.config.read_text()
    assert right in text
    household.config.write_text(text.replace(right, wrong))
    done = await trailarrd(*words)
    assert (done.code, done.out) == (78, "")
    assert f"{household.config}:{line}:" in done.err
    assert "Traceback" not in done.err
    assert KEY not in done.err


async def test_78_for_a_mistake_anywhere_from_every_command_that_reads_the_file(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.config.write_text(household.config.read_text() + "mistake: true\n")
    others = [
        "status",
        "removals",
        "vanished",
        "quarantine",
        "plugins",
        "apikey list",
        "db check",
        "check",
        "reload",
    ]
    more = [
        "explain 1",
        "config show",
        "config schema",
        "trust movies",
        "claim 1 --as me",
        *("forget gone --yes", "notify test", "downloads", "downloaders"),
    ]
    for words in [*ASKING, *READING, *(line.split() for line in (*others, *more))]:
        done = await trailarrd(*words)
        assert (done.code, "unknown key 'mistake'" in done.err + done.out) == (78, True), words
    for words in (["plugins", "new", "tunes", "--at", str(household.home / "tunes")], ["media", "--help"]):
        assert (await trailarrd(*words)).code == 0, words


async def test_the_daemons_word_on_the_very_file_is_taken_and_another_file_is_told_of(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    other = household.home / "other.yaml"
    other.write_text(household.config.read_text())
    for words in (["refresh"], ["unmonitor", "1"], ["status"]):
        done = await trailarrd.bare("--config", str(other), *words)
        assert (done.code, done.out) == (2, "")
        assert f"The running daemon goes by {household.config}, and not by {other}" in done.err
    assert (await trailarrd("refresh")).code == 0
    household.config.write_text(other.read_text() + "mistake: true\n")
    done = await trailarrd("refresh")
    assert (done.code, "unknown key 'mistake'" in done.err) == (78, True)
    assert "the running daemon goes on with the configuration that it read before" in done.err


async def test_what_needs_no_key_does_without_the_services(
    trailarrd: CommandLine, household: Household, subtests: pytest.Subtests
) -> None:
    await trailarrd("refresh")
    for words in (*READING, ["config", "show"]):
        with subtests.test(words=words):
            done = await trailarrd.bare("--config", str(household.config), *words, TEST_ARR_KEY=None)
            assert done.code == 0


async def test_78_for_a_configuration_that_is_not_there(
    trailarrd: CommandLine, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for words in (*ASKING, *READING):
        with subtests.test(words=words):
            done = await trailarrd.bare("--config", str(tmp_path / "none.yaml"), *words)
            assert (done.code, done.out) == (78, "")
            assert str(tmp_path / "none.yaml") in done.err


async def test_75_for_a_configuration_that_lies_where_nobody_answers(
    trailarrd: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.config.deadline.LONGEST", 0.1)
    with hung(tmp_path):
        done = await trailarrd.bare("--config", str(tmp_path / "trailarrd.yaml"), "media")
    assert (done.code, done.out) == (75, "")
    assert f"{tmp_path}/trailarrd.yaml: not read within 0.1 s" in done.err


async def test_78_when_no_configuration_is_found_says_where_it_was_looked_for(
    trailarrd: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = await trailarrd.bare("refresh")
    assert (done.code, done.out) == (78, "")
    assert "/.config/trailarrd/trailarrd.yaml, /etc/trailarrd/trailarrd.yaml, ./trailarrd.yaml" in done.err


async def test_the_configuration_is_found_by_environment_and_in_the_current_folder(
    household: Household, trailarrd: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await trailarrd.bare("refresh", TRAILARRD_CONFIG=str(household.config))
    assert (done.code, f"using {household.config}" in done.err) == (0, True)
    monkeypatch.chdir(household.home)
    done = await trailarrd.bare("refresh")
    assert (done.code, "using trailarrd.yaml" in done.err) == (0, True)


async def test_78_for_a_database_that_a_newer_trailarrd_wrote(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    household.database.sql("UPDATE alembic_version SET version_num = '9999'")
    done = await trailarrd("refresh", "--json")
    assert (done.code, done.out) == (78, "")
    assert "newer trailarrd" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("is_server", [False, True], ids=["sqlite", "postgresql"])
async def test_75_while_an_older_trailarrd_works_in_tables_that_a_newer_one_would_change(
    household: Household, trailarrd: CommandLine, request: pytest.FixtureRequest, *, is_server: bool
) -> None:
    """That one would go on in tables of which it knows nothing; its name says what is to be stopped."""
    if is_server:
        household.server = request.getfixturevalue("postgres")
        household.server.empty()
        household.write_config()
    revision, ask = "0021", "SELECT version_num FROM alembic_version"
    async with Store.open(household.database.url) as older, older.daemon_lock():
        household.database.sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        try:
            for words in (["refresh"], ["media"]):
                done = await trailarrd(*words)
                assert (done.code, done.out, "Traceback" in done.err) == (75, "", False)
                assert f"is at revision {revision} and in use by trailarrd" in done.err
                assert f"(pid {os.getpid()}" in done.err
            assert household.database.sql(ask) == [(revision,)]
        finally:  # other tests have the same database
            household.database.sql(f"UPDATE alembic_version SET version_num = '{head()}'")
    assert (await trailarrd("refresh")).code == 0


async def test_75_when_the_database_cannot_be_used_now(
    household: Household, trailarrd: CommandLine, subtests: pytest.Subtests
) -> None:
    household.database.path.parent.mkdir()
    household.database.path.write_bytes(b"this is no database" * 100)
    for words in (["refresh"], ["refresh", "--json"], *READING):
        with subtests.test(words=words):
            done = await trailarrd(*words)
            assert (done.code, done.out) == (75, "")
            assert str(household.database.path) in done.err
            assert "Traceback" not in done.err


async def test_before_the_first_refresh_there_is_nothing_to_read_and_nothing_is_made(
    household: Household, trailarrd: CommandLine, subtests: pytest.Subtests
) -> None:
    for words in READING:
        with subtests.test(words=words):
            done = await trailarrd(*words)
            assert (done.code, done.out) == (75, "")
            assert "first refresh" in done.err
            assert not household.database.path.exists()
