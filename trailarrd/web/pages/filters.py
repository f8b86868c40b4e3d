"""Values as a reader wants them: numbers, moments, and words for what we call by slugs."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from trailarrd.documents.media import Facts
from trailarrd.domain.history import HistoryEvent
from trailarrd.domain.text import span
from trailarrd.web.pages import texts
from trailarrd.web.pages.values import number

_TONES: Final[Mapping[str, str]] = {
    HistoryEvent.TRAILER_APPEARED: "good",
    HistoryEvent.TRAILER_VANISHED: "bad",
    HistoryEvent.TRAILER_VANISHING: "want",
    HistoryEvent.REMOVED: "bad",
    HistoryEvent.HELD: "want",
    HistoryEvent.MONITORED: "want",
    HistoryEvent.DOWNLOADED: "good",
    HistoryEvent.DOWNLOAD_FAILED: "bad",
    HistoryEvent.ADDRESS_REFUSED: "bad",
    HistoryEvent.TRAILER_DELETED: "bad",
}
_BROWSERS: Final = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
"""By what they say; those that pretend to be another one come before it."""
_SYSTEMS: Final = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_TINTS: Final = 6
_SHORT: Final = 60
"""Letters of a value that are shown."""


_COMMAND: Final = re.compile(r"trailarrd (\w+(?: approve)?) [^\s,]+")
_ISO: Final = "%Y-%m-%dT%H:%M:%SZ"


def word(slug: str) -> str:
    """A slug as words: trailer-appeared → trailer appeared."""
    return str(texts.catalogue().get(f"words.{slug}", slug.replace("-", " ").replace("_", " ")))


def sentence(text: str, end: str = ".") -> str:
    return text[:1].upper() + text[1:] + end


def reason(slug: str) -> Markup:
    """Why something is monitored or not, in two or three words."""
    return texts.html(f"reason.{slug}")


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
            return word("none")
        case bool():
            return word("yes" if value else "no")
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


def moment(at: datetime | None, now: datetime, never: Markup | None = None) -> Markup:
    """How long ago or how soon; the script of the page keeps it true, and has the exact time at hand."""
    if at is None:
        return never or texts.html("moment.never")
    at = at.astimezone(UTC)
    return Markup('<time datetime="{iso}" title="{exact}">{text}</time>').format(
        iso=at.strftime(_ISO),
        exact=at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        text=_distance(at - now),
    )


def exact(at: datetime, to: str = "minute") -> Markup:
    """A moment by the clock, to the minute or second; the script of the page has it in the reader's zone."""
    if to == "second":
        return _told(at, "second", "%Y-%m-%d %H:%M:%S UTC")
    return _told(at, "exact", "%Y-%m-%d %H:%M UTC")


def day(at: datetime) -> Markup:
    return _told(at, "day", "%-d %b")


def _told(at: datetime, how: str, pattern: str) -> Markup:
    at = at.astimezone(UTC)
    return Markup('<time datetime="{iso}" data-as="{how}">{text}</time>').format(
        iso=at.strftime(_ISO), how=how, text=at.strftime(pattern)
    )


def _distance(distance: timedelta) -> Markup:
    if abs(distance) < timedelta(seconds=1):
        return texts.html("moment.now")
    which = "soon" if distance > timedelta() else "ago"
    return texts.html(f"moment.{which}", time=Markup.escape(span(abs(distance))))


def took(time: timedelta) -> str:
    return f"{time.total_seconds():.1f} s" if time < timedelta(minutes=1) else span(time)


def seconds(value: float) -> str:
    return took(timedelta(seconds=value)) if value >= 1 else f"{value * 1000:.0f} ms"


def facts(details: Facts) -> Iterator[tuple[str, str]]:
    """Facts as a reader wants them, those that are known; the overview stands elsewhere."""
    for name, value in msgspec.structs.asdict(details).items():
        if value not in (None, ()) and name not in ("overview", "slug", "sort_title"):
            yield sentence(word(name), ""), _fact(name, value)


def _fact(name: str, value: Any) -> str:
    match value:
        case tuple():
            return ", ".join(map(str, value))
        case datetime():
            return _told(value, "day", "%Y-%m-%d")
        case date():
            return Markup('<time datetime="{day}" data-as="date">{day}</time>').format(day=value)
    return texts.plain("moment.minutes", count=value) if name == "runtime" else str(value)


def browser(told: str) -> str:
    """By which name people know one that tells a `User-Agent`; as it is told if it is none of them."""
    name = next((name for mark, name in _BROWSERS.items() if mark in told), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in told), None)
    return texts.plain("system.browser-on", browser=name, system=system) if name and system else told


def here(change: str) -> str:
    """What would change something, where a command does it elsewhere: by the page's own buttons."""
    known = texts.catalogue()
    return _COMMAND.sub(lambda found: known.get(f"instead-of.{found[1].replace(' ', '-')}", found[0]), change)


FILTERS: Final = (
    browser,
    here,
    took,
    seconds,
    facts,
    number,
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
