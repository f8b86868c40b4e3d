"""Mistakes of form, as a table: keys, kinds of values. A row is what it is, the file, the report."""

from __future__ import annotations

from tests.config.blocks import block, without
from trailarrd.config import Settings

KEYS = [
    (
        "unknown key with a likely meaning",
        block("    moniter: none"),
        """\
trailarrd.yaml:6:5: connections[0]: unknown key 'moniter'
        moniter: …
        ^
    hint: did you mean 'monitor'?""",
    ),
    (
        "unknown key without one",
        block(before="colour: red\n"),
        f"""\
trailarrd.yaml:1:1: unknown key 'colour'
    colour: …
    ^
    hint: known keys: {", ".join(Settings.model_fields)}""",
    ),
    (
        "unknown key further down",
        block(before="log: {levle: info}\n"),
        """\
trailarrd.yaml:1:7: log: unknown key 'levle'
    log: {levle: …}
          ^
    hint: did you mean 'level'?""",
    ),
    (
        "a key of other places",
        block(before="interval: 1h\n"),
        """\
trailarrd.yaml:1:1: unknown key 'interval'
    interval: 1h
    ^
    hint: it belongs in 'refresh', 'defaults' or an item of 'connections'""",
    ),
    (
        "a connection's key beside the connection",
        block() + "monitor: new\n",
        """\
trailarrd.yaml:6:1: unknown key 'monitor'
    monitor: new
    ^
    hint: it belongs in 'defaults' or an item of 'connections'""",
    ),
    (
        "a misspelt key is not also reported as missing",
        block("    ulr: http://nas").replace("    url: http://nas:7878\n", ""),
        """\
trailarrd.yaml:5:5: connections[0]: unknown key 'ulr'
        ulr: …
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
    hint: begin each item with '- ', as in '- name: movies'""",
    ),
    (
        "text where a mapping belongs",
        "connections:\n  - radarr\n",
        """\
trailarrd.yaml:2:5: connections[0]: must be a mapping, not text
      - radarr
        ^
    hint: for example {name: movies, provider: radarr, url: http://127.0.0.1:7878, \
api_key: !env RADARR_API_KEY}""",
    ),
    (
        "text where a section belongs",
        block(before="log: debug\n"),
        """\
trailarrd.yaml:1:6: log: must be a mapping, not text
    log: debug
         ^
    hint: write it as 'key: value'; known keys: level, format""",
    ),
    (
        "text where a path mapping belongs, as in a container's volumes",
        block("    path_mappings: [/movies:/mnt/movies]"),
        """\
trailarrd.yaml:6:21: connections[0].path_mappings[0]: must be a mapping, not text
        path_mappings: [/movies:/mnt/movies]
                        ^
    hint: for example {remote: /movies, local: /mnt/media/movies}""",
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
