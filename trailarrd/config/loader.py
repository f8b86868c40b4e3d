"""From a file to `Settings`: text, nodes, data, model; and every mistake on that way at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from trailarrd.config.checks import check
from trailarrd.config.document import Document
from trailarrd.config.expand import Expander
from trailarrd.config.explain import explain
from trailarrd.config.location import default_database_url
from trailarrd.config.masking import node_spans
from trailarrd.config.model import Origin, Outline, Settings
from trailarrd.config.problem import Flaw, InvalidConfigError, Position
from trailarrd.config.source import Source, read_source
from trailarrd.config.syntax import compose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from trailarrd.config.problem import Problem


def load(path: Path, *, providers: Collection[str], environ: Mapping[str, str]) -> Settings:
    """The settings in a file, with all defaults filled in.

    `providers` are the names that `provider:` may say. Raises `ConfigError`, whose text shows every
    mistake with its line, and never a secret.
    """
    source = read_source(path)
    expander = Expander(path.parent, environ)
    document = _read(source, expander)
    flaws = [*document.flaws, *check(document, providers, expander)]
    try:
        complete = _complete(document.data, expander, environ)
        sources = _sources(path, expander)
        settings = Settings.model_validate(complete, context=Origin(path, sources))
    except ValidationError as error:
        flaws += explain(error, document)
    if flaws:
        raise InvalidConfigError(_problems(flaws, document, source), sources)
    return settings


def load_outline(path: Path, *, environ: Mapping[str, str]) -> Outline:
    """Where the database is and what the connections are called, for a command that asks no Arr server.

    Whatever else the file says does not matter to it: an API key in a variable that only the service
    has must not keep a user from reading the database. Raises `ConfigError`.
    """
    source = read_source(path)
    expander = Expander(path.parent, environ)
    document = _read(source, expander)
    flaws = [flaw for flaw in document.flaws if flaw.address[:1] in ((), ("database",))]
    try:
        found = Outline.model_validate(_complete(document.data, expander, environ))
    except ValidationError as error:
        flaws += explain(error, document)
    if flaws:
        raise InvalidConfigError(_problems(flaws, document, source))
    return found


def _sources(path: Path, expander: Expander) -> frozenset[Path]:
    return frozenset(file.absolute() for file in (path, *expander.files))


def _read(source: Source, expander: Expander) -> Document:
    """The file's data; raises `InvalidConfigError` for what is not YAML, and if there is none."""
    root = compose(source)
    if root is not None:
        source.reveal_all_but(node_spans(root, source.lines))
        document = Document(root, expander)
        if document.data is not None or document.flaws:
            return document
    hint = "begin with 'connections:'; docs/configuration.md shows how it goes on"
    raise source.error("the file is empty", hint, Position(1, 1))


def _complete(data: object, expander: Expander, environ: Mapping[str, str]) -> object:
    """The data with what depends on the environment and on where the file is."""
    if not isinstance(data, dict):
        return data
    # Keys that begin with x- are the user's own, to hang anchors on.
    complete = {key: value for key, value in data.items() if not key.startswith("x-")}
    database, url = complete.get("database", {}), default_database_url(environ)
    if isinstance(database, dict) and url:
        complete["database"] = {"url": url, **database}
    if isinstance(connections := complete.get("connections"), list):
        complete["connections"] = [_with_ca_file(item, expander) for item in connections]
    return complete


def _with_ca_file(block: object, expander: Expander) -> object:
    if not isinstance(block, dict) or not isinstance(ca_file := block.get("ca_file"), str):
        return block
    if not ca_file.strip():
        return {**block, "ca_file": ""}
    file = expander.locate(ca_file).absolute()
    expander.files.add(file)
    return {**block, "ca_file": str(file)}


def _problems(flaws: Iterable[Flaw], document: Document, source: Source) -> Iterable[Problem]:
    """In the order of the file; what an alias repeats is said once."""
    placed = {
        (position, flaw.message): (position, flaw)
        for position, flaw in ((document.position(flaw), document.as_written(flaw)) for flaw in flaws)
    }
    ordered = sorted(placed.values(), key=lambda pair: pair[0])
    return [source.problem(flaw, position) for position, flaw in ordered]
