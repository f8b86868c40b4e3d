"""How many backups are kept is a whole number, and 0 is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.errors import ConfigError

if TYPE_CHECKING:
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
