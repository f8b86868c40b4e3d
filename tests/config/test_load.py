"""What a valid trailarrd.yaml means: defaults, values from elsewhere, YAML without its traps."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.config.conftest import AUTHORITY
from trailarrd.config import load
from trailarrd.domain.connection import ArrServer, Connection, Timeouts
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.retry import Retry
from trailarrd.domain.secret import Secret
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads
    from trailarrd.config import ConnectionSettings

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

MINIMAL = """\
connections:
  - name: movies
    provider: radarr
    url: http://nas:7878/
    api_key: abc
"""


def only(loads: Loads, *lines: str, environ: dict[str, str] | None = None) -> ConnectionSettings:
    """The one connection of a minimal file with some lines more."""
    text = MINIMAL + "".join(f"    {line}\n" for line in lines)
    return loads(text, environ).connections[0]


def with_key(loads: Loads, written: str, environ: dict[str, str] | None = None) -> str:
    text = MINIMAL.replace("abc", written)
    return loads(text, environ).connections[0].api_key.reveal()


def test_everything_but_name_provider_url_and_key_has_a_default(loads: Loads, file: Path) -> None:
    """Issue 2, point 3."""
    settings = loads(MINIMAL)
    assert settings.path == file
    assert settings.database.url == ("sqlite+aiosqlite:////home/me/.local/state/trailarrd/trailarrd.db")
    assert settings.refresh.interval == HOUR
    assert (settings.log.level, settings.log.format) == ("info", "auto")
    assert settings.disk.timeout == timedelta(seconds=10)
    [connection] = settings.connections
    assert connection.interval == HOUR
    assert connection.connection() == Connection(
        name="movies",
        provider="radarr",
        mode=MonitorMode.MISSING,
        path_mappings=(),
        interval=HOUR,
        retry=Retry(attempts=3, max_wait=30.0),
    )
    assert connection.arr_server() == ArrServer(
        url="http://nas:7878",
        api_key=Secret("abc"),
        timeouts=Timeouts(connect=5, first_byte=120, stall=60),
        verify_tls=True,
        ca_file=None,
    )


def test_everything_can_be_set(loads: Loads, tmp_path: Path) -> None:
    shutil.copy(AUTHORITY, tmp_path / "ca.pem")
    settings = loads(
        "database: {url: 'sqlite+aiosqlite:////srv/t.db'}\n"
        "refresh: {interval: 2h}\n"
        "log: {level: debug, format: json}\n"
        "disk: {timeout: 3s}\n"
        "connections:\n"
        "  - name: TV-2.x\n"
        "    provider: sonarr\n"
        "    url: https://nas/sonarr\n"
        "    external_url: https://tv.example.org/\n"
        "    api_key: abc\n"
        "    monitor: sync\n"
        "    path_mappings: [{remote: 'D:\\TV', local: /mnt/tv}]\n"
        "    interval: 1h30m\n"
        "    timeouts: {connect: 1s, first_byte: 1.5m, stall: 500ms}\n"
        "    retry: {attempts: 10, max_wait: 1m}\n"
        "    ca_file: ca.pem\n"
    )
    assert settings.database.url == "sqlite+aiosqlite:////srv/t.db"
    assert settings.refresh.interval == 2 * HOUR
    assert (settings.log.level, settings.log.format) == ("debug", "json")
    assert settings.disk.timeout == timedelta(seconds=3)
    [connection] = settings.connections
    assert connection.external_url == "https://tv.example.org"
    assert connection.interval == 90 * MINUTE
    assert connection.connection() == Connection(
        name="TV-2.x",
        provider="sonarr",
        mode=MonitorMode.SYNC,
        path_mappings=(PathMapping(RemotePath("D:\\TV"), LocalPath("/mnt/tv")),),
        interval=90 * MINUTE,
        retry=Retry(attempts=10, max_wait=60.0),
    )
    assert connection.arr_server() == ArrServer(
        url="https://nas/sonarr",
        api_key=Secret("abc"),
        timeouts=Timeouts(connect=1, first_byte=90, stall=0.5),
        ca_file=str(tmp_path / "ca.pem"),
    )


def test_a_connection_without_an_interval_goes_by_the_common_one(loads: Loads) -> None:
    settings = loads("refresh: {interval: 15m}\n" + MINIMAL)
    assert settings.connections[0].interval == 15 * MINUTE


def test_tls_need_not_be_verified(loads: Loads) -> None:
    assert only(loads, "verify_tls: false").arr_server().verify_tls is False


def test_the_default_database_is_in_systemds_state_directory(loads: Loads) -> None:
    settings = loads("database: {}\n" + MINIMAL, {"STATE_DIRECTORY": "/var/lib/trailarrd"})
    assert settings.database.url == "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db"


@pytest.mark.parametrize("key", ["0123", "123", "1e3", "0x1f", "12:30:00", "2026-01-01", "no", "_1"])
def test_an_unquoted_key_is_kept_as_it_is_written(key: str, loads: Loads) -> None:
    """field-notes 4(c) 30: YAML 1.1 would make a number, a date or a truth of these."""
    assert with_key(loads, key) == key


def test_a_number_with_a_leading_zero_is_decimal(loads: Loads) -> None:
    """YAML 1.1 would make eight of it."""
    settings = loads("removal_guard: {max_items: 010}\n" + MINIMAL)
    assert settings.removal_guard.max_items == 10


@pytest.mark.parametrize("name", ["0123", "1e3", "no", "12.30"])
def test_an_unquoted_name_is_kept_as_it_is_written(name: str, loads: Loads) -> None:
    assert loads(MINIMAL.replace("movies", name)).connections[0].name == name


def test_none_is_a_mode_and_not_nothing(loads: Loads) -> None:
    assert only(loads, "monitor: none").monitor is MonitorMode.NONE


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("!env KEY", "from-env"),
        ("${KEY}", "from-env"),
        ("a${KEY}b", "afrom-envb"),
        ("'${KEY}'", "from-env"),
        ("${NOPE:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${KEY:-default}", "from-env"),
        ("$${KEY}", "${KEY}"),
        ("$KEY", "$KEY"),
        ("a$$b", "a$b"),
        ("!file radarr.key", "from-file"),
        ("!file ${FOLDER}/radarr.key", "from-file"),
        ("!file ~/radarr.key", "from-file"),
        ("!credential radarr.key", "from-file"),
        ("!!str abc", "abc"),
    ],
)
def test_a_value_can_stand_elsewhere(written: str, key: str, loads: Loads, tmp_path: Path) -> None:
    """A file is relative to the configuration; blanks and line ends around its text don't count."""
    (tmp_path / "radarr.key").write_text("\ufefffrom-file \n")
    environ = {
        "KEY": "from-env",
        "EMPTY": "",
        "FOLDER": str(tmp_path),
        "HOME": str(tmp_path),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
    }
    assert with_key(loads, written, environ) == key


