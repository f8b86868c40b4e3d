"""Mistakes in a connection, as a table: what it is, the file, the report."""

from __future__ import annotations

from tests.config.blocks import block

CONNECTIONS = [
    (
        "the key's own header",
        block("    api_key: abc\n    headers: {x-api-key: abc}"),
        """\
trailarrd.yaml:6:26: connections[0].headers.x-api-key: 'x-api-key' is the key's own header
        headers: …
                 ^
    hint: the key has a setting: api_key""",
    ),
    (
        "a header that is said anyway",
        block("    api_key: abc\n    headers:\n      Accept-Encoding: br"),
        """\
trailarrd.yaml:7:24: connections[0].headers.Accept-Encoding: 'Accept-Encoding' is for trailarrd itself to say
          …
          ^
    hint: delete it""",
    ),
    (
        "the same header twice",
        block("    api_key: abc\n    headers: {X-Gate: a, x-gate: b}"),
        """\
trailarrd.yaml:6:14: connections[0].headers: 'X-Gate' and 'x-gate' are the same header
        headers: …
                 ^""",
    ),
    (
        "a header without a value",
        block('    api_key: abc\n    headers: {X-Gate: ""}'),
        """\
trailarrd.yaml:6:23: connections[0].headers.X-Gate: is empty
        headers: …
                 ^""",
    ),
    (
        "half a login",
        block("    api_key: abc\n    basic: {user: me}"),
        """\
trailarrd.yaml:6:12: connections[0].basic: missing key 'password'
        basic: {user: …}
               ^
    hint: for example password: !env PROXY_PASSWORD""",
    ),
    (
        "a colon in a user's name",
        block("    api_key: abc\n    basic: {user: 'me:', password: abc}"),
        """\
trailarrd.yaml:6:19: connections[0].basic.user: contains a colon, at which a user's name ends
        basic: {user: …, password: …}
                      ^""",
    ),
    (
        "a login in two ways",
        block("    api_key: abc\n    headers: {authorization: abc}\n    basic: {user: me, password: abc}"),
        """\
trailarrd.yaml:7:12: connections[0].basic: cannot go together with a header Authorization
        basic: {user: …, password: …}
               ^
    hint: delete one of them""",
    ),
    (
        "a name with a blank",
        block("  - name: my movies"),
        """\
trailarrd.yaml:2:11: connections[0].name: 'my movies' is not a valid name
      - name: my movies
              ^
    hint: letters, digits, '-', '_' and '.', a letter or digit first; another name is another connection""",
    ),
    (
        "the same name again, in capitals",
        block() + "  - {name: MOVIES, provider: sonarr, url: 'http://nas', api_key: abc}\n",
        """\
trailarrd.yaml:6:12: connections[1].name: another connection is called 'MOVIES' already
      - {name: MOVIES, provider: sonarr, url: 'http://nas', api_key: …}
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
    hint: install its plugin, or see in 'trailarrd plugins' why it was not loaded \
(installed: radarr, sonarr)""",
    ),
    (
        "an empty key",
        block('    api_key: ""'),
        """\
trailarrd.yaml:5:14: connections[0].api_key: is empty
        api_key: …
                 ^
    hint: the server shows it under Settings, General, Security""",
    ),
    (
        "a key with a line end",
        block('    api_key: "abc\\n"'),
        """\
trailarrd.yaml:5:14: connections[0].api_key: contains whitespace
        api_key: …
                 ^
    hint: copy the key alone, without line ends""",
    ),
    (
        "a key in typographic quotes",
        block("    api_key: \u201cabc\u201d"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: is in typographic quotes
        api_key: …
                 ^
    hint: use plain ones, ' or \", or none""",
    ),
    (
        "a key that is not ASCII",
        block("    api_key: abcé"),
        """\
trailarrd.yaml:5:14: connections[0].api_key: contains a character that no API key has
        api_key: …
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
        "off as a truth",
        block("    verify_tls: off"),
        """\
trailarrd.yaml:6:17: connections[0].verify_tls: must be true or false, not 'off'
        verify_tls: off
                    ^
    hint: write false""",
    ),
    (
        "on as a truth",
        block("    verify_tls: on"),
        """\
trailarrd.yaml:6:17: connections[0].verify_tls: must be true or false, not 'on'
        verify_tls: on
                    ^
    hint: write true""",
    ),
    (
        "0 as a truth",
        block("    verify_tls: 0"),
        """\
trailarrd.yaml:6:17: connections[0].verify_tls: must be true or false, not '0'
        verify_tls: 0
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
trailarrd.yaml:6:23: connections[0].timeouts.stall: must be more than 0s
        timeouts: {stall: 0s}
                          ^
    hint: between two pieces of the answer""",
    ),
    (
        "no attempt at all",
        block("    retry: {attempts: 0}"),
        """\
trailarrd.yaml:6:23: connections[0].retry.attempts: must be at least 1 and at most 10
        retry: {attempts: 0}
                          ^
    hint: how often it is asked in one refresh; 1 asks once""",
    ),
    (
        "more attempts than a server should have to bear",
        block("    retry: {attempts: 11}"),
        """\
trailarrd.yaml:6:23: connections[0].retry.attempts: must be at least 1 and at most 10
        retry: {attempts: 11}
                          ^
    hint: how often it is asked in one refresh; 1 asks once""",
    ),
    (
        "attempts that are no number",
        block("    retry: {attempts: often}"),
        """\
trailarrd.yaml:6:23: connections[0].retry.attempts: must be a whole number, \
at least 1 and at most 10, not 'often'
        retry: {attempts: often}
                          ^
    hint: how often it is asked in one refresh; 1 asks once""",
    ),
]
