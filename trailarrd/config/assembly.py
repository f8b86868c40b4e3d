"""Everything that was read, put together: files, includes, environment, the defaults for connections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from trailarrd.config.diagnostic import Diagnostic, InvalidConfigError
from trailarrd.config.document import Document, Place
from trailarrd.config.files import FileReader
from trailarrd.config.location import names_a_setting
from trailarrd.config.masking import AllowList, is_reference
from trailarrd.config.provenance import Inputs, Provenance
from trailarrd.config.tree import Entries, Items, Leaf, Tree, child, inherit, put, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from trailarrd.config.options import KnownProviders
    from trailarrd.config.shape import Model
    from trailarrd.config.wording import Address

_WHEN: Final = frozenset({"interval", "schedule"})
"""Of these a connection goes by one."""


class Assembly:
    """One reading of a configuration; raises `ConfigError` if its main file cannot be read at all.

    `model` is what shall become of it. The whole model is loaded only where the files or the environment
    say something that takes it.
    """

    def __init__(
        self, path: Path, environ: Mapping[str, str], providers: KnownProviders, model: Model
    ) -> None:
        self._path = path
        self.allowed = AllowList(providers.models.values())
        self._reader = FileReader(environ, self.allowed)
        try:
            tree = self._reader.read(path)
        except InvalidConfigError as error:
            raise InvalidConfigError(error.diagnostics, self._files) from None
        if isinstance(tree, Entries):
            if any(names_a_setting(variable) for variable in environ):
                from trailarrd.config.environment import Overrides  # noqa: PLC0415

                tree = Overrides(self._reader, path.parent, providers.model_of).apply(tree, environ)
            tree = _with_defaults(tree)
        self.document = Document(tree, model, providers.model_of, self._locate)
        self.diagnostics = [*self.document.diagnostics, *self._reader.diagnostics]

    @property
    def _files(self) -> frozenset[Path]:
        return frozenset(file.absolute() for file in self._reader.files)

    def _locate(self, leaf: Leaf, text: str) -> Path:
        file = self._reader.expander(leaf.spot.source).locate(text)
        self._reader.files.add(file)
        return file

    def inputs(self) -> Inputs:
        """What the finished settings remember of all this."""
        return Inputs(self._path, self._files, dict(self._provenance()))

    @property
    def is_whole(self) -> bool:
        """Whether all that is included could be read; what is missing may else stand there."""
        return not self._reader.lacks_a_file

    def refuse(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Raise `InvalidConfigError` if there are any.

        They are told in the order of the files; what an alias or a default repeats is told once.
        """
        once: dict[tuple[object, ...], Diagnostic] = {}
        for one in diagnostics:
            once.setdefault((one.file, one.line, one.column, one.message), one)
        order = {source.file: number for number, source in enumerate(self._reader.sources)}
        if once:
            raise InvalidConfigError(
                sorted(
                    once.values(),
                    key=lambda one: (order.get(one.file, len(order)), one.line or 0, one.column or 0),
                ),
                self._files,
            )

    def _provenance(self) -> Iterator[tuple[Address, Provenance]]:
        from trailarrd.config.connections import COMMON  # noqa: PLC0415  # slow, and an outline does without

        places, leaves = self.document.places, self.document.leaves
        for address, place in places.items():
            yield address, _provenance(place, leaves.get(address))
        connections = [place for place in places if place[:1] == ("connections",) and len(place) == 2]  # noqa: PLR2004
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
    from trailarrd.config.connections import ConnectionDefaults  # noqa: PLC0415

    # What is unknown there is said there, and not once more for each connection.
    known = without(defaults, defaults.entries.keys() - ConnectionDefaults.model_fields.keys())
    items = tuple(_heir(item, known) if isinstance(item, Entries) else item for item in connections.items)
    return put(tree, ("connections",), replace(connections, items=items))
