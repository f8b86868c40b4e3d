"""The settings under `download:`: what cannot work is refused, each mistake in one sentence."""

from __future__ import annotations

from enum import StrEnum
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from tests.config.conftest import MINIMAL, PROVIDERS
from trailarrd.config import load
from trailarrd.config.diagnostic import InvalidConfigError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = MINIMAL + "database: {url: 'sqlite+aiosqlite:////nowhere/trailarrd.db'}\n"


class Engine(StrEnum):
    OFF = "off"
    WEEKLY = "weekly"


class Options(BaseModel):
    engine: Engine = Engine.OFF
    password: Engine = Engine.OFF


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{length: {from: 10min}}", "download.length: from is longer than to, which is 5m"),
        ("{length: {from: 10min, to: 5min}}", "download.length.to: is shorter than from, which is 10m"),
        ("{pause: {from: 500s}}", "download.pause: from is longer than to, which is 3m"),
        ("{languages: [de, 'deutsch!!']}", "download.languages: 'deutsch!!' is no language"),
        ("{proxy: not a proxy}", "download.proxy: is no proxy's address"),
        (
            "{options: {hasty: {engine: monthly}}}",
            "download.options.hasty.engine: 'monthly' is not one of off, weekly",
        ),
        (
            "{options: {hasty: {password: monthly}}}",
            "download.options.hasty.password: this is not one of off, weekly",
        ),
        ("true", "download: must be a mapping, not true"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(file: Path, written: str, told: str) -> None:
    file.write_text(f"{HEAD}download: {written}\n")
    with pytest.raises(InvalidConfigError) as refused:
        load(file, providers=PROVIDERS, environ={}, downloaders={"hasty": SimpleNamespace(options=Options)})
    (said,) = refused.value.diagnostics
    assert f"{said.setting}: {said.message}" == told


def test_languages_are_tags(file: Path) -> None:
    file.write_text(f"{HEAD}download: {{languages: [de, pt-BR, zh-Hans]}}\n")
    settings = load(file, providers=PROVIDERS, environ={})
    assert settings.download
    assert settings.download.languages == ("de", "pt-BR", "zh-Hans")
