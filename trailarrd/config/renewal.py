"""Secrets that stand in files of their own, read anew, while all else stays as it was read."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import pydantic

from trailarrd.config import fields
from trailarrd.config.connections import BasicSettings, ConnectionSettings
from trailarrd.config.context import Provenance
from trailarrd.config.deadline import in_time
from trailarrd.config.diagnostic import FieldError
from trailarrd.config.expand import Expander
from trailarrd.config.model import Settings
from trailarrd.domain.secret import Secret

SecretT = TypeVar("SecretT", bound=Secret)


LONGEST: Final = 5.0
"""Seconds for all of them: a share that hangs must hold no refresh up."""


def renewed(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with each connection's key, headers and login as `!file` and `!credential` give them now.

    What cannot be read, or not be used, stays as it was: it may be in the middle of being written. Raises
    `ConfigTimeoutError` where nobody answers.
    """
    return in_time(partial(_renewed, settings, environ), seconds=LONGEST)


def _renewed(settings: Settings, environ: Mapping[str, str], files: list[Path]) -> Settings:
    connections = tuple(
        _Renewal(settings, number, environ, files).of(connection)
        for number, connection in enumerate(settings.connections)
    )
    return settings.model_copy(update={"connections": connections})


class _Renewal:
    """Of one connection, which is the one of that number."""

    def __init__(
        self, settings: Settings, number: int, environ: Mapping[str, str], files: list[Path]
    ) -> None:
        self._provenance = settings.provenance
        self._number = number
        self._environ = environ
        self._files = files

    def of(self, connection: ConnectionSettings) -> ConnectionSettings:
        headers = {
            name: self._anew(value, fields.Password, "headers", name)
            for name, value in connection.headers.items()
        }
        return connection.model_copy(
            update={
                "api_key": self._anew(connection.api_key, fields.Key, "api_key"),
                "headers": headers,
                "basic": self._login(connection.basic) if connection.basic else None,
            }
        )

    def _login(self, basic: BasicSettings) -> BasicSettings:
        return basic.model_copy(
            update={
                "user": self._anew(basic.user, fields.User, "basic", "user"),
                "password": self._anew(basic.password, fields.Password, "basic", "password"),
            }
        )

    def _anew(self, old: SecretT, kind: Any, *address: str) -> SecretT:
        origin = self._provenance.get(("connections", self._number, *address))
        text = _read(origin, self._environ, self._files) if origin else None
        if text is None or text == old.reveal():
            return old
        try:
            fresh: SecretT = pydantic.TypeAdapter(kind).validate_python(text)
        except pydantic.ValidationError:
            return old
        return fresh


def _read(origin: Provenance, environ: Mapping[str, str], files: list[Path]) -> str | None:
    """What is there now, if it is in a file of its own."""
    tag, _, name = (origin.via or "").partition(" ")
    if tag not in ("!file", "!credential") or origin.file is None:
        return None
    try:
        return Expander(Path(origin.file).parent, environ, files, set()).expand(tag, name)
    except FieldError:
        return None
