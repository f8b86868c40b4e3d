"""What the models say of the places in a configuration: which keys there are, and of what kind."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection, Iterator
from itertools import pairwise
from types import UnionType
from typing import TYPE_CHECKING, Final, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr

from trailarrd.domain.secret import Secret

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

Model: TypeAlias = type[BaseModel]
OPTIONS: Final = "options"
"""Below this key a plugin's own settings stand."""


def fields_of(model: Model | None) -> dict[str, FieldInfo]:
    """The fields of a mapping, by the key that a user writes."""
    return {_key(name, field): field for name, field in model.model_fields.items()} if model else {}


def _key(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias if field.validation_alias is not None else field.alias
    return alias if isinstance(alias, str) else name


def models_below(model: Model) -> list[Model]:
    """The model and all that it is made of, each once."""
    found = [model]
    for one in found:
        inner = (kind for field in one.model_fields.values() for kind in models_in(field.annotation))
        found += [kind for kind in dict.fromkeys(inner) if kind not in found]
    return found


def all_fields(model: Model) -> Iterator[tuple[str, FieldInfo]]:
    """Every key at any depth."""
    for one in models_below(model):
        yield from fields_of(one).items()


def models_in(annotation: object) -> Iterator[Model]:
    return (kind for kind in _kinds(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel))


def model_of(field: FieldInfo | None) -> Model | None:
    """The model of the mapping, or of a list's mappings, that a field holds; None if it is no mapping."""
    return next(models_in(field.annotation), None) if field else None


def is_list(field: FieldInfo) -> bool:
    return any(
        isinstance(kind, type) and issubclass(kind, Collection) and not issubclass(kind, str | bytes | dict)
        for kind in _outermost(field.annotation)
    )


def is_mapping(field: FieldInfo) -> bool:
    return any(isinstance(kind, type) and issubclass(kind, dict) for kind in _outermost(field.annotation))


def is_secret(field: FieldInfo) -> bool:
    return holds(field, Secret, SecretStr, SecretBytes)


def holds(field: FieldInfo, *types: type) -> bool:
    """Whether one of the types is in the field's type, at any depth."""
    return any(isinstance(kind, type) and issubclass(kind, types) for kind in _kinds(field.annotation))


def _outermost(annotation: object) -> Iterator[object]:
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


def meanings(model: Model) -> dict[str, str]:
    """What each key is for: the text below its field, or that of its own model.

    Not by pydantic's means, which reads all sources at every start.
    """
    inner = {name: model_of(field) for name, field in model.model_fields.items()}
    found = {name: inspect.getdoc(below) or "" for name, below in inner.items() if below}
    for base in reversed(model.__mro__[: model.__mro__.index(BaseModel)]):
        body = ast.parse(inspect.getsource(base)).body[0].body  # type: ignore[attr-defined]  # a class statement
        for field, below in pairwise(body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = inspect.cleandoc(text)
    keys = {name: _key(name, field) for name, field in model.model_fields.items()}
    return {keys.get(name, name): text for name, text in found.items()}
