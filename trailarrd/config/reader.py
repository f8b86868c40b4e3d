"""From files to one tree: the file itself and all that it includes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.config.builder import Builder
from trailarrd.config.expand import Expander, Seen
from trailarrd.config.flaw import Flaw
from trailarrd.config.include import included, patterns
from trailarrd.config.masking import node_spans
from trailarrd.config.problem import FieldError, InvalidConfigError, Position
from trailarrd.config.source import read_source
from trailarrd.config.syntax import compose
from trailarrd.config.tree import Entries, Leaf, child, join, kind_of, without
from trailarrd.config.wording import quote
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trailarrd.config.masking import Visible
    from trailarrd.config.problem import Problem
    from trailarrd.config.source import Source
    from trailarrd.config.tree import Tree


class Reader:
    """Reads files, remembers them, and collects what is wrong with those that are included."""

    def __init__(self, environ: Mapping[str, str], visible: Visible) -> None:
        self._environ = environ
        self._visible = visible
        self.sources: list[Source] = []
        self.files: set[Path] = set()
        """All that the settings depend on: there or not, and the folders where includes may appear."""
        self.variables: set[str] = set()
        """The environment variables that the files name."""
        self.flaws: list[Flaw] = []
        """What is wrong with an `include:`."""
        self.problems: list[Problem] = []
        """What keeps an included file from being read."""

    def read(self, path: Path) -> Tree:
        """What a file says with all that it includes; raises `ConfigError` if it cannot be read."""
        try:
            source = self._open(path)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {_reason(error)}") from error
        tree = self.parse(source)
        if tree is None or (isinstance(tree, Leaf) and tree.text is None):
            hint = "begin with 'connections:'; docs/configuration.md shows how it goes on"
            raise source.error("the file is empty", hint, Position(1, 1))
        return self._with_included(tree, (path,), {path.resolve()}) if isinstance(tree, Entries) else tree

    def parse(self, source: Source) -> Tree | None:
        """What a text says; None if there is nothing in it but blanks and comments."""
        root = compose(source)
        if root is None:
            return None
        spans = node_spans(root, source.lines, self._visible, are_options=source.are_options)
        source.reveal_all_but(spans)
        return Builder(source, self.expander(source)).build(root)

    def expander(self, source: Source) -> Expander:
        """Looks up what this source only names."""
        return Expander(source.folder, self._environ, Seen(self.files, self.variables))

    def _open(self, path: Path) -> Source:
        self.files.add(path)
        source = read_source(path)
        self.sources.append(source)
        return source

    def _with_included(self, tree: Entries, chain: tuple[Path, ...], seen: set[Path]) -> Entries:
        """The mapping joined with what it includes; each file counts once."""
        others: Entries | None = None
        for file, leaf in self._files(child(tree, "include"), chain):
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            other = self._other(file, leaf)
            if other is None:
                continue
            other = without(self._with_included(other, (*chain, file), seen), ["include"])
            others = join(others, other, equals=True) if others else other
        return join(tree, others) if others else tree

    def _files(self, named: Tree | None, chain: tuple[Path, ...]) -> Iterator[tuple[Path, Leaf]]:
        for leaf, text in patterns(named):
            pattern = self.expander(leaf.spot.source).locate(text)
            try:
                for file in included(text, pattern, chain, self.files):
                    yield file, leaf
            except FieldError as error:
                self.flaws.append(Flaw(("include",), error.message, error.hint, leaf.spot))

    def _other(self, file: Path, leaf: Leaf) -> Entries | None:
        """An included file's mapping; None if it is empty or cannot be used, which is then reported."""
        try:
            tree = self.parse(self._open(file))
        except OSError as error:
            message = f"cannot read {quote(str(file))}: {_reason(error)}"
            self.flaws.append(Flaw(("include",), message, None, leaf.spot))
        except InvalidConfigError as error:
            self.problems += error.problems
        else:
            if tree is None or isinstance(tree, Entries):
                return tree
            hint = "an included file has the same keys as the one that includes it, such as 'connections:'"
            self.flaws.append(Flaw((), f"must be a mapping, not {kind_of(tree)}", hint, tree.spot))
        return None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
