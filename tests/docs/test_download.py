"""docs/download.md: what it has to be typed is there, and its configurations are such."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import code, page
from trailarrd.cli.group import COMMANDS
from trailarrd.config import load
from trailarrd.discovery.plugins import discover, downloaders_by_name, providers_by_name
from trailarrd_ytdlp.options import Upkeep, YtdlpOptions

if TYPE_CHECKING:
    from pathlib import Path

PAGE = page("download.md")
HEAD = (
    "database: {url: 'sqlite+aiosqlite:////nowhere/trailarrd.db'}\n"
    "connections: [{name: movies, provider: radarr, url: 'http://h', api_key: k}]\n"
)


@pytest.mark.parametrize("given", code(re.sub(r"^ {3}", "", PAGE, flags=re.MULTILINE), "yaml"))
def test_what_it_says_to_write_is_a_configuration(given: str, tmp_path: Path) -> None:
    plugins = discover()
    (tmp_path / "youtube-cookies.txt").write_text("# Netscape HTTP Cookie File\n")
    (tmp_path / "trailarrd.yaml").write_text(HEAD + given)
    settings = load(
        tmp_path / "trailarrd.yaml",
        providers=providers_by_name(plugins),
        environ={},
        downloaders=downloaders_by_name(plugins),
    )
    assert settings.download


def test_its_commands_are_there() -> None:
    typed = {match[1] for match in re.finditer(r"trailarrd ([a-z]+)[ '`\n]", PAGE)}
    assert {"check", "downloads", "download", "downloaders", "status", "reload"} <= typed
    assert {word for word in typed if word in COMMANDS} >= {"downloaders", "downloads"}


def test_every_way_to_keep_yt_dlp_current_is_told_with_the_default() -> None:
    told = re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert [word for word, _ in told] == [word.value for word in Upkeep]
    assert [word for word, means in told if "the default" in means] == [YtdlpOptions().engine.value]
