"""Every kind of mistake in trailarrd.yaml, with the exact report that a user gets to see.

A row is one mistake: what it is, the file, the report. `block` puts lines into an otherwise valid
file of five lines, so a line of a known key keeps its number and any other begins at 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.config import load
from trailarrd.config.problem import InvalidConfigError
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads

BLOCK = {
    "name": "  - name: movies",
    "provider": "    provider: radarr",
    "url": "    url: http://nas:7878",
    "api_key": "    api_key: abc",
}


def block(*lines: str, before: str = "") -> str:
    """A valid file with some lines instead of its own, or after them."""
    given = BLOCK | {line.split(":")[0].strip(" -"): line for line in lines}
    return before + "connections:\n" + "\n".join(given.values()) + "\n"


def without(key: str) -> str:
    return "connections:\n" + "\n".join(line for name, line in BLOCK.items() if name != key) + "\n"


KEYS = [
    (
        "unknown key with a likely meaning",
        block("    moniter: none"),
        """\
trailarrd.yaml:6:5: connections[0]: unknown key 'moniter'
        moniter: none
        ^
    hint: did you mean 'monitor'?""",
    ),
    (
        "unknown key without one",
        block(before="colour: red\n"),
        """\
trailarrd.yaml:1:1: unknown key 'colour'
    colour: red
    ^
    hint: known keys: database, refresh, log, disk, http, removal_guard, removed_grace, history_retention, \
connections""",
    ),
    (
        "unknown key further down",
        block(before="log: {levle: info}\n"),
        """\
trailarrd.yaml:1:7: log: unknown key 'levle'
    log: {levle: info}
          ^
    hint: did you mean 'level'?""",
    ),
    (
        "a misspelt key is not also reported as missing",
        block("    ulr: http://nas").replace("    url: http://nas:7878\n", ""),
        """\
trailarrd.yaml:5:5: connections[0]: unknown key 'ulr'
        ulr: http://nas
        ^
    hint: did you mean 'url'?""",
    ),
    (
        "duplicate key",
        block("    monitor: none") + "    monitor: sync\n",
        """\
trailarrd.yaml:7:5: connections[0]: duplicate key 'monitor'
        monitor: sync
        ^
    hint: first given in line 6""",
    ),
    (
        "duplicate key at the top",
        block(before="log: {}\n") + "log: {}\n",
        """\
trailarrd.yaml:7:1: duplicate key 'log'
    log: {}
    ^
    hint: first given in line 1""",
    ),
    (
        "a key that is a list",
        block(before="? [a, b]\n: c\n"),
        """\
trailarrd.yaml:1:3: a key must be text
    ? [a, b]
      ^
    hint: put it in quotes if it has brackets""",
    ),
    (
        "missing name",
        without("name").replace("    provider", "  - provider"),
        """\
trailarrd.yaml:2:5: connections[0]: missing key 'name'
      - provider: radarr
        ^
    hint: for example name: movies""",
    ),
    (
        "missing key",
        without("url"),
        """\
trailarrd.yaml:2:5: connections[0]: missing key 'url'
      - name: movies
        ^
    hint: for example url: http://127.0.0.1:7878""",
    ),
    (
        "missing connections",
        "log: {level: debug}\n",
        """\
trailarrd.yaml:1:1: missing key 'connections'
    log: {level: debug}
    ^
    hint: for example connections: [{name: movies, provider: radarr, \
url: http://127.0.0.1:7878, api_key: !env RADARR_API_KEY}]""",
    ),
    (
        "no connections",
        "connections: []\n",
        """\
trailarrd.yaml:1:14: connections: is empty: there is no server to ask
    connections: []
                 ^
    hint: for example [{name: movies, provider: radarr, \
url: http://127.0.0.1:7878, api_key: !env RADARR_API_KEY}]""",
    ),
]

