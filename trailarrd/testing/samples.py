"""Items made from a few sample records: for applications of which only those are known."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trailarrd.testing.draft import Draft, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What an application calls what every item has; `id` is the same in the whole family."""

    title: str = "title"
    path: str = "path"
    monitored: str = "monitored"


class Repeated:
    """Writes items by going round the samples; all but what tells items apart is as in the sample."""

    def __init__(self, samples: Sequence[Record], fields: Fields, identity: str) -> None:
        _check(samples, fields)
        self._samples = tuple(samples)
        self._fields = fields
        self._identity = identity

    def __call__(self, draft: Draft) -> Record:
        """The item of that draft, `id` last."""
        record = copy.deepcopy(self._samples[(draft.arr_id - 1) % len(self._samples)])
        known = record.get(self._identity)
        if known:
            record[self._identity] = _renumbered(known, draft.arr_id)
        record[self._fields.title] = draft.title
        record[self._fields.path] = draft.folder(draft.file_name)
        record.pop("id")
        return {**record, "id": draft.arr_id}


def common_root(samples: Sequence[Record], fields: Fields) -> str:
    """The folder in which the first sample has its own."""
    _check(samples, fields)
    path = str(samples[0][fields.path]).rstrip("/\\")
    cut = max(path.rfind("/"), path.rfind("\\"))
    return path[:cut] or "/"


def _check(samples: Sequence[Record], fields: Fields) -> None:
    if not samples:
        raise ValueError("a dialect needs at least one sample record")
    for number, sample in enumerate(samples):
        missing = [name for name in ("id", fields.title, fields.path) if not sample.get(name)]
        if missing:
            names = ", ".join(sample) or "nothing"
            raise ValueError(
                f"sample record {number} has no {' and no '.join(missing)} but {names}: "
                'tell Dialect.from_samples what title and folder are called there, title="…" and path="…"'
            )


def _renumbered(known: object, arr_id: int) -> object:
    """An id elsewhere that looks like the sample's and is the item's own."""
    if isinstance(known, int):
        return known * 1_000_000 + arr_id
    number = f"{arr_id:06d}"
    return str(known)[: -len(number)] + number
