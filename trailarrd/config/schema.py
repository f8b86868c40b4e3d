"""The JSON schema of trailarrd.yaml, by which editors complete, explain and check what is typed."""

from __future__ import annotations

import ast
import inspect
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic import BaseModel
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema

from trailarrd.config.duration import format_duration
from trailarrd.config.fields import REFERENCE, TIME
from trailarrd.config.model import Settings
from trailarrd.config.section import Section
from trailarrd.config.shape import models_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import core_schema

    from trailarrd.config.options import Providers
    from trailarrd.config.shape import Model

Json: TypeAlias = dict[str, Any]
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(providers: Providers) -> Json:
    """The schema, with the options of the providers; without any, that of trailarrd alone."""
    root = Settings.model_json_schema(schema_generator=_Generator)
    definitions: Json = root.pop("$defs")
    _describe(root, Settings)
    for section in set(_sections(Settings)):
        _describe(definitions[section.__name__], section)
    # What is missing in a file may stand in another one, or have its default.
    del root["required"], definitions["DatabaseSettings"]["required"]
    if providers:
        _add_providers(definitions, providers)
    patterns = {"^x-": {"description": "Yours, to hang anchors on."}}
    return {"$schema": _DIALECT, **root, "patternProperties": patterns, "$defs": definitions}


class _Generator(GenerateJsonSchema):
    """pydantic's, with durations as users write them, and without titles that repeat the keys."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  # pydantic's signature
        return False

    def encode_default(self, dft: object) -> object:
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Json:
        """The default of a whole section is that of its keys, and None is no value that one could write."""
        if isinstance(schema.get("default"), BaseModel | None):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


class _OptionsGenerator(_Generator):
    """The same for a stranger's model: what is no text may be written as one with a variable in it."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> Json:  # noqa: ARG002
        return TIME

    def bool_schema(self, schema: core_schema.BoolSchema) -> Json:
        return {"anyOf": [super().bool_schema(schema), REFERENCE]}

    def int_schema(self, schema: core_schema.IntSchema) -> Json:
        return {"anyOf": [super().int_schema(schema), REFERENCE]}

    def float_schema(self, schema: core_schema.FloatSchema) -> Json:
        return {"anyOf": [super().float_schema(schema), REFERENCE]}

    def enum_schema(self, schema: core_schema.EnumSchema) -> Json:
        return {"anyOf": [super().enum_schema(schema), REFERENCE]}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> Json:
        return {"anyOf": [super().literal_schema(schema), REFERENCE]}


def _sections(section: type[Section]) -> Iterator[type[Section]]:
    """The models of all mappings in the file."""
    for field in section.model_fields.values():
        for inner in models_in(field.annotation):
            if issubclass(inner, Section):
                yield inner
                yield from _sections(inner)


def _describe(definition: Json, section: type[Section]) -> None:
    """Tell what each key means, in the words that stand below it in the model."""
    del definition["title"]
    texts = {name: text for base in reversed(section.__mro__) for name, text in _docstrings(base)}
    for name, value in definition["properties"].items():
        value["description"] = texts.get(name, "")


def _docstrings(section: type) -> Iterator[tuple[str, str]]:
    """The texts below a class's fields."""
    if not issubclass(section, Section):
        return
    body = ast.parse(inspect.getsource(section)).body[0].body  # type: ignore[attr-defined]
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)


def _add_providers(definitions: Json, providers: Providers) -> None:
    """What stands below `options` depends on the connection's provider."""
    connection = definitions["ConnectionSettings"]
    installed = {"anyOf": [{"enum": sorted(providers)}, REFERENCE]}
    connection["properties"]["provider"] = {**connection["properties"]["provider"], **installed}
    connection["allOf"] = [
        {
            "if": {"properties": {"provider": {"const": name}}, "required": ["provider"]},
            "then": _options(definitions, name, provider.options),
        }
        for name, provider in sorted(providers.items())
    ]


def _options(definitions: Json, name: str, model: Model | None) -> Json:
    if model is None:
        return {"properties": {"options": False}}
    options = _model_schema(model, f"{name}.")
    inner = options.pop("$defs", {})
    for one in (options, *inner.values()):
        one.setdefault("additionalProperties", False)
    definitions.update({f"{name}.{key}": value for key, value in inner.items()})
    return {"properties": {"options": options}, "required": ["options"] if options.get("required") else []}


def _model_schema(model: Model, prefix: str) -> Json:
    try:
        return model.model_json_schema(
            ref_template=f"#/$defs/{prefix}{{model}}", schema_generator=_OptionsGenerator
        )
    except PydanticUserError:
        # A type that has no JSON schema: the plugin itself checks it all the same.
        return {"type": "object", "additionalProperties": True}
