"""docs/commands.md names every command, option and exit code, and none that does not exist."""

from __future__ import annotations

import re

import click
import pytest

from tests.docs.pages import chapters, code, page, plain, table, tables
from trailarrd.cli import trailarrd
from trailarrd.cli.context import ExitCode
from trailarrd.cli.group import COMMANDS
from trailarrd.disk import search
from trailarrd.documents.connections import ConnectionState

CHAPTERS = chapters(page("commands.md"))


def command(name: str) -> tuple[click.Command, click.Context]:
    """A command as click knows it, called as a user calls it."""
    top = click.Context(trailarrd, info_name="trailarrd", **trailarrd.context_settings)
    if not name:
        return trailarrd, top
    found = trailarrd.get_command(top, name)
    assert found is not None
    return found, click.Context(found, info_name=name, parent=top)


def described(text: str) -> set[str]:
    """The options and arguments in the first column of the table of options."""
    rows = tables(text)[0] if "| Option |" in text else []
    return {word.split()[0] for row in rows for word in re.findall(r"`([^`]+)`", row[0])}


def real(found: click.Command) -> set[str]:
    """The same, from the command itself; `--help` is described once for all."""
    words: set[str] = set()
    for param in found.params:
        if isinstance(param, click.Option):
            words |= {*param.opts, *param.secondary_opts}
        else:
            words.add(re.sub(r"[^A-Z]", "", param.make_metavar(click.Context(found))))
    return words


def test_every_command_has_its_chapter_in_the_order_of_the_overview() -> None:
    assert sorted(
        name.removeprefix("trailarrd ") for name in CHAPTERS if name.startswith("trailarrd ")
    ) == sorted(COMMANDS)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_usage_line_is_that_of_the_help(name: str) -> None:
    found, context = command(name)
    usage = found.get_usage(context).removeprefix("Usage: ")
    assert code(CHAPTERS[f"trailarrd {name}".strip()], "text") == [usage + "\n"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_described_and_no_other(name: str) -> None:
    assert described(CHAPTERS[f"trailarrd {name}"]) == real(command(name)[0])


def test_every_option_before_the_command_is_described_and_no_other() -> None:
    assert described(CHAPTERS["trailarrd"]) == real(trailarrd) | {"-h", "--help"}


def test_history_shows_fifty_events_if_no_limit_is_given() -> None:
    (limit,) = (param for param in command("history")[0].params if param.name == "limit")
    assert limit.default == 50
    assert "50 if not given" in CHAPTERS["trailarrd history"]


def test_the_exit_codes_are_those_of_the_program() -> None:
    rows = [(int(number), plain(name)) for number, name, _ in table(CHAPTERS["Exit codes"])]
    assert rows == [(code.value, code.name) for code in ExitCode]


def test_every_state_of_a_connection_is_described() -> None:
    states = {plain(row[0]) for row in tables(CHAPTERS["trailarrd connections"])[1]}
    assert states == {*ConnectionState}


def test_every_place_in_which_init_searches_is_listed() -> None:
    chapter = CHAPTERS["trailarrd init"]
    (listed,) = [line for line in chapter.splitlines() if line.startswith("- `/")]
    assert tuple(re.findall(r"`([^`]+)`", listed)) == search._USUAL
    assert (search._DEPTH, search._NEAR, search.DEADLINE) == (4, 3, 10.0)
    for promise in ("to four folders below", "up to three folders above", "ends after ten seconds"):
        assert promise in chapter
