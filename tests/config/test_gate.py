"""`headers` and `basic`: what a proxy in front of a server wants to see, by connection and for all."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from trailarrd.config.effective import as_yaml, effective
from trailarrd.config.renewal import renewed
from trailarrd.domain.secret import Redactor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads
    from trailarrd.config import Settings

TEXT = """\
defaults:
  headers: {X-Gate: from-the-defaults, X-Forwarded-Proto: https}
  basic: {user: trailarrd, password: common-password}
connections:
  - {name: movies, provider: radarr, url: http://nas:1, api_key: abc}
  - name: series
    provider: sonarr
    url: http://nas:2
    api_key: abc
    headers: {X-Gate: its-own, X-More: more-of-it}
    basic: {password: its-own-password}
"""


def shown(settings: Settings) -> list[tuple[dict[str, str], tuple[str, str] | None]]:
    """What each connection's server is sent."""
    servers = [connection.arr_server() for connection in settings.connections]
    return [
        (
            {name: value.reveal() for name, value in server.headers.items()},
            (server.basic.user.reveal(), server.basic.password.reveal()) if server.basic else None,
        )
        for server in servers
    ]


def test_they_may_stand_in_defaults_and_a_block_says_what_it_says_itself(loads: Loads) -> None:
    movies, series = shown(loads(TEXT))
    proto = {"X-Forwarded-Proto": "https"}
    assert movies == ({"X-Gate": "from-the-defaults", **proto}, ("trailarrd", "common-password"))
    assert series == (
        {"X-Gate": "its-own", "X-More": "more-of-it", **proto},
        ("trailarrd", "its-own-password"),
    )


def test_they_may_come_from_the_environment(loads: Loads) -> None:
    settings = loads(
        TEXT,
        {
            "TRAILARRD_CONNECTIONS__MOVIES__HEADERS": "{X-Gate: from-a-variable}",
            "TRAILARRD_CONNECTIONS__MOVIES__BASIC__PASSWORD": "from-another",
        },
    )
    headers, basic = shown(settings)[0]
    assert (headers["X-Gate"], basic) == ("from-a-variable", ("trailarrd", "from-another"))


def test_config_show_masks_each_value(loads: Loads) -> None:
    text = "\n".join(line for line, _ in zip(as_yaml(effective(loads(TEXT))), range(1000), strict=False))
    assert "X-Gate: '********'" in text
    for value in ("from-the-defaults", "common-password", "its-own", "more-of-it"):
        assert value not in text
    assert "user: '********'" in text


def test_no_text_tells_them_also_not_as_they_are_sent(loads: Loads) -> None:
    settings = loads(TEXT)
    sent = base64.b64encode(b"trailarrd:common-password").decode()
    said = f"Authorization: Basic {sent}, X-Gate: its-own, common-password; https://trailarrd is true"
    clean = Redactor(settings.secrets).clean(said)
    shown = r"Authorization: Basic \*+, X-Gate: \*+, \*+; https://trailarrd is true"
    assert re.fullmatch(shown, clean), clean


@pytest.mark.parametrize("tag", ["!file", "!credential"])
def test_those_from_files_can_be_read_anew(loads: Loads, tmp_path: Path, tag: str) -> None:
    for name in ("key", "gate", "user", "password"):
        (tmp_path / name).write_text(f"old-{name}")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "KEY": "fixed"}
    settings = loads(
        f"connections:\n  - name: movies\n    provider: radarr\n    url: http://nas\n    api_key: {tag} key\n"
        f"    headers: {{X-Gate: {tag} gate, X-Fixed: !env KEY}}\n"
        f"    basic: {{user: {tag} user, password: {tag} password}}\n",
        environ,
    )
    assert renewed(settings, environ) == settings
    for name in ("key", "gate", "user", "password"):
        (tmp_path / name).write_text(f"new-{name}\n")
    fresh = renewed(settings, {**environ, "KEY": "another"})
    assert shown(fresh) == [({"X-Gate": "new-gate", "X-Fixed": "fixed"}, ("new-user", "new-password"))]
    assert fresh.connections[0].api_key.reveal() == "new-key"
    assert fresh.provenance == settings.provenance


@pytest.mark.parametrize("content", ["", "half a\nkey", None], ids=["empty", "broken", "gone"])
def test_a_file_that_is_being_written_leaves_its_secret_as_it_was(
    loads: Loads, tmp_path: Path, content: str | None
) -> None:
    key = tmp_path / "key"
    key.write_text("abc")
    settings = loads("connections: [{name: movies, provider: radarr, url: 'http://nas', api_key: !file key}]")
    key.unlink() if content is None else key.write_text(content)
    assert renewed(settings, {}) == settings
