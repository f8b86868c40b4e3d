"""The JSON schema says of a file what the loader says, so far as a schema can."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, SecretStr

from tests.config.blocks import block
from tests.config.conftest import MINIMAL
from tests.config.shipped import SHIPPED, shipped
from tests.docs.pages import ROOT, code, page
from trailarrd.config.model import Settings
from trailarrd.config.schema import schema
from trailarrd.config.shape import fields_of, models_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.conftest import Loads
    from trailarrd.config.shape import Model

TAGS = ("!env", "!file", "!credential")


class Login(BaseModel):
    pin: SecretStr


class VaultOptions(BaseModel):
    login: Login
    pages: int = Field(default=3, gt=0, description="how many pages")
    patience: timedelta = timedelta(seconds=5)
    deep: bool = False


class Unpresentable(BaseModel, arbitrary_types_allowed=True):
    path: Path
    thing: re.Pattern[str] | None = None
    other: Any = None
    odd: object = Field(default=None)


class Provider:
    def __init__(self, options: type[BaseModel] | None) -> None:
        self.options = options


PROVIDERS = {"radarr": Provider(None), "vault": Provider(VaultOptions), "odd": Provider(Unpresentable)}
SCHEMA = schema({})
SECTIONS = [SCHEMA, *(one for one in SCHEMA["$defs"].values() if "properties" in one)]
ALONE, WITH_PLUGINS = Draft202012Validator(SCHEMA), Draft202012Validator(schema(PROVIDERS))


class EditorsLoader(yaml.SafeLoader):
    """Reads YAML as an editor does: our tags are texts to it."""


for _tag in TAGS:
    EditorsLoader.add_constructor(_tag, lambda _, node: str(node.value))


def complaints(text: str, validator: Draft202012Validator = WITH_PLUGINS) -> list[str]:
    """Where the schema finds fault with a file."""
    found = validator.iter_errors(yaml.load(text, EditorsLoader))
    return ["/".join(map(str, error.absolute_path)) for error in found]


def models(model: Model) -> Iterator[Model]:
    for field in model.model_fields.values():
        for inner in models_in(field.annotation):
            yield inner
            yield from models(inner)


def test_the_shipped_schema_is_the_one_that_the_model_makes() -> None:
    """`./dev schema` writes it anew."""
    assert SHIPPED.read_text(encoding="utf-8") == shipped()


def test_the_example_tells_editors_where_the_schema_is() -> None:
    first = (ROOT / "trailarrd.yaml").read_text().split("\n")[0]
    assert first == f"# yaml-language-server: $schema={SHIPPED.name}"


@pytest.mark.parametrize("validator", [ALONE, WITH_PLUGINS], ids=["alone", "with plugins"])
def test_it_is_a_schema(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)


def test_every_setting_has_its_meaning_in_it() -> None:
    """The text below the setting in the model."""
    properties = [item for one in SECTIONS for item in one["properties"].items()]
    assert [name for name, value in properties if not value["description"].strip()] == []
    assert {name for name, _ in properties} == {*Settings.model_fields} | {
        key for model in models(Settings) for key in fields_of(model)
    }


def test_every_setting_has_its_kind_in_it() -> None:
    """Or an editor could check nothing."""
    properties = [item for one in SECTIONS for item in one["properties"].items()]
    assert [name for name, value in properties if not value.keys() & {"type", "anyOf", "$ref"}] == []


EXAMPLES = [(ROOT / "trailarrd.yaml").read_text(), *code(page("configuration.md"), "yaml"), MINIMAL]


@pytest.mark.parametrize("text", EXAMPLES)
def test_no_valid_example_is_found_fault_with(text: str) -> None:
    assert complaints(text, ALONE) == []


@pytest.mark.parametrize(
    "lines",
    [
        "api_key: 0123",
        "api_key: !file radarr.key",
        "monitor: none",
        "monitor: ${MODE:-new}",
        "verify_tls: false",
        'verify_tls: "true"',
        "verify_tls: ${TLS}",
        "interval: 1h 30m",
        "interval: 2 days",
        "interval: ${EVERY}",
        "timeouts: {connect: 0.5s}",
        "retry: {attempts: 3}",
        "retry: {attempts: '3'}",
        "retry: {attempts: '${TRIES}'}",
        "url: ${URL}",
        "path_mappings: [{remote: 'D:\\TV', local: '${TV}'}]",
    ],
)
def test_what_the_loader_takes_no_editor_complains_of(lines: str, loads: Loads) -> None:
    text = block(f"    {lines}")
    environ = {"MODE": "new", "TLS": "true", "EVERY": "5m", "TRIES": "1", "URL": "http://nas", "TV": "/tv"}
    (loads(MINIMAL).path.parent / "radarr.key").write_text("abc")
    assert loads(text, environ).connections
    assert complaints(text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (block("    moniter: none"), "connections/0"),
        (block("    monitor: no"), "connections/0/monitor"),
        (block("    monitor: all"), "connections/0/monitor"),
        (block("    verify_tls: maybe"), "connections/0/verify_tls"),
        (block("    interval: 30"), "connections/0/interval"),
        (block("    url: nas"), "connections/0/url"),
        (block("    retry: {attempts: 0}"), "connections/0/retry/attempts"),
        (block("    retry: {attempts: often}"), "connections/0/retry/attempts"),
        (block("    path_mappings: [{remote: /a}]"), "connections/0/path_mappings/0"),
        (block("  - name: my movies"), "connections/0/name"),
        (block("    provider: radar"), "connections/0/provider"),
        (block(before="removal_guard: {max_fraction: 2}\n"), "removal_guard/max_fraction"),
        (block(before="colour: red\n"), ""),
        (block(before="refresh:\n"), "refresh"),
        ("connections: {name: movies}\n", "connections"),
        ("connections: [{name: movies}]\n", "connections/0"),
    ],
)
def test_a_mistake_that_a_schema_can_see_is_seen(text: str, place: str) -> None:
    assert place in complaints(text)


VAULT = block("    provider: vault")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (VAULT + "    options: {login: {pin: 1}}\n", ["connections/0/options/login/pin"]),
        (VAULT + "    options: {login: {pin: '1'}}\n", []),
        (VAULT + "    options: {login: {pin: !file x}, pages: '${P}', deep: '${D}', patience: 1h}\n", []),
        (VAULT + "    options: {login: {pin: x, user: me}}\n", ["connections/0/options/login"]),
        (VAULT + "    options: {login: {pin: x}, pages: many}\n", ["connections/0/options/pages"]),
        (VAULT + "    options: {login: {pin: x}, paegs: 1}\n", ["connections/0/options"]),
        (VAULT + "    options: {pages: 1}\n", ["connections/0/options"]),
        (VAULT, ["connections/0"]),
        (block() + "    options: {pages: 1}\n", ["connections/0"]),
        (block("    provider: odd") + "    options: {path: /x, thing: y}\n", []),
    ],
)
def test_the_options_of_a_plugin_are_in_it(text: str, places: list[str]) -> None:
    assert complaints(text) == places
