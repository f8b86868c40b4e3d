"""Mistakes in a plugin's options, as a table: what it is, the file, the report."""

from __future__ import annotations

from tests.config.conftest import MINIMAL
from tests.config.vault import NEEDY, VAULT

MISTAKES = {
    "a misspelt key": (
        VAULT + "      qualty: hd\n",
        """\
trailarrd.yaml:7:7: connections[0].options: unknown key 'qualty'
          qualty: …
          ^
    hint: did you mean 'quality'?""",
    ),
    "a key like no other": (
        VAULT + "      xyzzy: hd\n",
        """\
trailarrd.yaml:7:7: connections[0].options: unknown key 'xyzzy'
          xyzzy: …
          ^
    hint: known keys: quality, tags, pages, patience, largest, deep, login, token, code""",
    ),
    "a duplicate key": (
        VAULT + "      pages: 1\n      pages: 2\n",
        """\
trailarrd.yaml:8:7: connections[0].options: duplicate key 'pages'
          pages: 2
          ^
    hint: first given in line 7""",
    ),
    "one of a few words": (
        VAULT + "      quality: sd\n",
        """\
trailarrd.yaml:7:16: connections[0].options.quality: 'sd' is not one of hd, uhd
          quality: sd
                   ^""",
    ),
    "no number": (
        VAULT + "      pages: many\n",
        """\
trailarrd.yaml:7:14: connections[0].options.pages: must be a whole number, more than 0, not 'many'
          pages: many
                 ^
    hint: how many pages to ask for""",
    ),
    "a number out of bounds": (
        VAULT + "      pages: 0\n",
        """\
trailarrd.yaml:7:14: connections[0].options.pages: must be more than 0
          pages: 0
                 ^
    hint: how many pages to ask for""",
    ),
    "no truth": (
        VAULT + "      deep: maybe\n",
        """\
trailarrd.yaml:7:13: connections[0].options.deep: must be true or false, not 'maybe'
          deep: maybe
                ^""",
    ),
    "text for a list": (
        VAULT + "      tags: a\n",
        """\
trailarrd.yaml:7:13: connections[0].options.tags: must be a list, not text
          tags: a
                ^
    hint: begin each item with '- '""",
    ),
    "the plugin's own words": (
        VAULT + "      tags: [a b]\n",
        """\
trailarrd.yaml:7:13: connections[0].options.tags: a tag has no blanks
          tags: [a b]
                ^""",
    ),
    "nothing": (
        VAULT + "      pages:\n",
        """\
trailarrd.yaml:7:13: connections[0].options.pages: has no value
          pages:
                ^
    hint: give it one, or delete the line""",
    ),
    "no duration": (
        VAULT + "      patience: 12\n",
        """\
trailarrd.yaml:7:17: connections[0].options.patience: '12' has no unit
          patience: 12
                    ^
    hint: write it like 90s, 30m, 1h30m or 2 days""",
    ),
    "no size": (
        VAULT + "      largest: 3 apples\n",
        """\
trailarrd.yaml:7:16: connections[0].options.largest: '3 apples' has a unit that is not known
          largest: 3 apples
                   ^
    hint: write it like 500 MB or 2 GiB""",
    ),
    "a mapping within, of which something is missing": (
        VAULT + "      login: {user: me}\n",
        """\
trailarrd.yaml:7:14: connections[0].options.login: missing key 'pin'
          login: {user: me}
                 ^""",
    ),
    "an unset variable": (
        VAULT + "      token: !env NOPE\n",
        """\
trailarrd.yaml:7:14: connections[0].options.token: environment variable 'NOPE' is not set
          token: !env NOPE
                 ^
    hint: set it where trailarrd is started""",
    ),
    "text for all options": (
        MINIMAL.replace("radarr", "vault") + "    options: hd\n",
        """\
trailarrd.yaml:6:14: connections[0].options: must be a mapping, not text
        options: …
                 ^
    hint: write it as 'key: value'; known keys: quality, tags, pages, patience, largest, deep, login, \
token, code""",
    ),
    "no options where some are needed": (
        NEEDY,
        """\
trailarrd.yaml:2:5: connections[0].options: missing key 'token'
      - name: movies
        ^
    hint: for example token: !file vault.token""",
    ),
    "a secret that the plugin's words repeat": (
        NEEDY + "    options: {token: s3cret}\n",
        """\
trailarrd.yaml:6:22: connections[0].options.token: '***' is too short
        options: {token: …}
                         ^""",
    ),
    "a list for a secret": (
        NEEDY + "    options: {token: [s3cret]}\n",
        """\
trailarrd.yaml:6:22: connections[0].options.token: must be text, not a list
        options: {token: …}
                         ^""",
    ),
    "a list for a secret of ours": (
        VAULT + "      code: [s3cret]\n",
        """\
trailarrd.yaml:7:13: connections[0].options.code: must be text, not a list
          code: …
                ^""",
    ),
    "a mistake of the plugin": (
        NEEDY + "    options: {token: crash}\n",
        """\
trailarrd.yaml:6:14: connections[0].options: provider 'needy' failed to read them: RuntimeError
        options: {token: …}
                 ^
    hint: this is a mistake in the plugin: tell its author""",
    ),
    "options for a provider that takes none": (
        MINIMAL + "    options: {pages: 1}\n",
        """\
trailarrd.yaml:6:14: connections[0].options: provider 'radarr' takes no options
        options: {pages: 1}
                 ^
    hint: delete 'options:' and what is below it""",
    ),
    "options for all connections": (
        "defaults: {options: {pages: 1}}\n" + MINIMAL,
        """\
trailarrd.yaml:1:12: defaults: unknown key 'options'
    defaults: {options: {pages: 1}}
               ^
    hint: it belongs in 'download' or an item of 'connections'""",
    ),
}
