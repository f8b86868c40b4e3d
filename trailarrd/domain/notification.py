"""How announcements become a message to people: gathered, worded, and never longer than one wants to read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from types import MappingProxyType
from typing import Final, NamedTuple

from trailarrd.domain.announcement import Announcement, ConnectionEvent, Topic
from trailarrd.domain.history import HistoryEvent

TEMPLATES: Final[Mapping[Topic, str]] = MappingProxyType(
    {
        HistoryEvent.ADDED: "{connection}: {title} is new",
        HistoryEvent.UPDATED: "{connection}: {title} was changed on its server",
        HistoryEvent.REMOVED: "{connection}: {title} is gone",
        HistoryEvent.HELD: "{connection}: {title} is no longer listed; its removal waits for your decision",
        HistoryEvent.RESTORED: "{connection}: {title} is back",
        HistoryEvent.TRAILER_APPEARED: "{connection}: {title} has a trailer now",
        HistoryEvent.TRAILER_VANISHED: "{connection}: {title} has lost its trailer",
        HistoryEvent.TRAILER_VANISHING: "{connection}: {title}'s trailer vanished with many; it is kept",
        HistoryEvent.MONITORED: "{connection}: a trailer is wanted for {title}",
        HistoryEvent.UNMONITORED: "{connection}: no trailer is wanted for {title} any more",
        HistoryEvent.INTENT_SET: "{connection}: your choice for {title} was taken down",
        HistoryEvent.INTENT_DROPPED: "{connection}: your choice for {title} was dropped",
        HistoryEvent.DOWNLOADED: "{connection}: a trailer for {title} was downloaded",
        HistoryEvent.DOWNLOAD_FAILED: "{connection}: the download of a trailer for {title} failed",
        HistoryEvent.DOWNLOAD_GIVEN_UP: "{connection}: the trailer of {title} is given up: {error}",
        HistoryEvent.SITE_BLOCKED: "{site} lets nobody in, and its trailers wait: {error}",
        HistoryEvent.NO_ROOM: "no room for trailers: {error}",
        HistoryEvent.ADDRESS_CHOSEN: "{connection}: your choice of a video for {title} was taken down",
        HistoryEvent.ADDRESS_REFUSED: "{connection}: the video named for {title} will not do",
        HistoryEvent.TRAILER_DELETED: "{connection}: the trailer of {title} was deleted at your wish",
        ConnectionEvent.DOWN: "{connection} is down: {error}",
        ConnectionEvent.BACK: "{connection} is back",
        ConnectionEvent.REFRESHED: "{connection} was refreshed: {outcome}",
    }
)
"""What is said of each topic, unless the user words it otherwise."""

DEFAULT_TOPICS: Final[frozenset[Topic]] = frozenset(
    {
        HistoryEvent.ADDED,
        HistoryEvent.REMOVED,
        HistoryEvent.HELD,
        HistoryEvent.TRAILER_APPEARED,
        HistoryEvent.TRAILER_VANISHED,
        HistoryEvent.TRAILER_VANISHING,
        HistoryEvent.DOWNLOAD_GIVEN_UP,
        HistoryEvent.SITE_BLOCKED,
        HistoryEvent.NO_ROOM,
        ConnectionEvent.DOWN,
        ConnectionEvent.BACK,
    }
)
"""What is told unless the user chooses otherwise."""

FIELDS: Final = ("connection", "title", "topic", "error", "outcome", "site")
"""What a template may name in braces."""

MOST_LINES: Final = 20
"""Lines of one message; what is beyond is counted."""
_LONGEST: Final = 300


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is told, and how often at most."""

    topics: frozenset[Topic] = DEFAULT_TOPICS
    templates: Mapping[Topic, str] = field(default_factory=dict)
    """The user's own words, by topic."""
    gather: float = 60.0
    """Seconds in which everything becomes one message."""
    most_per_hour: int = 20


class Message(NamedTuple):
    title: str
    body: str


def check_template(template: str) -> None:
    """Raise `ValueError` with what is wrong with it, if anything is."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"is no template: {error}") from None
    for _, name, spec, conversion in parts:
        if name is not None and (name not in FIELDS or spec or conversion):
            raise ValueError(f"knows no {{{name}}}; there are {', '.join(map('{{{}}}'.format, FIELDS))}")


def worded(announcement: Announcement, template: str) -> str:
    detail = announcement.detail
    line = template.format(
        connection=announcement.connection,
        title=announcement.title or "",
        topic=announcement.topic.value,
        error=detail.get("error") or detail.get("told") or "",
        outcome=detail.get("outcome", ""),
        site=detail.get("site", ""),
    )
    return " ".join(line.split())[:_LONGEST]


@dataclass(slots=True)
class Digest:
    """What there is to tell since the last message, however much that is."""

    templates: Mapping[Topic, str] = field(default_factory=dict)
    """The user's own words, by topic."""
    _counts: Counter[Topic] = field(default_factory=Counter)
    _lines: list[str] = field(default_factory=list)
    _in_lines: int = 0
    """How many they tell of."""

    def add(self, announcement: Announcement) -> None:
        topic = announcement.topic
        self._counts[topic] += 1
        if len(self._lines) < MOST_LINES:
            self._in_lines += 1
            self._lines.append(worded(announcement, self.templates.get(topic, TEMPLATES[topic])))

    def add_crowd(self, connection: str, topic: Topic, count: int) -> None:
        """So many at once, in one line."""
        self._counts[topic] += count
        self._in_lines += count
        self._lines.append(f"{connection}: {count} {topic.value}")

    def __bool__(self) -> bool:
        return bool(self._counts)

    def flush(self) -> Message:
        """The message, after which everything begins anew."""
        more = self._counts.total() - self._in_lines
        lines = [*self._lines, *([f"… and {more} more"] if more else [])]
        counted = ", ".join(f"{count} {topic.value}" for topic, count in self._counts.items())
        self._counts, self._lines, self._in_lines = Counter(), [], 0
        return Message(f"trailarrd: {counted}", "\n".join(lines))
