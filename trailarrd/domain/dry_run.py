"""What a planned refresh means item by item, for people and programs to read before it happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from trailarrd.domain.plan import Entry, RefreshPlan
from trailarrd.domain.quarantine import Quarantined
from trailarrd.domain.report import DoubtedRoot, Outcome, RefreshError
from trailarrd.domain.roots import RootObservation

_NOTHING: Final[Mapping[str, list[Any]]] = MappingProxyType({})


class Action(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    RESTORED = "restored"
    """It is back: from its removal, or under another arr id."""
    REMOVED = "removed"
    HELD = "held"
    """The server no longer lists it, and its removal would wait for the user's decision."""
    RELEASED = "released"
    """Its removal waits no longer: the server lists it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem:
    """One item that a refresh would touch, as it would be afterwards."""

    action: Action
    entry: Entry
    id: int | None = None
    """None for an item that would be new."""
    changes: Mapping[str, list[Any]] = field(default_factory=lambda: _NOTHING)
    """What would differ: `{column: [before, after]}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a refresh would do, had it been one."""

    connection: str
    outcome: Outcome
    plan: RefreshPlan | None = None
    """None if it would fail."""
    quarantined: Sequence[Quarantined] = ()
    roots: tuple[DoubtedRoot, ...] = ()
    """Root folders that would not be trusted."""
    elsewhere: tuple[RootObservation, ...] = ()
    """Those of which the disk shows that they are not where the mapping says."""
    error: RefreshError | None = None
