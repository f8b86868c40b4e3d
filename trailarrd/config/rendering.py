"""The effective settings as a trailarrd.yaml, with the origin of each value in a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import yaml

from trailarrd.config.effective import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trailarrd.config.effective import Plain

_WIDEST: Final = 60
"""Comments stand below each other, unless a line is longer than that."""

Line: TypeAlias = tuple[str, str]


def as_yaml(values: Iterable[Value]) -> Iterator[str]:
    """The lines of the file."""
    lines = list(_mapping(_nested(values), ""))
    width = max((len(line) for line, _ in lines if len(line) <= _WIDEST), default=0)
    for line, origin in lines:
        yield f"{line:{width}}  # {origin}" if origin else line


def _nested(values: Iterable[Value]) -> dict[str | int, Any]:
    """The values as mappings within mappings; a list is one with numbers as keys."""
    root: dict[str | int, Any] = {}
    for value in values:
        holder = root
        for part in value.address[:-1]:
            holder = holder.setdefault(part, {})
        holder[value.address[-1]] = value
    return root


def _mapping(entries: dict[str | int, Any], indent: str) -> Iterator[Line]:
    for key, item in entries.items():
        if isinstance(item, Value):
            yield f"{indent}{_scalar(str(key))}: {_scalar(item.value)}", str(item.origin)
            continue
        yield f"{indent}{_scalar(str(key))}:", ""
        lines = _list if 0 in item else _mapping
        yield from lines(item, indent + "  ")


def _list(items: dict[str | int, Any], indent: str) -> Iterator[Line]:
    for item in items.values():
        if isinstance(item, Value):
            yield f"{indent}- {_scalar(item.value)}", str(item.origin)
            continue
        lines = _list if 0 in item else _mapping
        (first, origin), *others = lines(item, indent + "  ")
        yield f"{indent}- {first.lstrip()}", origin
        yield from others


def _scalar(value: Plain) -> str:
    if value is None:
        return "[]"
    return yaml.safe_dump(value, width=10_000, allow_unicode=True).split("\n")[0]