def test_any_setting_can_stand_elsewhere(loads: Loads) -> None:
    environ = {"HOME": "/h", "VERIFY": "false", "EVERY": "5m", "MODE": "none"}
    lines = ("verify_tls: ${VERIFY}", "interval: !env EVERY", "monitor: ${MODE}")
    connection = only(loads, *lines, environ=environ)
    assert connection.verify_tls is False
    assert connection.interval == 5 * MINUTE
    assert connection.monitor is MonitorMode.NONE


def test_what_the_environment_says_is_not_read_as_yaml(loads: Loads) -> None:
    assert with_key(loads, "!env KEY", {"HOME": "/h", "KEY": "#{[&*!x"}) == "#{[&*!x"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_byte_order_mark_and_windows_line_ends_are_fine(mark: bytes, end: bytes, loads: Loads) -> None:
    content = mark + MINIMAL.encode().replace(b"\n", end)
    assert loads(content).connections[0].name == "movies"


def test_anchors_and_merge_keys_work_and_the_nearer_word_counts(loads: Loads) -> None:
    settings = loads(
        "x-slow: &slow {interval: 3h, monitor: new}\n"
        "x-usual: &usual {<<: *slow, monitor: sync, provider: radarr, api_key: &key abc}\n"
        "connections:\n"
        "  - {<<: *usual, name: a, url: 'http://a', monitor: none}\n"
        "  - {<<: [*slow, *usual], name: b, url: 'http://b', api_key: *key}\n"
    )
    first, second = settings.connections
    assert (first.interval, first.monitor, first.provider) == (3 * HOUR, "none", "radarr")
    assert (second.interval, second.monitor, second.provider) == (3 * HOUR, "new", "radarr")
    assert second.api_key.reveal() == "abc"


def test_settings_never_change(loads: Loads) -> None:
    settings = loads(MINIMAL)
    with pytest.raises(ValueError, match="frozen"):
        settings.connections[0].__setattr__("name", "other")


def test_only_a_regular_file_of_sane_size_is_read(tmp_path: Path, loads: Loads) -> None:
    """A pipe that nobody writes to and a device without end would hold a start or a reload for good."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_bytes(b"a" * (64 * 1024 + 1))
    (tmp_path / "folder").mkdir()
    for name, why in [
        ("pipe", "not a regular file"),
        ("/dev/zero", "not a regular file"),
        ("huge", "larger than 64 KiB"),
        ("folder", "is a directory"),
    ]:
        with pytest.raises(ConfigError, match=why):
            with_key(loads, f"!file {name}", {})
    (tmp_path / "comments.yaml").write_bytes(b"#" * (8 * 2**20 + 1))
    for name, why in [("pipe", "not a regular file"), ("comments.yaml", "larger than 8,192 KiB")]:
        with pytest.raises(ConfigError, match=why):
            load(tmp_path / name, providers={}, environ={})