KINDS = [
    (
        "a mapping where a list belongs",
        "connections: {name: movies}\n",
        """\
trailarrd.yaml:1:14: connections: must be a list, not a mapping
    connections: {name: movies}
                 ^
    hint: begin each item with '- '""",
    ),
    (
        "text where a mapping belongs",
        "connections:\n  - radarr\n",
        """\
trailarrd.yaml:2:5: connections[0]: must be a mapping, not text
      - radarr
        ^
    hint: write it as 'key: value'""",
    ),
    (
        "a list where text belongs",
        block("  - name: [movies]"),
        """\
trailarrd.yaml:2:11: connections[0].name: must be text, not a list
      - name: [movies]
              ^""",
    ),
    (
        "nothing where text belongs",
        block("    provider:"),
        """\
trailarrd.yaml:3:14: connections[0].provider: has no value
        provider:
                 ^
    hint: give it one, or delete the line""",
    ),
    (
        "nothing where a mapping belongs",
        block(before="refresh: ~\n"),
        """\
trailarrd.yaml:1:10: refresh: has no value
    refresh: ~
             ^
    hint: give it one, or delete the line""",
    ),
    (
        "a list as the whole file",
        "- name: movies\n",
        """\
trailarrd.yaml:1:1: must be a mapping, not a list
    - name: movies
    ^
    hint: write it as 'key: value'""",
    ),
    (
        "text as the whole file",
        "radarr\n",
        """\
trailarrd.yaml:1:1: must be a mapping, not text
    radarr
    ^
    hint: write it as 'key: value'""",
    ),
]

EMPTY = """\
trailarrd.yaml:1:1: the file is empty
    hint: begin with 'connections:'; docs/configuration.md shows how it goes on"""

TEXTS: list[tuple[str, str | bytes, str]] = [
    ("an empty file", "", EMPTY),
    ("only comments", "\n# nothing yet\n", EMPTY),
    (
        "a tab as indentation",
        "connections:\n\t- name: movies\n",
        """\
trailarrd.yaml:2:1: a tab stands where only spaces may
     - name: movies
    ^
    hint: YAML takes no tabs: indent and separate with spaces""",
    ),
    (
        "a list item out of line",
        "connections:\n  - name: movies\n   url: x\n",
        """\
trailarrd.yaml:3:4: the indentation does not fit the lines above
       url: x
       ^
    hint: keys of one mapping begin in the same column, as do the '-' of one list""",
    ),
    (
        "a colon too many",
        "log:\n  level: info: debug\n",
        """\
trailarrd.yaml:2:14: a ':' cannot stand here
      level: info: debug
                 ^
    hint: put the value in quotes if ': ' is part of it; else look at the indentation""",
    ),
    (
        "quotes never closed",
        'log:\n  level: "info\n',
        """\
trailarrd.yaml:2:10: the quotes opened here are never closed
      level: "info
             ^""",
    ),
    (
        "an alias of nothing",
        "log: *usual\n",
        """\
trailarrd.yaml:1:6: an alias of something that is not defined above
    log: *usual
         ^
    hint: put the value in quotes if it begins with '*'""",
    ),
    (
        "a character that must be quoted",
        "log: {level: @info}\n",
        """\
trailarrd.yaml:1:14: a value cannot begin with this character
    log: {level: @info}
                 ^
    hint: put the value in quotes""",
    ),
    (
        "a second document",
        "log: {}\n---\nlog: {}\n",
        """\
trailarrd.yaml:2:1: a second document begins here
    ---
    ^
    hint: delete the '---'""",
    ),
    (
        "Latin-1",
        b"log: {}\n# caf\xe9\n",
        """\
trailarrd.yaml:2:6: byte 0xe9 is not UTF-8
    # caf\N{REPLACEMENT CHARACTER}
         ^
    hint: save the file as UTF-8""",
    ),
    (
        "a control character",
        "log: {level: in\x07fo}\n",
        """\
trailarrd.yaml:1:16: character U+0007 is not allowed in YAML
    log: {level: in fo}
                   ^
    hint: delete it, or write it as an escape in double quotes""",
    ),
    (
        "a merge of text",
        block("    <<: usual"),
        """\
trailarrd.yaml:6:5: connections[0]: '<<' takes mappings only
        <<: usual
        ^
    hint: name the mapping to take over: '<<: *anchor'""",
    ),
    (
        "an anchor within itself",
        block(before="x-a: &a [*a]\n"),
        """\
trailarrd.yaml:1:6: x-a[0]: contains itself
    x-a: &a [*a]
         ^""",
    ),
]

