"""The JSON schema of trailarrd.yaml, by which editors complete, explain and check what is typed."""

from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ByteSize
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from trailarrd.config.context import Providers
from trailarrd.config.fields import REFERENCE
from trailarrd.config.model import Settings
from trailarrd.config.shape import Model, meanings, models_below
from trailarrd.config.units import format_duration, format_size

Json: TypeAlias = dict[str, Any]
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TIME: Final = {"type": "string", "pattern": r"^\s*([0-9.]+\s*[a-z]+\s*)+$|\$\{"}


def schema(providers: Providers, downloaders: Providers = MappingProxyType({})) -> Json:
    """The schema, with the options of providers and downloaders; without any, that of trailarrd alone."""
    root = Settings.model_json_schema(schema_generator=_Generator)
    definitions: Json = root.pop("$defs")
    _describe(root, Settings)
    for section in models_below(Settings):
        if section.__name__ in definitions:
            _describe(definitions[section.__name__], section)
    # What is missing in a file may stand in another one, or have its default.
    del root["required"], definitions["DatabaseSettings"]["required"]
    if providers:
        _add_providers(definitions, providers)
    if downloaders:
        _add_downloaders(definitions, downloaders)
    patterns = {"^x-": {"description": "Yours, to hang anchors on."}}
    return {"$schema": _DIALECT, **root, "patternProperties": patterns, "$defs": definitions}


class _Generator(GenerateJsonSchema):
    """pydantic's, with durations as users write them, and without titles that repeat the keys.

    Any value may be written in quotes, or as a text with a variable in it.
    """

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  # pydantic's signature
        return False

    def encode_default(self, dft: object) -> object:
        if isinstance(dft, ByteSize):
            return format_size(dft)
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Json:
        """The default of a whole section is that of its keys, and None is no value that one could write."""
        if isinstance(schema.get("default"), BaseModel | None):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Json:
        """None stands for a section that is not there."""
        return self.generate_inner(schema["schema"])

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> Json:  # noqa: ARG002  # pydantic calls it so
        return {**_TIME}  # pydantic writes a setting's default into it

    def str_schema(self, schema: core_schema.StringSchema) -> Json:
        own = super().str_schema(schema)
        return {"anyOf": [own, REFERENCE]} if "pattern" in own else own

    def bool_schema(self, schema: core_schema.BoolSchema) -> Json:
        return _or_quoted(super().bool_schema(schema), "^([Tt]rue|TRUE|[Ff]alse|FALSE)$")

    def int_schema(self, schema: core_schema.IntSchema) -> Json:
        return _or_quoted(super().int_schema(schema), "^[0-9]+$")

    def float_schema(self, schema: core_schema.FloatSchema) -> Json:
        return _or_quoted(super().float_schema(schema), r"^[0-9.]+$")

    def enum_schema(self, schema: core_schema.EnumSchema) -> Json:
        own = super().enum_schema(schema)
        return {"anyOf": [{"enum": own["enum"], "type": own["type"]}, REFERENCE]}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> Json:
        return {"anyOf": [super().literal_schema(schema), REFERENCE]}


def _or_quoted(own: Json, pattern: str) -> Json:
    return {"anyOf": [own, {"type": "string", "pattern": rf"{pattern}|\$\{{"}]}


def _describe(definition: Json, section: Model) -> None:
    """Tell what each key means, in the words that stand below it in the model."""
    del definition["title"]
    texts = meanings(section)
    for name, value in definition["properties"].items():
        value["description"] = texts.get(name, "")


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


def _add_downloaders(definitions: Json, downloaders: Providers) -> None:
    """What stands below `options` of downloads, by the names of the downloaders."""
    takers = {name: one.options for name, one in sorted(downloaders.items()) if one.options}
    known = {name: _inner(definitions, name, model) for name, model in takers.items()}
    options = definitions["DownloadSettings"]["properties"]["options"]
    options |= {"properties": known, "additionalProperties": False}


def _options(definitions: Json, name: str, model: Model | None) -> Json:
    if model is None:
        return {"properties": {"options": False}}
    options = _inner(definitions, name, model)
    return {"properties": {"options": options}, "required": ["options"] if options.get("required") else []}


def _inner(definitions: Json, name: str, model: Model) -> Json:
    """The schema of a plugin's own model, and beside it what that is made of."""
    options = _model_schema(model, f"{name}.")
    inner = options.pop("$defs", {})
    for one in (options, *inner.values()):
        one.setdefault("additionalProperties", False)
    definitions.update({f"{name}.{key}": value for key, value in inner.items()})
    return options


def _model_schema(model: Model, prefix: str) -> Json:
    try:
        return model.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}", schema_generator=_Generator)
    except PydanticUserError:
        # A type that has no JSON schema: the plugin itself checks it all the same.
        return {"type": "object", "additionalProperties": True}
