"""What the documents promise about the configuration is true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from tests.config.conftest import AUTHORITY, PROVIDERS
from tests.docs.pages import chapters, plain, table
from trailarrd.config import Settings, load
from trailarrd.config.fields import Section
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.conftest import Loads

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/configuration.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", REFERENCE, re.MULTILINE | re.DOTALL)
ENVIRON = {
    "HOME": "/home/me",
    "RADARR_API_KEY": "abc",
    "SONARR_API_KEY": "def",
    "DATABASE_PASSWORD": "ghi",
    "NTFY_URL": "ntfy://topic",
}


def sections(annotation: object) -> Iterator[type[Section]]:
    """The models in a field's type."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in get_args(annotation):
        yield from sections(argument)


def keys(section: type[Section]) -> Iterator[str]:
    """Every key that the file may have."""
    for name, field in section.model_fields.items():
        yield field.alias or name
        for inner in sections(field.annotation):
            yield from keys(inner)


def test_the_example_is_valid() -> None:
    settings = load(ROOT / "trailarrd.yaml", providers=PROVIDERS, environ=ENVIRON)
    names = [(connection.name, connection.provider) for connection in settings.connections]
    assert names == [("movies", "radarr"), ("series", "sonarr")]
    assert settings.connections[0].api_key.reveal() == "abc"


@pytest.mark.parametrize("document", ["docs/configuration.md", "trailarrd.yaml"])
def test_every_key_is_explained(document: str) -> None:
    explained = set(re.findall(r"\w+", (ROOT / document).read_text()))
    assert set(keys(Settings)) - explained == set()


def test_the_walk_over_the_model_meets_keys_at_every_depth() -> None:
    """Or the test above would prove little."""
    assert {"connections", "url", "path_mappings", "remote", "first_byte"} <= set(keys(Settings))


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_in_the_reference_is_valid(block: str, loads: Loads, tmp_path: Path) -> None:
    for name in ("radarr.key", "sonarr", "sonarr.key", "access-id", "access-secret", "proxy.password"):
        (tmp_path / name).write_text("abc\n")
    shutil.copy(AUTHORITY, tmp_path / "home-ca.pem")
    (tmp_path / "logging.yaml").write_text("log: {level: debug}\n")
    (tmp_path / "conf.d").mkdir()
    assert loads(block, {**ENVIRON, "CREDENTIALS_DIRECTORY": str(tmp_path)}).connections


VARIABLES = table(chapters(REFERENCE)["Environment"])


@pytest.mark.parametrize(("variable", "sets"), VARIABLES)
def test_every_variable_in_the_reference_sets_what_it_says(variable: str, sets: str, loads: Loads) -> None:
    name, value = plain(variable).replace("…", "abc").split("=", 1)
    text = (
        "connections:\n"
        "  - {name: movies, provider: radarr, url: 'http://nas', api_key: abc,\n"
        "     path_mappings: [{remote: /movies, local: /mnt}]}\n"
        "  - {name: my-movies, provider: radarr, url: 'http://nas', api_key: abc}\n"
    )
    settings = loads(text, {name: value})
    origins = settings.provenance.items()
    address = max((address for address, origin in origins if origin.variable == name), key=len)
    setting = re.search(r"`([a-z_.]+)`", sets) or re.search("(path) mapping", sets)
    assert setting
    assert setting[1].replace("path", "path_mappings").split(".")[-1] in address


def test_the_reference_has_examples() -> None:
    assert len(BLOCKS) == 14


def test_the_reference_shows_a_report_as_it_is(loads: Loads, tmp_path: Path) -> None:
    """The first example with its URL cut short is the report in the chapter on mistakes."""
    with pytest.raises(ConfigError) as caught:
        loads(BLOCKS[0].replace("http://", ""), ENVIRON)
    report = str(caught.value).replace(f"{tmp_path}/", "")
    assert f"```text\n{report}\n```" in REFERENCE
