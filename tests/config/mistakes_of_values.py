"""Mistakes in durations, mappings and what holds for all connections, as a table like the others."""

from __future__ import annotations

from tests.config.blocks import block

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
                  ^
    hint: how often this library is asked for; if not given, as refresh.interval says""",
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
        block(before="database: {url: 'mysql+asyncmy://u:hunter2@db/t'}\n"),
        """\
trailarrd.yaml:1:17: database.url: is of a kind that is not supported
    database: {url: …}
                    ^
    hint: use SQLite: sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db, or PostgreSQL: \
postgresql+asyncpg://db.lan/trailarrd""",
    ),
    (
        "a password in the URL of the database",
        block(before="database: {url: 'postgresql+asyncpg://u:hunter2@db/t'}\n"),
        """\
trailarrd.yaml:1:17: database.url: must not contain a password
    database: {url: …}
                    ^
    hint: write it as database.password: by !env, !file or !credential""",
    ),
]
