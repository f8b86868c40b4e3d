"""Whoever watches the configuration for changes is told every file that it was read from."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.config.conftest import AUTHORITY
from trailarrd.config.diagnostic import InvalidConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.conftest import Loads

CONNECTION = "connections: [{name: a, provider: radarr, url: 'http://nas', api_key: !file radarr.key%s}]\n"


def test_the_file_its_secrets_and_its_authorities_are_told(loads: Loads, file: Path) -> None:
    (file.parent / "radarr.key").write_text("abc")
    shutil.copy(AUTHORITY, file.parent / "ca.pem")
    settings = loads(CONNECTION % ", ca_file: ca.pem")
    assert settings.sources == {file, file.parent / "radarr.key", file.parent / "ca.pem"}


def test_a_credential_of_systemd_is_told(loads: Loads, file: Path, tmp_path: Path) -> None:
    (tmp_path / "radarr").write_text("abc")
    environ = {"HOME": "/h", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    settings = loads(CONNECTION.replace("!file radarr.key", "!credential radarr") % "", environ)
    assert settings.sources == {file, tmp_path / "radarr"}


def test_where_there_are_mistakes_the_files_are_told_that_may_mend_them(loads: Loads, file: Path) -> None:
    """The one that is missing, too."""
    with pytest.raises(InvalidConfigError) as caught:
        loads(CONNECTION % "")
    assert caught.value.sources == {file, file.parent / "radarr.key"}
