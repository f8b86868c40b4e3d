"""The effective configuration: every value that counts, where it comes from, and never a secret."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ByteSize, SecretStr

from tests.config.conftest import MINIMAL
from trailarrd.config.diagnostic import address_text
from trailarrd.config.effective import as_yaml, effective

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads, Writes
    from trailarrd.config import Settings


class Nested(BaseModel):
    pin: SecretStr = SecretStr("5678")
    user: str = "me"


class VaultOptions(BaseModel):
    token: SecretStr = SecretStr("t0ken")
    password: str = "plain"
    patience: timedelta = timedelta(minutes=90)
    largest: ByteSize = ByteSize(500_000_000)
    tags: list[str] = ["a", "no"]
    nested: Nested = Nested()
    page: str = "http://me:S3CRET@nas"
    nothing: str | None = None


class Vault:
    options = VaultOptions


class Plain:
    options = None


PROVIDERS = {"vault": Vault(), "radarr": Plain(), "sonarr": Plain()}


def origins(settings: Settings, file: Path) -> dict[str, str]:
    """Where each setting comes from, without the folder."""
    return {
        address_text(address): str(origin).replace(f"{file.parent}/", "")
        for address, _, origin in effective(settings)
    }


def text(settings: Settings, file: Path) -> str:
    return "\n".join(as_yaml(effective(settings))).replace(f"{file.parent}/", "")


def test_each_value_tells_its_file_its_variable_or_that_it_is_the_default(
    loads: Loads, file: Path, write: Writes
) -> None:
    write("more.yaml", "log:\n  format: json\n")
    told = origins(
        loads(
            "include: more.yaml\ndefaults:\n  monitor: new\n" + MINIMAL.replace("abc", "!env KEY"),
            {"KEY": "abc", "TRAILARRD_LOG__LEVEL": "debug", "TRAILARRD_DISK": "{timeout: 3s}"},
        ),
        file,
    )
    assert told["log.format"] == "more.yaml:2"
    assert told["log.level"] == "$TRAILARRD_LOG__LEVEL"
    assert told["disk.timeout"] == "$TRAILARRD_DISK"
    assert told["database.backups"] == "default"
    assert told["connections[0].monitor"] == "trailarrd.yaml:3"
    assert told["connections[0].name"] == "trailarrd.yaml:5"
    assert told["connections[0].api_key"] == "trailarrd.yaml:8, !env KEY"
    assert told["connections[0].verify_tls"] == "default"


def test_an_interval_that_is_the_common_one_tells_where_that_stands(loads: Loads, file: Path) -> None:
    told = origins(loads("refresh: {interval: 5m}\n" + MINIMAL), file)
    assert told["connections[0].interval"] == "trailarrd.yaml:1"


def test_so_does_a_time_zone(loads: Loads, file: Path) -> None:
    told = origins(loads(MINIMAL + "timezone: Europe/Vienna\n"), file)
    assert told["connections[0].timezone"] == "trailarrd.yaml:6"


def test_what_is_only_partly_taken_from_elsewhere_is_not_repeated(loads: Loads, file: Path) -> None:
    """The rest of it may be secret."""
    told = origins(loads(MINIMAL.replace("abc", "S3CRET${KEY}"), {"KEY": "x"}), file)
    assert told["connections[0].api_key"] == "trailarrd.yaml:5"


PARTS = [
    """\
database:
  url: sqlite+aiosqlite:////home/me/.local/state/trailarrd/trailarrd.db  # default
  pooler: false                   # default
  lease: 15s                      # default
  backups: 3                      # default
""",
    """\
plugins:
  disabled:
    - a                           # $TRAILARRD_PLUGINS__DISABLED
    - b                           # $TRAILARRD_PLUGINS__DISABLED
""",
    """\
connections:
  - name: movies                  # trailarrd.yaml:2
    provider: radarr              # trailarrd.yaml:3
    url: http://nas:7878          # trailarrd.yaml:4
    api_key: '********'           # trailarrd.yaml:5
    monitor: missing              # default
    path_mappings:
      - remote: /movies           # trailarrd.yaml:6
        local: /mnt               # trailarrd.yaml:6
""",
]


def test_it_looks_like_the_file_that_one_would_have_written(loads: Loads, file: Path) -> None:
    settings = loads(
        MINIMAL + "    path_mappings: [{remote: /movies, local: /mnt}]\n",
        {"TRAILARRD_PLUGINS__DISABLED": "a, b"},
    )
    shown = re.sub(" {2,}#", "  #", text(settings, file))
    assert [part for part in PARTS if re.sub(" {2,}#", "  #", part) not in shown] == []


def test_comments_stand_below_each_other(loads: Loads, file: Path) -> None:
    """But for a line that is very long."""
    lines = [line for line in text(loads(MINIMAL), file).split("\n") if "  # " in line]
    assert len({line.index("  # ") for line in lines if "database" not in line and "sqlite" not in line}) == 1


def test_what_is_printed_means_the_same_again(loads: Loads, file: Path) -> None:
    first = loads(
        "log: {level: error}\nplugins: {disabled: ['no', '0123', 'a: b', 'null', ' #x']}\n"
        + MINIMAL
        + "    interval: 1h30m\n    retry: {attempts: 1}\n"
    )
    printed = text(first, file).replace("'********'", "abc")
    again = loads(printed)
    assert {**again.model_dump(), "defaults": None} == {**first.model_dump(), "defaults": None}


def test_options_of_a_plugin_are_printed_as_users_write_them_and_masked(loads: Loads, file: Path) -> None:
    """By their type, by their name, and a login in a URL."""
    settings = loads(MINIMAL.replace("radarr", "vault"), None, PROVIDERS)
    shown = re.sub(" +#", " #", text(settings, file))
    assert (
        shown.split("    options:\n")[1]
        == """\
      token: '********' # default
      password: '********' # default
      patience: 1h30m # default
      largest: 500 MB # default
      tags:
        - a # default
        - 'no' # default
      nested:
        pin: '********' # default
        user: me # default
      page: http://********@nas # default"""
    )


def test_hours_are_shown_as_they_are_written_and_can_be_read_again(loads: Loads, file: Path) -> None:
    settings = loads("disk: {quiet_hours: [23:00-7:00, 12:30 - 13:30]}\n" + MINIMAL)
    shown = [line.split("  #")[0].strip() for line in text(settings, file).splitlines()]
    at = shown.index("quiet_hours:")
    assert shown[at + 1 : at + 3] == ["- 23:00-07:00", "- 12:30-13:30"]
    again = loads("disk: {quiet_hours: [23:00-07:00, 12:30-13:30]}\n" + MINIMAL)
    assert again.disk.quiet_hours == settings.disk.quiet_hours
