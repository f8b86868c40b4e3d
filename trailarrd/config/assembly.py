"""Everything that was read, put together: files, includes, environment, the defaults for connections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from trailarrd.config.document import Document
from trailarrd.config.location import names_a_setting
from trailarrd.config.masking import is_reference
from trailarrd.config.origin import Origin, Reading
from trailarrd.config.problem import InvalidConfigError
from trailarrd.config.reader import Reader
from trailarrd.config.relative import with_files
from trailarrd.config.tree import Entries, Items, child, inherit, put, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from trailarrd.config.flaw import Flaw, Spot
    from trailarrd.config.options import Options
    from trailarrd.config.problem import Problem
    from trailarrd.config.shape import Model
    from trailarrd.config.tree import Leaf, Tree
    from trailarrd.config.wording import Address

_WHEN: Final = frozenset({"interval", "schedule"})
"""Of these a connection goes by one."""


class Assembly:
    """One reading of a configuration; raises `ConfigError` if its main file cannot be read at all.

    `model` is what shall become of it. The whole model is loaded only where the files or the environment
    say something that takes it.
    """

    def __init__(self, path: Path, environ: Mapping[str, str], options: Options, model: Model) -> None:
        self._path = path
        self._reader = Reader(environ, options.visible)
        try:
            tree = self._reader.read(path)
        except InvalidConfigError as error:
            raise InvalidConfigError(error.problems, self._files) from None
        if isinstance(tree, Entries):
            if any(names_a_setting(variable) for variable in environ):
                from trailarrd.config.environment import Overrides  # noqa: PLC0415

                tree = Overrides(self._reader, path.parent, options.model_of).apply(tree, environ)
            tree = with_files(_with_defaults(tree), model, self._locate)
        self.document = Document(tree)
        self.flaws = [*self.document.flaws, *self._reader.flaws]

    @property
    def _files(self) -> frozenset[Path]:
        return frozenset(file.absolute() for file in self._reader.files)

    def _locate(self, leaf: Leaf, text: str) -> Path:
        file = self._reader.expander(leaf.spot.source).locate(text)
        self._reader.files.add(file)
        return file

    def reading(self) -> Reading:
        """What the finished settings remember of all this."""
        return Reading(self._path, self._files, dict(self._origins()))

    @property
    def is_whole(self) -> bool:
        """Whether all that is included could be read; what is missing may else stand there."""
        return not self._reader.problems and not any(flaw.address == ("include",) for flaw in self.flaws)

    def refuse(self, flaws: Iterable[Flaw]) -> None:
        """Raise `InvalidConfigError` if there is any flaw, or a file that could not be read."""
        problems = [*self._problems(flaws)]
        if problems:
            raise InvalidConfigError(problems, self._files)

    def _problems(self, flaws: Iterable[Flaw]) -> Iterator[Problem]:
        """In the order of the files; what an alias or a default repeats is said once."""
        placed: dict[tuple[Spot, str], Flaw] = {}
        for flaw in map(self.document.as_written, flaws):
            placed.setdefault((self.document.spot(flaw), flaw.message), flaw)
        found = [spot.problem(flaw) for (spot, _), flaw in placed.items()]
        order = {source.file: number for number, source in enumerate(self._reader.sources)}
        problems = [*found, *self._reader.problems]
        yield from sorted(
            problems, key=lambda one: (order.get(one.file, len(order)), one.line or 0, one.column or 0)
        )

    def _origins(self) -> Iterator[tuple[Address, Origin]]:
        from trailarrd.config.connections import COMMON  # noqa: PLC0415

        places, leaves = self.document.places, self.document.leaves
        for address, place in places.items():
            yield address, _origin(place.value, leaves.get(address))
        connections = [place for place in places if place[:1] == ("connections",) and len(place) == 2]  # noqa: PLR2004
        for address in connections:
            for key, common in COMMON.items():
                if common in leaves and (*address, key) not in leaves:
                    yield (*address, key), _origin(leaves[common].spot, leaves[common])


def _origin(spot: Spot, leaf: Leaf | None) -> Origin:
    if spot.source.file.startswith("$"):
        return Origin(variable=spot.source.file[1:])
    via = leaf.written if leaf and leaf.written and is_reference(leaf.written) else None
    return Origin(file=spot.source.file, line=spot.position.line if spot.position else None, via=via)


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
