"""Every secret that settings hold, so that all of them can be kept out of logs and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretBytes, SecretStr

from trailarrd.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator


def secrets_in(value: object) -> Iterator[Secret]:
    """The secrets within a model, a collection or a single value, at any depth."""
    match value:
        case Secret():
            yield value
        case SecretStr():
            yield Secret(value.get_secret_value())
        case SecretBytes():
            yield Secret(value.get_secret_value().decode(errors="replace"))
        case BaseModel():
            # Not `vars`: what a model took in beyond its fields may be secret, too.
            for _, inner in value:
                yield from secrets_in(inner)
        case dict():
            yield from secrets_in([*value, *value.values()])
        case list() | tuple() | set() | frozenset():
            for inner in value:
                yield from secrets_in(inner)
