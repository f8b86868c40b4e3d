"""Every kind of mistake in trailarrd.yaml, with the exact report that a user gets to see.

A row is one mistake: what it is, the file, the report. `block` puts lines into an otherwise valid
file of five lines, so a line of a known key keeps its number and any other begins at 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.blocks import block
from tests.config.mistakes_of_connections import CONNECTIONS
from tests.config.mistakes_of_form import KEYS, KINDS
from tests.config.mistakes_of_text import ELSEWHERE, TEXTS
from tests.config.mistakes_of_values import DURATIONS, GLOBALS, MAPPINGS
from trailarrd.config import load
from trailarrd.config.diagnostic import InvalidConfigError
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads

TABLE = [
    *KEYS,
    *KINDS,
    *TEXTS,
    *ELSEWHERE,
    *CONNECTIONS,
    *DURATIONS,
    *MAPPINGS,
    *GLOBALS,
]


@pytest.mark.parametrize(("text", "report"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_a_mistake_is_reported_with_its_place_its_line_and_what_to_do(
    text: str | bytes, report: str, loads: Loads, file: Path
) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        loads(text)
    assert str(caught.value).replace(str(file), "trailarrd.yaml") == report


def test_the_valid_file_of_the_table_has_no_mistake(loads: Loads) -> None:
    """So every report above is about the one line that its row adds."""
    assert [connection.name for connection in loads(block()).connections] == ["movies"]


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(loads: Loads) -> None:
    """Whatever finds them: YAML, the environment, a setting, a second look at several of them."""
    with pytest.raises(InvalidConfigError) as caught:
        loads(
            "log: {level: loud, level: info}\n"
            "connections:\n"
            "  - {name: movies, provider: radar, url: nas, api_key: !env NOPE, monitor: no}\n"
            "  - name: Movies\n"
            "    provider: sonarr\n"
            "    api_key: a b\n"
            "    path_mappings:\n"
            "      - {remote: tv, local: D:\\tv}\n"
            "refresh: {interval: 1s, intervall: 1h}\n"
        )
    assert [(problem.line, problem.column, problem.setting) for problem in caught.value.diagnostics] == [
        (1, 14, "log.level"),
        (1, 20, "log"),
        (3, 30, "connections[0].provider"),
        (3, 42, "connections[0].url"),
        (3, 56, "connections[0].api_key"),
        (3, 76, "connections[0].monitor"),
        (4, 5, "connections[1]"),
        (4, 11, "connections[1].name"),
        (6, 14, "connections[1].api_key"),
        (8, 18, "connections[1].path_mappings[0].remote"),
        (8, 29, "connections[1].path_mappings[0].local"),
        (9, 21, "refresh.interval"),
        (9, 25, "refresh"),
    ]


def test_a_mistake_in_what_an_alias_repeats_is_reported_once(loads: Loads) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        loads(
            "x-usual: &usual {monitor: no}\n"
            "connections:\n"
            "  - {<<: *usual, name: a, provider: radarr, url: 'http://nas', api_key: abc}\n"
            "  - {<<: *usual, name: b, provider: radarr, url: 'http://nas', api_key: abc}\n"
        )
    assert [(problem.line, problem.column) for problem in caught.value.diagnostics] == [(1, 27)]


def test_aliases_of_aliases_do_not_keep_the_loader_busy(loads: Loads) -> None:
    """Seven lines that would become ten million values."""
    lines = ["x-0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    for number in range(1, 7):
        aliases = ", ".join([f"*x{number - 1}"] * 10)
        lines.append(f"x-{number}: &x{number} [{aliases}]")
    with pytest.raises(InvalidConfigError, match="is too much: look at its aliases"):
        loads("\n".join(lines))


@pytest.mark.slow
def test_brackets_without_end_are_a_mistake_and_not_a_crash(loads: Loads) -> None:
    with pytest.raises(InvalidConfigError, match="1:1: is nested too deeply"):
        loads("[" * 5000)


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.yaml", providers=(), environ={})
    assert str(caught.value) == f"{tmp_path}/none.yaml: cannot be read: no such file or directory"


def test_without_any_plugin_the_hint_says_how_to_get_one(file: Path) -> None:
    file.write_text(block())
    with pytest.raises(ConfigError) as caught:
        load(file, providers=(), environ={"HOME": "/home/me"})
    assert str(caught.value).endswith(
        "hint: install its plugin, or see in 'trailarrd plugins' why it was not loaded (installed: none)"
    )


def test_a_very_long_line_is_shown_around_the_mistake(loads: Loads) -> None:
    """The caret stands below the value all the same."""
    padding = "x" * 200
    with pytest.raises(InvalidConfigError) as caught:
        loads(f"{{x-a: {padding}, log: {{level: loud}}, connections: []}} # {padding}\n")
    problem = caught.value.diagnostics[0]
    assert problem.setting == "log.level"
    assert len(problem.source) <= 122
    assert problem.source[problem.caret - 1 :].startswith("loud}")