ELSEWHERE = [
    (
        "an unset variable",
        block("    api_key: !env RADARR_API_KEY"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: environment variable 'RADARR_API_KEY' is not set
        api_key: !env RADARR_API_KEY
                 ^
    hint: set it where trailarrd is started""",
    ),
    (
        "an unset variable within a value",
        block("    url: http://${NAS}:7878"),
        """\
trailarrd.yaml:4:10: connections[0].url: environment variable 'NAS' is not set
        url: http://${NAS}:7878
             ^
    hint: set it where trailarrd is started""",
    ),
    (
        "a misspelt variable",
        block("    api_key: ${HOEM}"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: environment variable 'HOEM' is not set
        api_key: ${HOEM}
                 ^
    hint: did you mean 'HOME'?""",
    ),
    (
        "a variable without its end",
        block("    url: http://${NAS:7878"),
        """\
trailarrd.yaml:4:10: connections[0].url: '${' without a variable's name and '}'
        url: http://${NAS:7878
             ^
    hint: write ${NAME} or ${NAME:-default}; for a plain dollar sign, $$""",
    ),
    (
        "a missing file",
        block("    api_key: !file radarr.key"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: cannot read 'radarr.key': no such file or directory
        api_key: !file radarr.key
                 ^""",
    ),
    (
        "a folder instead of a file",
        block("    api_key: !file ."),
        """\
trailarrd.yaml:5:14: connections[0].api_key: cannot read '.': is a directory
        api_key: !file .
                 ^""",
    ),
    (
        "a credential outside systemd",
        block("    api_key: !credential radarr"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: there is no credential 'radarr': \
$CREDENTIALS_DIRECTORY is not set
        api_key: !credential radarr
                 ^
    hint: run under systemd with LoadCredential=NAME:FILE""",
    ),
    (
        "a tag without a name",
        block("    api_key: !env [A, B]"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: !env needs a name
        api_key: ********
                 ^
    hint: write !env NAME""",
    ),
    (
        "an unknown tag",
        block("    provider: !evn PROVIDER"),
        """\
trailarrd.yaml:3:15: connections[0].provider: unknown tag
        provider: !evn PROVIDER
                  ^
    hint: known tags: !env, !file, !credential; put a value that begins with '!' in quotes""",
    ),
]

CONNECTIONS = [
    (
        "a name with a blank",
        block("  - name: my movies"),
        """\
trailarrd.yaml:2:11: connections[0].name: 'my movies' is not a name
      - name: my movies
              ^
    hint: letters, digits, '-', '_' and '.', a letter or digit first: my-movies""",
    ),
    (
        "the same name again, in capitals",
        block() + "  - {name: MOVIES, provider: sonarr, url: 'http://nas', api_key: abc}\n",
        """\
trailarrd.yaml:6:12: connections[1].name: another connection is called 'MOVIES' already
      - {name: MOVIES, provider: sonarr, url: 'http://nas', api_key: ********}
               ^
    hint: it is in line 2; upper and lower case make no difference""",
    ),
    (
        "a misspelt provider",
        block("    provider: Radar"),
        """\
trailarrd.yaml:3:15: connections[0].provider: unknown provider 'Radar'
        provider: Radar
                  ^
    hint: did you mean 'radarr'? (installed: radarr, sonarr)""",
    ),
    (
        "a provider that is not installed",
        block("    provider: lidarr9"),
        """\
trailarrd.yaml:3:15: connections[0].provider: unknown provider 'lidarr9'
        provider: lidarr9
                  ^
    hint: install its plugin beside trailarrd (installed: radarr, sonarr)""",
    ),
    (
        "an empty key",
        block('    api_key: ""'),
        """\
trailarrd.yaml:5:14: connections[0].api_key: is empty
        api_key: ********
                 ^
    hint: the server shows it under Settings, General, Security""",
    ),
    (
        "a key with a line end",
        block('    api_key: "abc\\n"'),
        """\
trailarrd.yaml:5:14: connections[0].api_key: contains whitespace
        api_key: ********
                 ^
    hint: copy the key alone, without line ends""",
    ),
    (
        "a key that is not ASCII",
        block("    api_key: abcé"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: contains a character that no API key has
        api_key: ********
                 ^
    hint: copy it once more""",
    ),
    (
        "no as a mode",
        block("    monitor: no"),
        """\
trailarrd.yaml:6:14: connections[0].monitor: 'no' is not one of missing, new, sync, none
        monitor: no
                 ^
    hint: write none to monitor nothing""",
    ),
    (
        "off as a mode",
        block("    monitor: off"),
        """\
trailarrd.yaml:6:14: connections[0].monitor: 'off' is not one of missing, new, sync, none
        monitor: off
                 ^
    hint: write none to monitor nothing""",
    ),
    (
        "on as a mode",
        block("    monitor: on"),
        """\
trailarrd.yaml:6:14: connections[0].monitor: 'on' is not one of missing, new, sync, none
        monitor: on
                 ^
    hint: write missing to monitor every item without a trailer""",
    ),
    (
        "a misspelt mode",
        block("    monitor: mising"),
        """\
trailarrd.yaml:6:14: connections[0].monitor: 'mising' is not one of missing, new, sync, none
        monitor: mising
                 ^
    hint: did you mean 'missing'?""",
    ),
    (
        "no as a truth",
        block("    verify_tls: no"),
        """\
trailarrd.yaml:6:17: connections[0].verify_tls: must be true or false, not 'no'
        verify_tls: no
                    ^
    hint: write false""",
    ),
    (
        "a file of authorities that is not there",
        block("    ca_file: ca.pem"),
        """\
trailarrd.yaml:6:14: connections[0].ca_file: cannot read 'ca.pem': no such file or directory
        ca_file: ca.pem
                 ^""",
    ),
    (
        "a file of authorities that would never be used",
        block("    ca_file: trailarrd.yaml", "    verify_tls: false"),
        """\
trailarrd.yaml:6:14: connections[0].ca_file: cannot go together with verify_tls: false
        ca_file: trailarrd.yaml
                 ^
    hint: nothing would be checked against the file: delete one of the two""",
    ),
    (
        "a file of authorities without one",
        block("    ca_file: trailarrd.yaml"),
        """\
trailarrd.yaml:6:14: connections[0].ca_file: 'trailarrd.yaml' holds no certificate
        ca_file: trailarrd.yaml
                 ^
    hint: it must be a PEM file: text with BEGIN CERTIFICATE in it""",
    ),
    (
        "a timeout of zero",
        block("    timeouts: {stall: 0s}"),
        """\
trailarrd.yaml:6:23: connections[0].timeouts.stall: must be longer than zero
        timeouts: {stall: 0s}
                          ^""",
    ),
    (
        "no attempt at all",
        block("    retry: {attempts: 0}"),
        """\
trailarrd.yaml:6:23: connections[0].retry.attempts: must be from 1 to 10
        retry: {attempts: 0}
                          ^
    hint: 1 asks once in each refresh""",
    ),
    (
        "more attempts than a server should have to bear",
        block("    retry: {attempts: 11}"),
        """\
trailarrd.yaml:6:23: connections[0].retry.attempts: must be from 1 to 10
        retry: {attempts: 11}
                          ^
    hint: 1 asks once in each refresh""",
    ),
    (
        "attempts that are no number",
        block("    retry: {attempts: often}"),
        """\
trailarrd.yaml:6:23: connections[0].retry.attempts: must be a whole number, 0 or more, not 'often'
        retry: {attempts: often}
                          ^""",
    ),
]

DURATIONS = [
    (
        "a number without a unit",
        block(before="refresh: {interval: 30}\n"),
        """\
trailarrd.yaml:1:21: refresh.interval: '30' has no unit
    refresh: {interval: 30}
                        ^
    hint: write it like 90s, 30m, 1h30m or 2 days""",
    ),
    (
        "a clock time, which YAML 1.1 would read as a number",
        block("    interval: 12:30"),
        """\
trailarrd.yaml:6:15: connections[0].interval: '12:30' is not a duration
        interval: 12:30
                  ^
    hint: write it like 90s, 30m, 1h30m or 2 days""",
    ),
    (
        "a date, which YAML 1.1 would read as such",
        block("    interval: 2026-01-01"),
        """\
trailarrd.yaml:6:15: connections[0].interval: '2026-01-01' is not a duration
        interval: 2026-01-01
                  ^
    hint: write it like 90s, 30m, 1h30m or 2 days""",
    ),
    (
        "an interval that is too short",
        block("    interval: 9s"),
        """\
trailarrd.yaml:6:15: connections[0].interval: must be at least 10s
        interval: 9s
                  ^""",
    ),
]

MAPPINGS = [
    (
        "a relative remote path",
        block("    path_mappings:\n      - {remote: movies, local: /mnt/movies}"),
        """\
trailarrd.yaml:7:18: connections[0].path_mappings[0].remote: must be absolute, \
as the Arr server shows it
          - {remote: movies, local: /mnt/movies}
                     ^""",
    ),
    (
        "a relative local path",
        block("    path_mappings:\n      - remote: /movies\n        local: mnt/movies"),
        """\
trailarrd.yaml:8:16: connections[0].path_mappings[0].local: must be absolute on this host
            local: mnt/movies
                   ^""",
    ),
    (
        "a path upwards",
        block("    path_mappings:\n      - {remote: /movies, local: /mnt/../movies}"),
        """\
trailarrd.yaml:7:34: connections[0].path_mappings[0].local: contains '..'
          - {remote: /movies, local: /mnt/../movies}
                                     ^""",
    ),
    (
        "an empty path",
        block('    path_mappings:\n      - {remote: "", local: /mnt/movies}'),
        """\
trailarrd.yaml:7:18: connections[0].path_mappings[0].remote: is empty
          - {remote: "", local: /mnt/movies}
                     ^""",
    ),
    (
        "the same remote path again, behind an incomplete mapping",
        block("    path_mappings: [{remote: /tv, local: /a}, {local: /b}, {remote: /tv/, local: /c}]"),
        """\
trailarrd.yaml:6:47: connections[0].path_mappings[1]: missing key 'remote'
        path_mappings: [{remote: /tv, local: /a}, {local: /b}, {remote: /tv/, local: /c}]
                                                  ^
    hint: for example remote: /movies
trailarrd.yaml:6:69: connections[0].path_mappings[2].remote: maps the same remote path as mapping 1
        path_mappings: [{remote: /tv, local: /a}, {local: /b}, {remote: /tv/, local: /c}]
                                                                        ^""",
    ),
]

GLOBALS = [
    (
        "a log level in capitals",
        block(before="log:\n  level: INFO\n"),
        """\
trailarrd.yaml:2:10: log.level: 'INFO' is not one of debug, info, warning, error
      level: INFO
             ^
    hint: did you mean 'info'?""",
    ),
    (
        "an unknown log format",
        block(before="log:\n  format: xml\n"),
        """\
trailarrd.yaml:2:11: log.format: 'xml' is not one of auto, console, json, journald
      format: xml
              ^""",
    ),
    (
        "SQLite without its driver",
        block(before="database: {url: 'sqlite:////var/lib/a.db'}\n"),
        """\
trailarrd.yaml:1:17: database.url: needs the driver aiosqlite
    database: {url: 'sqlite:////var/lib/a.db'}
                    ^
    hint: begin it with sqlite+aiosqlite: instead of sqlite:""",
    ),
    (
        "SQLite by a relative path",
        block(before="database: {url: 'sqlite+aiosqlite:///a.db'}\n"),
        """\
trailarrd.yaml:1:17: database.url: must name the file by its absolute path
    database: {url: 'sqlite+aiosqlite:///a.db'}
                    ^
    hint: four slashes make it absolute: sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db""",
    ),
    (
        "a path where a database URL belongs",
        block(before="database: {url: /var/lib/a.db}\n"),
        """\
trailarrd.yaml:1:17: database.url: is not a database URL
    database: {url: /var/lib/a.db}
                    ^
    hint: for example sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db""",
    ),
    (
        "a database of another kind",
        block(before="database: {url: 'postgresql://u:hunter2@db/t'}\n"),
        """\
trailarrd.yaml:1:17: database.url: is of a kind that is not supported
    database: {url: 'postgresql://********@db/t'}
                    ^
    hint: use SQLite: sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db""",
    ),
]

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
    assert [(problem.line, problem.column, problem.setting) for problem in caught.value.problems] == [
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
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(1, 27)]


def test_aliases_of_aliases_do_not_keep_the_loader_busy(loads: Loads) -> None:
    """Seven lines that would become ten million values."""
    lines = ["x-0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    for number in range(1, 7):
        aliases = ", ".join([f"*x{number - 1}"] * 10)
        lines.append(f"x-{number}: &x{number} [{aliases}]")
    with pytest.raises(InvalidConfigError, match="is too much: look at its aliases"):
        loads("\n".join(lines))


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
    assert str(caught.value).endswith("hint: install its plugin beside trailarrd (installed: none)")


def test_a_very_long_line_is_shown_around_the_mistake(loads: Loads) -> None:
    """The caret stands below the value all the same."""
    padding = "x" * 200
    with pytest.raises(InvalidConfigError) as caught:
        loads(f"{{x-a: {padding}, log: {{level: loud}}, connections: []}} # {padding}\n")
    problem = caught.value.problems[0]
    assert problem.setting == "log.level"
    assert len(problem.source) <= 122
    assert problem.source[problem.caret - 1 :].startswith("loud}")
