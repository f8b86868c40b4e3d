"""Which files an `include:` means."""

from __future__ import annotations

import glob
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trailarrd.config.problem import FieldError
from trailarrd.config.tree import Items, Leaf
from trailarrd.config.wording import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trailarrd.config.tree import Tree

_WILD: Final = frozenset("*?[")


def patterns(tree: Tree | None) -> Iterator[tuple[Leaf, str]]:
    """Each file or pattern that is named; what is neither is for the model to refuse."""
    for leaf in tree.items if isinstance(tree, Items) else (tree,):
        if isinstance(leaf, Leaf) and leaf.text and leaf.text.strip():
            yield leaf, leaf.text


def included(text: str, pattern: Path, chain: Sequence[Path], watched: set[Path]) -> list[Path]:
    """The files that `text` means, which is `pattern`, in the order of their names; there may be none.

    `chain` is the including file and those that include it. What shall be watched for changes is added to
    `watched`. Raises `FieldError` for a file or folder that is not there, and for a circle.
    """
    if not is_pattern(pattern):
        watched.add(pattern)
        return [_single(text, pattern, chain)]
    folder = _before_wildcards(pattern)
    watched.add(folder)
    if not folder.is_dir():
        shown = quote(str(_before_wildcards(Path(text))))
        raise FieldError(f"there is no folder {shown}", hint="make it, or delete the line")
    # Not pathlib's glob: that one takes editors' hidden files, too.
    names = sorted(glob.glob(str(pattern.relative_to(folder)), root_dir=folder, recursive=True))  # noqa: PTH207
    watched |= {(folder / name).parent for name in names}
    open_files = {file.resolve() for file in chain}
    files = [folder / name for name in names]
    return [file for file in files if file.is_file() and file.resolve() not in open_files]


def is_pattern(path: Path) -> bool:
    """Whether it stands for all files whose names fit."""
    return not _WILD.isdisjoint(str(path))


def _before_wildcards(pattern: Path) -> Path:
    """The folder that holds all files that can fit."""
    return Path(*takewhile(_WILD.isdisjoint, pattern.parts))


def _single(text: str, file: Path, chain: Sequence[Path]) -> Path:
    try:
        file.stat()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a path").lower()
        hint = "it is looked for beside the file that includes it"
        raise FieldError(f"cannot read {quote(text)}: {reason}", hint=hint) from None
    if file.is_dir():
        hint = f"for all files in it, write {text.rstrip('/')}/*.yaml"
        raise FieldError(f"cannot read {quote(text)}: is a directory", hint=hint)
    _refuse_circle(file, chain)
    return file


def _refuse_circle(file: Path, chain: Sequence[Path]) -> None:
    for number, earlier in enumerate(chain):
        if earlier.resolve() == file.resolve():
            circle = [one.name for one in (*chain[number:], earlier)]
            if len(circle) == 2:  # noqa: PLR2004
                raise FieldError("a file cannot include itself", hint="delete the line")
            raise FieldError(
                f"goes round in a circle: {' > '.join(circle)}", hint="delete one of these includes"
            )
