"""From files to one tree: the file itself and all that it includes."""

import glob
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from trailarrd.config.diagnostic import Diagnostic, FieldError, InvalidConfigError, Position, quote, reason
from trailarrd.config.expand import Expander
from trailarrd.config.masking import AllowList
from trailarrd.config.source import Source, read_source
from trailarrd.config.syntax import compose
from trailarrd.config.tree import Builder, Entries, Items, Leaf, Tree, child, join, without
from trailarrd.errors import ConfigError

_WILD: Final = frozenset("*?[")


class FileReader:
    """Reads files, remembers them, and collects what is wrong with those that are included."""

    def __init__(self, environ: Mapping[str, str], allowed: AllowList, files: list[Path]) -> None:
        self._environ = environ
        self.allowed = allowed
        self.sources: list[Source] = []
        self.files = files
        """All that the settings depend on, noted before it is looked at: there or not, and the folders where
        includes may appear."""
        self.variables: set[str] = set()
        """The environment variables that the files name."""
        self.diagnostics: list[Diagnostic] = []
        """What is wrong with an `include:`, an included file or a variable."""
        self.lacks_a_file = False
        """Whether one that is included could not be read."""

    def read(self, path: Path) -> Tree:
        """What a file says with all that it includes; raises `ConfigError` if it cannot be read."""
        try:
            source = self._open(path)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {reason(error)}") from error
        tree = self.parse(source)
        if tree is None or (isinstance(tree, Leaf) and tree.text is None):
            hint = "begin with 'connections:', or let 'trailarrd init' write it"
            raise source.error("the file is empty", hint, Position(1, 1))
        return self._with_included(tree, (path,), {path.resolve()}) if isinstance(tree, Entries) else tree

    def parse(self, source: Source) -> Tree | None:
        """What a text says; None if there is nothing in it but blanks and comments."""
        source.root = compose(source)
        return Builder(source, self.expander(source)).build(source.root) if source.root else None

    def expander(self, source: Source) -> Expander:
        return Expander(source.folder, self._environ, self.files, self.variables)

    def _open(self, path: Path) -> Source:
        self.files.append(path)
        source = read_source(path, self.allowed)
        self.sources.append(source)
        return source

    def _with_included(self, tree: Entries, chain: tuple[Path, ...], seen: set[Path]) -> Entries:
        """The mapping joined with what it includes; each file counts once."""
        others: Entries | None = None
        for file, leaf in self._included(child(tree, "include"), chain):
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            if other := self._other(file, leaf):
                other = without(self._with_included(other, (*chain, file), seen), ["include"])
                others = join(others, other, equals=True) if others else other
        return join(tree, others) if others else tree

    def _included(self, named: Tree | None, chain: tuple[Path, ...]) -> Iterator[tuple[Path, Leaf]]:
        for leaf in named.items if isinstance(named, Items) else (named,):
            # What names no file is for the model to refuse.
            if isinstance(leaf, Leaf) and leaf.text and leaf.text.strip():
                pattern = self.expander(leaf.spot.source).locate(leaf.text)
                try:
                    yield from ((file, leaf) for file in _matching(leaf.text, pattern, chain, self.files))
                except FieldError as error:
                    self._miss(leaf, error)

    def _other(self, file: Path, leaf: Leaf) -> Entries | None:
        """An included file's mapping; None if it is empty or cannot be used, which is then reported."""
        try:
            tree = self.parse(self._open(file))
        except OSError as error:
            self._miss(leaf, FieldError(f"cannot read {quote(str(file))}: {reason(error)}"))
        except InvalidConfigError as error:
            self.diagnostics += error.diagnostics
            self.lacks_a_file = True
        else:
            if tree is None or isinstance(tree, Entries):
                return tree
            hint = "an included file has the same keys as the one that includes it, such as 'connections:'"
            message = f"must be a mapping, not {'a list' if isinstance(tree, Items) else 'text'}"
            self.diagnostics.append(tree.spot.diagnostic((), message, hint))
        return None

    def _miss(self, leaf: Leaf, error: FieldError) -> None:
        self.lacks_a_file = True
        self.diagnostics.append(leaf.spot.diagnostic(("include",), error.message, error.hint))


def _matching(text: str, pattern: Path, chain: Sequence[Path], watched: list[Path]) -> list[Path]:
    """The files that `text` means, which is `pattern`, in the order of their names; there may be none.

    `chain` is the including file and those that include it. What shall be watched for changes is added to
    `watched`. Raises `FieldError` for a file or folder that is not there, and for a circle.
    """
    if _WILD.isdisjoint(str(pattern)):
        watched.append(pattern)
        return [_single(text, pattern, chain)]
    folder = _before_wildcards(pattern)
    watched.append(folder)
    if not folder.is_dir():
        shown = quote(str(_before_wildcards(Path(text))))
        raise FieldError(f"there is no folder {shown}", hint="make it, or delete the line")
    # Not pathlib's glob: that one takes editors' hidden files, too.
    names = sorted(glob.glob(str(pattern.relative_to(folder)), root_dir=folder, recursive=True))  # noqa: PTH207  # as said above
    watched += {(folder / name).parent for name in names}
    open_files = {file.resolve() for file in chain}
    files = [folder / name for name in names]
    return [file for file in files if file.is_file() and file.resolve() not in open_files]


def _before_wildcards(pattern: Path) -> Path:
    return Path(*takewhile(_WILD.isdisjoint, pattern.parts))


def _single(text: str, file: Path, chain: Sequence[Path]) -> Path:
    try:
        file.stat()
    except (OSError, ValueError) as error:
        hint = "it is looked for beside the file that includes it"
        raise FieldError(f"cannot read {quote(text)}: {reason(error)}", hint=hint) from None
    if file.is_dir():
        hint = f"for all files in it, write {text.rstrip('/')}/*.yaml"
        raise FieldError(f"cannot read {quote(text)}: is a directory", hint=hint)
    if file.resolve() == chain[-1].resolve():
        raise FieldError("a file cannot include itself", hint="delete the line")
    for number, earlier in enumerate(chain):
        if earlier.resolve() == file.resolve():
            circle = " > ".join(one.name for one in (*chain[number:], earlier))
            raise FieldError(f"goes round in a circle: {circle}", hint="delete one of these includes")
    return file
