"""What the models say of the places in a configuration: which keys there are, and of what kind."""

from __future__ import annotations

from collections.abc import Collection
from types import UnionType
from typing import TYPE_CHECKING, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

from trailarrd.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

Model: TypeAlias = type[BaseModel]


def fields_of(model: Model) -> dict[str, FieldInfo]:
    """The fields of a mapping, by the key that a user writes."""
    return {_key(name, field): field for name, field in model.model_fields.items()}


def _key(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias if field.validation_alias is not None else field.alias
    return alias if isinstance(alias, str) else name


def models_in(annotation: object) -> Iterator[Model]:
    """The models that a type mentions."""
    if isinstance(annotation, type) and not get_origin(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def model_of(field: FieldInfo | None) -> Model | None:
    """The model of the mapping, or of a list's mappings, that a field holds; None if it is no mapping."""
    return next(models_in(field.annotation), None) if field else None


def is_list(field: FieldInfo) -> bool:
    """Whether a list stands there."""
    return any(
        isinstance(kind, type) and issubclass(kind, Collection) and not issubclass(kind, str | bytes | dict)
        for kind in _outermost(field.annotation)
    )


def is_mapping(field: FieldInfo) -> bool:
    """Whether a mapping of any keys stands there."""
    return any(isinstance(kind, type) and issubclass(kind, dict) for kind in _outermost(field.annotation))


def is_secret(field: FieldInfo) -> bool:
    """Whether anything in its type is a secret."""
    return holds(field, Secret, SecretStr, SecretBytes)


def holds(field: FieldInfo, *types: type) -> bool:
    """Whether one of the types is in the field's type, at any depth."""
    return any(isinstance(kind, type) and issubclass(kind, types) for kind in _kinds(field.annotation))


def _outermost(annotation: object) -> Iterator[object]:
    """The type, or those that it is one of."""
    if get_origin(annotation) in (Union, UnionType):
        for argument in get_args(annotation):
            yield from _outermost(argument)
    else:
        yield get_origin(annotation) or annotation


def _kinds(annotation: object) -> Iterator[object]:
    """The type and all that it is made of, without what parametrizes it."""
    yield get_origin(annotation) or annotation
    for argument in get_args(annotation):
        yield from _kinds(argument)
