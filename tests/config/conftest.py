"""A configuration file in a folder of its own, loaded without the real environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from trailarrd.config import Settings, load

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVIDERS = frozenset({"radarr", "sonarr"})
ENVIRON = {"HOME": "/home/me"}
AUTHORITY = Path(__file__).parent / "authority.pem"
"""A self-signed certificate, valid until 2126."""


class Loads(Protocol):
    def __call__(self, text: str | bytes, environ: Mapping[str, str] | None = None) -> Settings: ...


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trailarrd.yaml"


@pytest.fixture
def loads(file: Path) -> Loads:
    """Loads a text as trailarrd.yaml."""

    def loads(text: str | bytes, environ: Mapping[str, str] | None = None) -> Settings:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(file, providers=PROVIDERS, environ=ENVIRON if environ is None else environ)

    return loads
