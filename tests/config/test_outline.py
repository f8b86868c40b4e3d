"""A command that only reads the database needs none of the connections' secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.config import load_outline
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

CONNECTIONS = "connections: [{name: a, provider: never-installed, url: 'http://h', api_key: !env NOT_SET}]\n"


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "trailarrd.yaml"
    path.write_text(text)
    return path


def test_a_key_that_only_the_service_has_does_not_keep_a_user_from_reading(tmp_path: Path) -> None:
    path = _write(tmp_path, "database: {url: 'sqlite+aiosqlite:////srv/t.db'}\n" + CONNECTIONS)
    assert load_outline(path, environ={}).database.url == "sqlite+aiosqlite:////srv/t.db"


def test_without_a_word_on_it_the_database_is_in_the_state_directory(tmp_path: Path) -> None:
    path = _write(tmp_path, CONNECTIONS)
    found = load_outline(path, environ={"STATE_DIRECTORY": "/var/lib/trailarrd"})
    assert found.database.url == "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db"


def test_the_names_of_the_connections_are_told(tmp_path: Path) -> None:
    path = _write(tmp_path, CONNECTIONS)
    assert load_outline(path, environ={"STATE_DIRECTORY": "/var/lib/trailarrd"}).names == {"a"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("database: {url: !env NOT_SET}\n", "1:17: database.url: environment variable 'NOT_SET' is not set"),
        ("database: {ulr: x}\n", "1:12: database: unknown key 'ulr'"),
        ("- database\n", "1:1"),
        (
            "connections: [{name: !env NOT_SET}]\n",
            "1:22: connections[0].name: environment variable 'NOT_SET'",
        ),
        ("database: [\n", ":"),
    ],
)
def test_a_mistake_about_what_is_needed_is_shown_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_outline(path, environ={"STATE_DIRECTORY": "/var/lib/trailarrd"})
    assert f"{path}:" in str(caught.value)
    assert message in str(caught.value)
