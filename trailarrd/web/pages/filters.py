"""Values as a reader wants them: numbers, moments, and words for what we call by slugs."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from trailarrd.documents.media import Facts
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.monitoring import MonitorReason
from trailarrd.domain.text import span

_REASONS: Final[Mapping[str, str]] = {
    MonitorReason.TRAILER_PRESENT: "has a trailer",
    MonitorReason.USER: "your choice",
    MonitorReason.MODE_NONE: "mode none",
    MonitorReason.MODE_MISSING: "mode missing",
    MonitorReason.MODE_SYNC: "mode sync",
    MonitorReason.MODE_NEW: "mode new",
    MonitorReason.UNDECIDED: "not known yet",
    MonitorReason.CONTRADICTED: "disk contradicts",
    MonitorReason.NO_FILE: "server has no file",
    MonitorReason.FILTERED: "filtered",
}
_TONES: Final[Mapping[str, str]] = {
    HistoryEvent.TRAILER_APPEARED: "good",
    HistoryEvent.TRAILER_VANISHED: "bad",
    HistoryEvent.TRAILER_VANISHING: "want",
    HistoryEvent.REMOVED: "bad",
    HistoryEvent.HELD: "want",
    HistoryEvent.MONITORED: "want",
}
_TINTS: Final = 6
_SHORT: Final = 60
"""Letters of a value that are shown."""


_ISO: Final = "%Y-%m-%dT%H:%M:%SZ"


def number(value: int) -> Markup:
    """The script of the page writes it as its reader does."""
    return Markup('<data value="{value}">{text}</data>').format(value=value, text=digits(value))


def digits(value: int) -> str:
    """Where no element can stand."""
    return f"{value:,}"


def isolated(text: str) -> str:
    """Where no `<bdi>` can stand: a name in another direction does not turn the words around it."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def word(slug: str) -> str:
    """A slug as words: trailer-appeared → trailer appeared."""
    return slug.replace("-", " ").replace("_", " ")


def sentence(text: str, end: str = ".") -> str:
    return text[:1].upper() + text[1:] + end


def reason(slug: str) -> str:
    """Why something is monitored or not, in two or three words."""
    return _REASONS.get(slug, word(slug))


def tone(event: str) -> str:
    """Whether an event is good, bad, something to do, or neither."""
    return _TONES.get(event, "off")


def changes(detail: Mapping[str, Any]) -> str:
    """What an event's detail says: `title: Old → New`; of paths and other long texts only the end."""
    return " · ".join(_change(name, value) for name, value in detail.items())


def _change(name: str, value: Any) -> str:
    match value:
        case [before, after]:
            return f"{word(name)}: {_short(before)} → {_short(after)}"
    return f"{word(name)}: {_short(value)}"


def _short(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= _SHORT else f"…{text[-_SHORT:]}"


def quoted(text: str) -> str:
    """As one part of a path."""
    return quote(text, safe="")


def tint(value: int) -> str:
    """The class of one of a few colours, always the same for the same item."""
    return f"tint-{value % _TINTS}"


def initial(title: str) -> str:
    return next((letter.upper() for letter in title if letter.isalnum()), "·")


def moment(at: datetime | None, now: datetime, never: str = "never") -> Markup | str:
    """How long ago or how soon; the script of the page keeps it true, and has the exact time at hand."""
    if at is None:
        return never
    at = at.astimezone(UTC)
    return Markup('<time datetime="{iso}" title="{exact}">{text}</time>').format(
        iso=at.strftime(_ISO),
        exact=at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        text=_distance(at - now),
    )


def exact(at: datetime) -> Markup:
    """A moment by the clock; the script of the page has it in the reader's zone."""
    return _told(at, "exact", "%Y-%m-%d %H:%M UTC")


def day(at: datetime) -> Markup:
    return _told(at, "day", "%-d %b")


def _told(at: datetime, how: str, pattern: str) -> Markup:
    at = at.astimezone(UTC)
    return Markup('<time datetime="{iso}" data-as="{how}">{text}</time>').format(
        iso=at.strftime(_ISO), how=how, text=at.strftime(pattern)
    )


def _distance(distance: timedelta) -> str:
    if abs(distance) < timedelta(seconds=1):
        return "now"
    return f"in {span(distance)}" if distance > timedelta() else f"{span(-distance)} ago"


_MEANINGS: Final[Mapping[str, str]] = {
    "database": "Nothing can be stored or shown until it can be used; what is in it is not touched.",
    "connection-failed": "What was known stays as it is; trailarrd asks again by itself.",
    "removals-held": "Too much is gone at once to be believed: approve the removals, or mend the server.",
    "trailers-vanishing": "They are taken as there until you say that they are gone, or they are seen again.",
    "root-unknown": "What lies in it stays as it was: mount the disk, or mend the path mapping.",
    "root-elsewhere": "Nothing is wanted there until its folders show what the server has: mend the mapping.",
    "plugin-failed": "Its connections are not refreshed; the other ones are.",
    "config-refused": "trailarrd goes on with the one that it read before: mend the file.",
    "config-differs": "Make the two configurations alike, or restart this daemon if its own is right.",
    "connection-unserved": "Start a daemon that may: daemon.serves in its configuration says so.",
    "loop-lag": "The host is too busy, or a plugin holds trailarrd up; what is asked is answered late.",
    "refresh-overdue": "Something holds it up: the log says what.",
    "refresh-not-stored": "It is tried again as soon as the database takes something.",
    "disk-low": "Make room: what cannot be stored is asked for again, and nothing is lost.",
    "download-blocked": "Nothing is asked of it for an hour or longer; cookies or a proxy may help.",
    "download-root": "Make room there or give the right to write; the next try is half an hour later.",
    "download-work": "Make room, or name another folder in download.work.",
    "download-rejected": "Do what it says, then run trailarrd downloads retry.",
    "descriptors-low": "Raise LimitNOFILE, or the container's ulimit, and restart.",
    "service-crashed": "It is started again by itself; please report it with the lines of the log.",
}
"""What an issue means, and what to do or what trailarrd does about it."""


def meaning(code: str) -> str:
    return _MEANINGS.get(code, "")


def took(time: timedelta) -> str:
    return f"{time.total_seconds():.1f} s" if time < timedelta(minutes=1) else span(time)


def facts(details: Facts) -> Iterator[tuple[str, str]]:
    """Facts as a reader wants them, those that are known; the overview stands elsewhere."""
    for name, value in msgspec.structs.asdict(details).items():
        if value is not None and name not in ("overview", "slug", "sort_title"):
            yield sentence(word(name), ""), _fact(name, value)


def _fact(name: str, value: Any) -> str:
    match value:
        case tuple():
            return ", ".join(map(str, value))
        case datetime():
            return value.strftime("%Y-%m-%d")
    return f"{value} min" if name == "runtime" else str(value)


FILTERS: Final = (
    meaning,
    took,
    facts,
    number,
    digits,
    isolated,
    word,
    sentence,
    reason,
    tone,
    changes,
    quoted,
    tint,
    initial,
)
"""For the templates, each by its name."""
