"""`trailarrd check`: every finding for people and for programs, and an exit code."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import chapters, page, plain, table
from tests.docs.test_json import kind_of
from trailarrd.testing import Refusal

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine
    from tests.household import Household
    from trailarrd.daemon.daemon import Daemon


async def test_a_household_that_is_well_gives_exit_code_0(trailarrd: CommandLine) -> None:
    done = await trailarrd("check")
    assert (done.code, done.out.splitlines()[-1]) == (0, "all is well")


async def test_a_problem_is_told_with_its_meaning_its_code_and_what_to_do(
    household: Household, trailarrd: CommandLine
) -> None:
    household.movies.server.fault = Refusal()
    done = await trailarrd("check")
    lines = done.out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("  problem"))
    assert "refuses the API key" in lines[start]
    assert lines[start + 1].strip() == "The server refuses the API key. [server-key]"
    assert lines[start + 2].strip().startswith("Copy the key once more")
    assert (done.code, lines[-1]) == (1, "1 problem, 0 warnings")


async def test_a_broken_configuration_is_a_finding_and_the_rest_is_looked_at(
    household: Household, trailarrd: CommandLine
) -> None:
    household.config.write_text(household.config.read_text().replace("provider:", "providr:", 1))
    done = await trailarrd("check")
    assert done.code == 78
    assert re.search(r"trailarrd\.yaml:\d+:5: .*unknown key 'providr'", done.out)
    assert "hint: did you mean 'provider'?" in done.out
    assert "is not there yet" in done.out
    assert "offers provider radarr" in done.out


async def test_without_any_configuration_it_says_where_it_looked(
    household: Household, trailarrd: CommandLine
) -> None:
    done = await trailarrd.bare("--config", str(household.home / "none.yaml"), "check", "--json")
    assert done.code == 78
    assert done.lines[0]["code"] == "config-invalid"
    assert "no such file" in done.lines[0]["fact"]


async def test_json_has_every_promised_field_and_no_other(
    household: Household, trailarrd: CommandLine
) -> None:
    household.config.write_text(household.config.read_text().replace("/films", "/wrong"))
    done = await trailarrd("check", "--json")
    promised = {plain(name): kind for name, kind, _ in table(chapters(page("json.md"))["check --json"])}
    met: dict[str, set[str]] = {name: set() for name in promised}
    for line in done.lines:
        assert list(line) == list(promised)
        for name, value in line.items():
            met[name].add(kind_of(value))
    assert met == {name: set(kinds.split(" or ")) for name, kinds in promised.items()}


async def test_offline_asks_nobody(household: Household, trailarrd: CommandLine) -> None:
    done = await trailarrd("check", "--offline")
    assert done.code == 0
    assert household.movies.server.requests == household.series.server.requests == []


async def test_after_a_refresh_offline_compares_the_disk_with_what_it_left(
    household: Household, trailarrd: CommandLine
) -> None:
    await trailarrd("refresh")
    done = await trailarrd("check", "--offline")
    assert f"{household.movies.folder}: 3 of 3 items' folders are there" in done.out


async def test_where_a_secret_cannot_be_had_the_daemon_that_has_it_checks(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    done = await trailarrd.bare("--config", str(household.config), "check", TEST_ARR_KEY=None)
    assert done.code == 0, done.out
    assert "environment variable 'TEST_ARR_KEY' is not set" in done.err
    assert "so it checks" in done.err
    assert "Radarr 6.3.0.10514; the key is accepted" in done.out
    alone = await trailarrd.bare("--config", str(household.config), "check", "--offline", TEST_ARR_KEY=None)
    assert (alone.code, "config-invalid" in alone.out) == (78, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a socket another user's")
async def test_the_daemon_of_another_user_checks_as_it_sees_other_folders_than_who_asks(
    household: Household, trailarrd: CommandLine, daemon: Daemon
) -> None:
    os.chown(f"{household.database.path}.sock", 1, 1)
    done = await trailarrd("check")
    assert (done.code, done.out.splitlines()[-1]) == (0, "all is well"), done.err
    assert "the running daemon checks, as it may see other folders than you" in done.err
    alone = await trailarrd("check", "--offline")
    assert "daemon" not in alone.err
