"""One name, several spellings: what Unicode writes as one letter or as a letter and its accent."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from trailarrd.domain.paths import LocalPath, is_below

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def spellings(path: str) -> Iterator[str]:
    """The path as it is, then composed (NFC) and decomposed (NFD, as macOS writes), each once."""
    yield path
    if path.isascii():
        return
    forms = dict.fromkeys(unicodedata.normalize(form, path) for form in ("NFC", "NFD"))
    yield from (form for form in forms if form != path)


def spellings_below(folder: LocalPath, root: LocalPath) -> Iterable[LocalPath]:
    """The same for a folder whose root may be spelled another way than the rest."""
    if folder.isascii():
        return (folder,)
    cut = len(root.rstrip("/")) if is_below(folder, root) else 0
    starts, rests = spellings(folder[:cut]), list(spellings(folder[cut:]))
    return dict.fromkeys(LocalPath(start + rest) for start in starts for rest in rests)


def encodable(path: str) -> str:
    """The path with what is not UTF-8 on the disk replaced, since a database stores only text."""
    if path.isascii():
        return path
    return "".join(_REPLACEMENT if _is_surrogate(c) else c for c in path)


def _is_surrogate(character: str) -> bool:
    """How Python shows a byte that is not UTF-8."""
    return "\ud800" <= character <= "\udfff"
