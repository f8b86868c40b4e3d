"""Text that can be pasted into trailarrd.yaml: every value written so that it is read as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trailarrd.domain.paths import PathMapping

_PLAIN: Final = re.compile(r"(?:/|[A-Za-z][\w]*:?/)[\w/.()+@~-]*(?: [\w/.()+@~-]+)*", re.ASCII)
"""Paths and addresses that mean nothing else in YAML, in a flow mapping too."""


def scalar(value: str) -> str:
    """A string as a YAML scalar; a dollar sign is doubled, since `${VAR}` has a meaning."""
    text = value.replace("$", "$$")
    if _PLAIN.fullmatch(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    return char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}"


def path_mappings(mappings: Iterable[PathMapping]) -> str:
    """The setting of that name, at the depth that it has in a connection's block."""
    lines = [f"      - {{remote: {scalar(one.remote)}, local: {scalar(one.local)}}}" for one in mappings]
    return "\n".join(["    path_mappings:", *lines] if lines else ["    path_mappings: []"])
