"""What the database says of all connections at once, for `/health` and `/metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trailarrd.domain.roots import RootObservation
    from trailarrd.store.connections import ConnectionRow
    from trailarrd.store.counts import Tally


class Snapshot(NamedTuple):
    """What the database says."""

    rows: Sequence[ConnectionRow]
    roots: Mapping[str, Sequence[RootObservation]]
    tally: Tally
    error: str | None = None
