"""Every secret that settings hold: to be kept out of logs, of messages, of files that all can read."""

from __future__ import annotations

import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretBytes, SecretStr

from trailarrd.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trailarrd.config.model import Settings


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


def exposed(settings: Settings) -> list[Path]:
    """The files that the settings were read from, as far as others may read a secret in them."""
    secrets = [secret.reveal().encode(errors="replace") for secret in secrets_in(settings) if secret]
    found = []
    for path in sorted(settings.sources):
        with suppress(OSError):
            is_open = path.is_file() and path.stat().st_mode & stat.S_IROTH
            if is_open and any(secret in path.read_bytes() for secret in secrets):
                found.append(path)
    return found
