"""What health and metrics go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trailarrd.domain.roots import RootObservation
    from trailarrd.store import ConnectionRow, Tally


class Reading(NamedTuple):
    """What the database says."""

    rows: Sequence[ConnectionRow]
    roots: Mapping[str, Sequence[RootObservation]]
    tally: Tally
    error: str | None = None
