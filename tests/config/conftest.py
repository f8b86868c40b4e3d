"""A configuration file in a folder of its own, loaded without the real environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from trailarrd.config import Settings, load
from trailarrd.config.diagnostic import InvalidConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from trailarrd.config.context import Providers

PROVIDERS = frozenset({"radarr", "sonarr"})
ENVIRON = {"HOME": "/home/me"}
AUTHORITY = Path(__file__).parent / "authority.pem"
"""A self-signed certificate, valid until 2126."""

MINIMAL = """\
connections:
  - name: movies
    provider: radarr
    url: http://nas:7878
    api_key: abc
"""


class Loads(Protocol):
    def __call__(
        self,
        text: str | bytes,
        environ: Mapping[str, str] | None = None,
        providers: Collection[str] | Providers = PROVIDERS,
    ) -> Settings: ...


class Report(Protocol):
    def __call__(
        self,
        text: str | bytes,
        environ: Mapping[str, str] | None = None,
        providers: Collection[str] | Providers = PROVIDERS,
    ) -> str: ...


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trailarrd.yaml"


@pytest.fixture
def loads(file: Path) -> Loads:
    """Loads a text as trailarrd.yaml."""

    def loads(
        text: str | bytes,
        environ: Mapping[str, str] | None = None,
        providers: Collection[str] | Providers = PROVIDERS,
    ) -> Settings:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(file, providers=providers, environ=ENVIRON if environ is None else {**ENVIRON, **environ})

    return loads


@pytest.fixture
def report(loads: Loads, file: Path) -> Report:
    """What a user gets to see who writes such a text; the folder is left out of it."""

    def report(
        text: str | bytes,
        environ: Mapping[str, str] | None = None,
        providers: Collection[str] | Providers = PROVIDERS,
    ) -> str:
        with pytest.raises(InvalidConfigError) as caught:
            loads(text, environ, providers)
        return str(caught.value).replace(f"{file.parent}/", "")

    return report


@pytest.fixture
def write(file: Path) -> Writes:
    """Writes files beside trailarrd.yaml: `write("conf.d/a.yaml", "log: {}")`."""

    def write(name: str, text: str) -> Path:
        path = file.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


class Writes(Protocol):
    def __call__(self, name: str, text: str) -> Path: ...
