"""From files and the environment to `Settings`, with every mistake on that way at once."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from trailarrd.config.context import KnownProviders, LoadContext, Provenance, Providers
from trailarrd.config.deadline import in_time
from trailarrd.config.diagnostic import Address, Diagnostic, InvalidConfigError
from trailarrd.config.document import Document, Place
from trailarrd.config.files import FileReader
from trailarrd.config.location import default_database_url, names_a_setting
from trailarrd.config.masking import AllowList, is_reference
from trailarrd.config.outline import Outline
from trailarrd.config.shape import Model
from trailarrd.config.signs import signs_of
from trailarrd.config.translator import Translator
from trailarrd.config.tree import Entries, Items, Leaf, Tree, child, inherit, put, without

if TYPE_CHECKING:
    from trailarrd.config.model import Settings

NO_CONNECTIONS: Final = "missing key 'connections'"
"""Not told if they may stand in a file that could not be read."""
_OUTLINE: Final = frozenset({"", "include", "database", "plugins"})
"""What a mistake must be about to matter to those who only want the database."""
_GRAIN: Final = 20_000_000
"""Nanoseconds that the times of files may lag behind the clock."""
_NONE: Final[Providers] = MappingProxyType({})
_WHEN: Final = frozenset({"interval", "schedule"})
"""Of these a connection goes by one."""


def load(
    path: Path,
    *,
    providers: Collection[str] | Providers,
    environ: Mapping[str, str],
    downloaders: Providers = _NONE,
) -> Settings:
    """The settings in a file and what it includes, with all defaults filled in.

    `providers` are the names that `provider:` may say; as a mapping to the providers themselves, their
    options are known, too, as are those of the `downloaders`. Raises `ConfigError`, whose text shows every
    mistake with its line, and never a secret.
    """
    settings, assembly = in_time(partial(_load, path, KnownProviders(providers, downloaders), environ))
    assembly.refuse(assembly.document.absent())
    assert settings  # noqa: S101  # nothing is wrong with it, and nothing absent
    return settings


def load_visible(
    path: Path,
    *,
    providers: Collection[str] | Providers,
    environ: Mapping[str, str],
    downloaders: Providers = _NONE,
) -> Settings | None:
    """The settings as far as they can be had here, for a command that needs no secret.

    A variable that only the service has, or a file that only its user may read, is no mistake: a secret
    has a mask as its value then; None if something else cannot be had. Raises `ConfigError` for mistakes.
    """
    return in_time(partial(_load, path, KnownProviders(providers, downloaders), environ))[0]


def _load(
    path: Path, known: KnownProviders, environ: Mapping[str, str], files: list[Path]
) -> tuple[Settings | None, _Assembly]:
    """The settings, and what they were made of; raises `ConfigError` if there are mistakes."""
    model, settings = _whole(), None
    assembly = _Assembly(path, environ, known, model, files)
    diagnostics = [*assembly.diagnostics]
    data = _complete(assembly.document.data, environ, path)
    try:
        settings = model.model_validate(data, context=assembly.context(known))
    except ValidationError as error:
        found = Translator(assembly.document, model, assembly.reader.allowed).diagnostics(error)
        diagnostics += [
            one for one in found if not assembly.reader.lacks_a_file or one.message != NO_CONNECTIONS
        ]
    if diagnostics:
        assembly.refuse([*diagnostics, *assembly.document.absent()])
    return settings, assembly


def _whole() -> type[Settings]:
    from trailarrd.config.model import Settings  # noqa: PLC0415  # slow, and an outline does without

    return Settings


def load_outline(path: Path, *, environ: Mapping[str, str]) -> Outline:
    """Where the database is and what the connections are called, for a command that asks no Arr server.

    Whatever else the file says does not matter to it: an API key in a variable that only the service
    has must not keep a user from reading the database. Raises `ConfigError`.
    """
    return in_time(partial(_load_outline, path, environ))


def _load_outline(path: Path, environ: Mapping[str, str], files: list[Path]) -> Outline:
    assembly = _Assembly(path, environ, KnownProviders(()), Outline, files)
    diagnostics = [one for one in assembly.diagnostics if one.section in _OUTLINE]
    diagnostics += assembly.document.absent(_OUTLINE)
    try:
        found = Outline.model_validate(_complete(assembly.document.data, environ, path))
    except ValidationError as error:
        diagnostics += Translator(assembly.document, Outline, assembly.reader.allowed).diagnostics(error)
        # What it lacks, such as a connection's name, may be a mistake that seemed not to matter.
        diagnostics = diagnostics or [*assembly.diagnostics, *assembly.document.absent()]
    assembly.refuse(diagnostics)
    return found


def _complete(data: object, environ: Mapping[str, str], path: Path) -> object:
    """The data with what depends on the environment and on where the file is."""
    if not isinstance(data, dict):
        return data
    # Keys that begin with x- are the user's own, to hang anchors on.
    complete = {key: value for key, value in data.items() if not key.startswith("x-")}
    database, url = complete.get("database", {}), default_database_url(environ, path)
    if isinstance(database, dict) and url:
        complete["database"] = {"url": url, **database}
    return complete


class _Assembly:
    """One reading of a configuration; raises `ConfigError` if its main file cannot be read at all.

    `model` is what shall become of it. The whole model is loaded only where the files or the environment
    say something that takes it.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        providers: KnownProviders,
        model: Model,
        files: list[Path],
    ) -> None:
        self._path = path
        self._began = time.time_ns() - _GRAIN
        self.reader = FileReader(environ, AllowList(providers.all_models, _whole), files)
        try:
            tree = self.reader.read(path)
        except InvalidConfigError as error:
            raise InvalidConfigError(error.diagnostics, self._files) from None
        if isinstance(tree, Entries):
            if any(names_a_setting(variable) for variable in environ):
                from trailarrd.config.environment import Overrides  # noqa: PLC0415  # only where variables override

                tree = Overrides(self.reader, path.parent, providers.model_of).apply(tree, environ)
            tree = _with_defaults(tree)
        self.document = Document(tree, model, providers.model_of, self._locate)
        self.diagnostics = [*self.document.diagnostics, *self.reader.diagnostics]

    @property
    def _files(self) -> frozenset[Path]:
        return frozenset(file.absolute() for file in self.reader.files)

    def _locate(self, leaf: Leaf, text: str) -> Path:
        file = self.reader.expander(leaf.spot.source).locate(text)
        self.reader.files.append(file)
        return file

    def context(self, providers: KnownProviders) -> LoadContext:
        signs = signs_of(self._files, since=self._began)
        return LoadContext(self._path, self._files, dict(self._provenance()), signs, providers)

    def refuse(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Raise `InvalidConfigError` if there are any.

        They are told in the order of the files; what an alias or a default repeats is told once.
        """
        files = {source.file: number for number, source in enumerate(self.reader.sources)}
        once: dict[tuple[int, int, int, str], Diagnostic] = {}
        for one in diagnostics:
            number = files.get(one.file, len(files))
            once.setdefault((number, one.line or 0, one.column or 0, one.message), one)
        if once:
            raise InvalidConfigError([once[place] for place in sorted(once)], self._files)

    def _provenance(self) -> Iterator[tuple[Address, Provenance]]:
        from trailarrd.config.connections import COMMON  # noqa: PLC0415  # slow, and an outline does without

        places, leaves = self.document.places, self.document.leaves
        for address, place in places.items():
            yield address, _provenance(place, leaves.get(address))
        connections = [place for place in places if place[:1] == ("connections",) and len(place) == 2]  # noqa: PLR2004  # `connections.3`
        for address in connections:
            for key, common in COMMON.items():
                if common in leaves and (*address, key) not in leaves:
                    yield (*address, key), _provenance(places[common], leaves[common])


def _provenance(place: Place, leaf: Leaf | None) -> Provenance:
    source, position = place.value
    if source.file.startswith("$"):
        return Provenance(variable=source.file[1:])
    via = leaf.written if leaf and leaf.written and is_reference(leaf.written) else None
    return Provenance(file=source.file, line=position.line if position else None, via=via)


def _heir(block: Entries, defaults: Entries) -> Tree:
    """The block with what it does not say; who says an interval wants no schedule, and the reverse."""
    said = next((name for name in _WHEN if child(block, name) is not None), None)
    others = _WHEN - {said} if said else set()
    return inherit(block, without(defaults, others))


def _with_defaults(tree: Tree) -> Tree:
    """The tree whose connections have, where they say nothing, what `defaults:` says."""
    defaults, connections = child(tree, "defaults"), child(tree, "connections")
    if not isinstance(defaults, Entries) or not isinstance(connections, Items):
        return tree
    from trailarrd.config.connections import ConnectionDefaults  # noqa: PLC0415  # only where there are defaults

    # What is unknown there is said there, and not once more for each connection.
    known = without(defaults, defaults.entries.keys() - ConnectionDefaults.model_fields.keys())
    items = tuple(_heir(item, known) if isinstance(item, Entries) else item for item in connections.items)
    return put(tree, ("connections",), replace(connections, items=items))
