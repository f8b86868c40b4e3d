"""What trailarrd tells of its own accord, to whoever wants to hear it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.report import Outcome


class ConnectionEvent(StrEnum):
    DOWN = "connection-down"
    BACK = "connection-back"
    REFRESHED = "refreshed"


Topic: TypeAlias = HistoryEvent | ConnectionEvent
"""What an announcement is about."""
TOPICS: Final[tuple[Topic, ...]] = (*HistoryEvent, *ConnectionEvent)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Announcement:
    topic: Topic
    at: datetime
    connection: str
    history_id: int | None = None
    """The history row that says the same, for what happened to an item."""
    media_id: int | None = None
    title: str | None = None
    detail: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowd:
    """A thousand events and more that came at once: too many to be told one by one."""

    connection: str
    after: int
    """The number of the event before them, where to go on in the history."""
    history_id: int
    """The last one's."""
    counts: Mapping[HistoryEvent, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a connection's last refresh ended."""

    refresh: int
    """Its number."""
    at: datetime
    outcome: Outcome
    error: str | None = None


def standings_told(before: Mapping[str, Standing], now: Mapping[str, Standing]) -> Iterator[Announcement]:
    """What the connections' last refreshes say that was not said before; down and back once each."""
    for name, standing in now.items():
        past = before.get(name)
        if past is not None and past.refresh == standing.refresh:
            continue
        was_down = past is not None and past.outcome is Outcome.FAILED
        is_down = standing.outcome is Outcome.FAILED
        if is_down and not was_down:
            yield _of(ConnectionEvent.DOWN, name, standing, error=standing.error)
        elif was_down and not is_down:
            yield _of(ConnectionEvent.BACK, name, standing)
        yield _of(ConnectionEvent.REFRESHED, name, standing, outcome=standing.outcome.value)


def _of(topic: Topic, connection: str, standing: Standing, **detail: object) -> Announcement:
    told = {name: value for name, value in detail.items() if value is not None}
    return Announcement(topic=topic, at=standing.at, connection=connection, detail=MappingProxyType(told))
