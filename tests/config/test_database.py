"""How many backups are kept is a whole number, and 0 is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads

REST = "connections: [{name: a, provider: radarr, url: 'http://a', api_key: b}]\n"


@pytest.mark.parametrize(("given", "meant"), [("", 3), (", backups: 0", 0), (", backups: 12", 12)])
def test_three_backups_are_kept_unless_told_otherwise(loads: Loads, given: str, meant: int) -> None:
    settings = loads(f"database: {{url: 'sqlite+aiosqlite:////srv/t.db'{given}}}\n{REST}")
    assert settings.database.backups == meant


@pytest.mark.parametrize("given", ["-1", "three", "1.5", "true"])
def test_anything_else_is_a_mistake(loads: Loads, given: str) -> None:
    with pytest.raises(
        ConfigError, match=r"database\.backups: must be (a whole number, )?at least 0 and at most"
    ):
        loads(f"database: {{url: 'sqlite+aiosqlite:////srv/t.db', backups: {given}}}\n{REST}")


@pytest.mark.parametrize(("written", "before"), [("a%20b/x.db", "a b/x.db"), ("why?/x.db", "why")])
def test_a_file_that_0_1_0_took_for_another_one_is_refused_with_its_place(
    loads: Loads, tmp_path: Path, written: str, before: str
) -> None:
    (tmp_path / written).parent.mkdir()
    (tmp_path / before).parent.mkdir(exist_ok=True)
    (tmp_path / before).touch()
    text = f"database:\n  url: 'sqlite+aiosqlite:///{tmp_path}/{written}'\n{REST}"
    with pytest.raises(ConfigError, match=rf"trailarrd\.yaml:2:8: .*version 0\.1\.0 took it for .*/{before}"):
        loads(text)
    (tmp_path / written).touch()
    assert loads(text).database.url == f"sqlite+aiosqlite:///{tmp_path}/{written}"


def test_what_was_written_with_an_escape_goes_on_meaning_the_database_that_is_there(
    loads: Loads, tmp_path: Path
) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b/x.db").touch()
    settings = loads(f"database: {{url: 'sqlite+aiosqlite:///{tmp_path}/a%20b/x.db'}}\n{REST}")
    assert settings.database.url == f"sqlite+aiosqlite:///{tmp_path}/a b/x.db"


def test_a_way_past_a_pooler_needs_one(loads: Loads) -> None:
    text = f"database: {{url: 'postgresql+asyncpg://a/t', listen_url: 'postgresql+asyncpg://b/t'}}\n{REST}"
    with pytest.raises(ConfigError) as caught:
        loads(text)
    assert "database.listen_url: is for a database behind a pooler" in str(caught.value)
    assert "say pooler: true, too" in str(caught.value)
    assert loads(text.replace("listen_url", "pooler: true, listen_url")).database.listen_url


@pytest.mark.parametrize("given", ["garbage", "sqlite+aiosqlite:////srv/t.db", "''"])
def test_past_a_pooler_there_is_a_server_and_nothing_else(loads: Loads, given: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(f"database: {{url: 'postgresql+asyncpg://a/t', pooler: true, listen_url: {given}}}\n{REST}")
    said = str(caught.value)
    assert "database.listen_url: is not the URL of a PostgreSQL database" in said
    assert "for example postgresql+asyncpg://db.lan/trailarrd" in said
    assert "must be" not in said
