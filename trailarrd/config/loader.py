"""From files and the environment to `Settings`, with every mistake on that way at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from trailarrd.config.assembly import Assembly
from trailarrd.config.location import default_database_url
from trailarrd.config.options import KnownProviders, LoadContext, Providers
from trailarrd.config.outline import Outline
from trailarrd.config.translator import Translator

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from trailarrd.config.model import Settings

NO_CONNECTIONS: Final = "missing key 'connections'"
"""Not told if they may stand in a file that could not be read."""
_OUTLINE: Final = frozenset({"", "include", "database", "plugins"})
"""What a mistake must be about to matter to those who only want the database."""


def load(path: Path, *, providers: Collection[str] | Providers, environ: Mapping[str, str]) -> Settings:
    """The settings in a file and what it includes, with all defaults filled in.

    `providers` are the names that `provider:` may say; as a mapping to the providers themselves, their
    options are known, too. Raises `ConfigError`, whose text shows every mistake with its line, and never
    a secret.
    """
    from trailarrd.config.model import Settings  # noqa: PLC0415  # slow, and an outline does without

    known = KnownProviders(providers)
    assembly = Assembly(path, environ, known, Settings)
    diagnostics = [*assembly.diagnostics]
    data = _complete(assembly.document.data, environ)
    try:
        settings = Settings.model_validate(data, context=LoadContext(assembly.inputs(), known))
    except ValidationError as error:
        found = Translator(assembly.document, Settings, assembly.allowed).diagnostics(error)
        diagnostics += [one for one in found if assembly.is_whole or one.message != NO_CONNECTIONS]
    assembly.refuse(diagnostics)
    return settings


def load_outline(path: Path, *, environ: Mapping[str, str]) -> Outline:
    """Where the database is and what the connections are called, for a command that asks no Arr server.

    Whatever else the file says does not matter to it: an API key in a variable that only the service
    has must not keep a user from reading the database. Raises `ConfigError`.
    """
    assembly = Assembly(path, environ, KnownProviders(()), Outline)
    diagnostics = [one for one in assembly.diagnostics if one.section in _OUTLINE]
    try:
        found = Outline.model_validate(_complete(assembly.document.data, environ))
    except ValidationError as error:
        diagnostics += Translator(assembly.document, Outline, assembly.allowed).diagnostics(error)
        # What it lacks, such as a connection's name, may be a mistake that seemed not to matter.
        diagnostics = diagnostics or [*assembly.diagnostics]
    assembly.refuse(diagnostics)
    return found


def _complete(data: object, environ: Mapping[str, str]) -> object:
    """The data with what depends on the environment."""
    if not isinstance(data, dict):
        return data
    # Keys that begin with x- are the user's own, to hang anchors on.
    complete = {key: value for key, value in data.items() if not key.startswith("x-")}
    database, url = complete.get("database", {}), default_database_url(environ)
    if isinstance(database, dict) and url:
        complete["database"] = {"url": url, **database}
    return complete
