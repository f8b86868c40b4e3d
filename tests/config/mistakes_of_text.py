"""Mistakes that YAML finds, or what the file refers to, as a table: what it is, the file, the report."""

from __future__ import annotations

from tests.config.blocks import block

EMPTY = """\
trailarrd.yaml:1:1: the file is empty
    hint: begin with 'connections:', or let 'trailarrd init' write it"""

TEXTS: list[tuple[str, str | bytes, str]] = [
    ("an empty file", "", EMPTY),
    ("only comments", "\n# nothing yet\n", EMPTY),
    (
        "a tab as indentation",
        "connections:\n\t- name: movies\n",
        """\
trailarrd.yaml:2:1: a tab stands where only spaces may
     - name: …
    ^
    hint: YAML takes no tabs: indent and separate with spaces""",
    ),
    (
        "a list item out of line",
        "connections:\n  - name: movies\n   url: x\n",
        """\
trailarrd.yaml:3:4: the indentation does not fit the lines above
       url: …
       ^
    hint: keys of one mapping begin in the same column, as do the '-' of one list""",
    ),
    (
        "no space after the colon",
        "connections:\n  - name:movies\n    provider: radarr\n",
        """\
trailarrd.yaml:2:5: there is no ': ' between key and value
      - name:…
        ^
    hint: write it as 'key: value', with a space after the ':'""",
    ),
    (
        "an equals sign",
        "log:\n  # more\n  level = debug\n  format: json\n",
        """\
trailarrd.yaml:3:3: there is no ': ' between key and value
      level …
      ^
    hint: write it as 'key: value', with a space after the ':'""",
    ),
    (
        "a bracket that is never closed",
        "connections: [\n",
        """\
trailarrd.yaml:2:1: a bracket above is never closed
    hint: close it with ']' or '}', or put the value in quotes if it has brackets in it""",
    ),
    (
        "a bracket that closes none",
        "log: }\n",
        """\
trailarrd.yaml:1:6: this bracket closes none
    log: }
         ^
    hint: delete it, or put the value in quotes if it has brackets in it""",
    ),
    (
        "a list on the line of its key",
        "connections: - name: movies\n",
        """\
trailarrd.yaml:1:14: a list cannot begin on the line of its key
    connections: - name: …
                 ^
    hint: begin it on the next line, or put the value in quotes if it begins with '-'""",
    ),
    (
        "a line too far in",
        "connections:\n  - name: movies\n      provider: radarr\n",
        """\
trailarrd.yaml:3:7: this line is further in than the one above, which has its value already
          provider: …
          ^
    hint: keys of one mapping begin in the same column""",
    ),
    (
        "a space that is none",
        "log:\n\u00a0 level: debug\n  format: json\n",
        """\
trailarrd.yaml:2:1: character U+00A0 only looks like a space
      level: …
    ^
    hint: indent with plain spaces""",
    ),
    (
        "a Windows path in double quotes",
        'x-a: "D:\\Media"\n',
        """\
trailarrd.yaml:1:10: in double quotes a backslash begins an escape, and this is none
    …
    ^
    hint: use single quotes, in which a backslash is only itself: 'D:\\Media'""",
    ),
    (
        "a percent sign",
        "%level\nlog: {}\n",
        """\
trailarrd.yaml:2:1: a line above begins with '%', which YAML takes for itself
    log: {}
    ^
    hint: put the value in quotes, or delete the line""",
    ),
    (
        "a colon too many",
        "log:\n  level: info: debug\n",
        """\
trailarrd.yaml:2:14: a ':' cannot stand here
      level: …
             ^
    hint: put the value in quotes if ': ' is part of it; else look at the indentation""",
    ),
    (
        "quotes never closed",
        'log:\n  level: "info\n',
        """\
trailarrd.yaml:2:10: the quotes opened here are never closed
      level: "…
             ^""",
    ),
    (
        "an alias of nothing",
        "log: *usual\n",
        """\
trailarrd.yaml:1:6: an alias of something that is not defined above
    log: …
         ^
    hint: put the value in quotes if it begins with '*'""",
    ),
    (
        "a variable between brackets",
        "log: {level: ${LEVEL}}\n",
        """\
trailarrd.yaml:1:15: between brackets, a value with '${' in it needs quotes
    log: {level: …
                 ^
    hint: write it as '${NAME}', with the quotes""",
    ),
    (
        "a character that must be quoted",
        "log: {level: @info}\n",
        """\
trailarrd.yaml:1:14: a value cannot begin with this character
    log: {level: …
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
    …
    ^
    hint: save the file as UTF-8""",
    ),
    (
        "a control character",
        "log: {level: in\x07fo}\n",
        """\
trailarrd.yaml:1:16: character U+0007 is not allowed in YAML
    log: {level: …
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
    x-a: …
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
        api_key: …
                 ^
    hint: write !env NAME""",
    ),
    (
        "a tag with an empty name",
        block("    api_key: !env"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: !env needs the name of a variable
        api_key: !env
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
