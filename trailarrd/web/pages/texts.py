"""What the pages say that their templates do not say themselves, by what it is about."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from trailarrd.domain.monitoring import MonitorMode, MonitorReason
from trailarrd.domain.waiting import Why
from trailarrd.store.filter import MediaOrder

REASONS: Final[Mapping[str, str]] = {
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
"""Why something is monitored or not, in two or three words."""

MEANINGS: Final[Mapping[str, str]] = {
    "database": "Nothing can be stored or shown until it can be used; what is in it is not touched.",
    "connection-failed": "What was known stays as it is; trailarrd asks again by itself.",
    "removals-held": "Too much is gone at once to be believed: approve the removals, or mend the server.",
    "trailers-vanishing": "They are taken as there until you say that they are gone, or they are seen again.",
    "root-unknown": "What lies in it stays as it was: mount the disk, or mend the path mapping.",
    "root-elsewhere": "Nothing is wanted there until its folders show what the server has: mend the mapping.",
    "plugin-failed": "Its connections are not refreshed; the other ones are.",
    "config-refused": "trailarrd goes on with the one that it read before: mend the file.",
    "config-differs": "Make the two configurations alike, or restart the daemon whose own is right.",
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

ERRORS: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.NOT_FOUND: (
        "There is nothing here",
        "What was here may have gone, or the address is misspelt.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: ("This cannot be done here", "Go on from one of the pages above."),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "This address means nothing",
        "It was changed by hand, or is of another version.",
    ),
    HTTPStatus.FORBIDDEN: ("This is not allowed", ""),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too much at once", "Wait a few seconds, then load the page again."),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "The database cannot be used now",
        "Nothing is lost: trailarrd tries again by itself, and so may you in a few seconds.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "This is a mistake of trailarrd's",
        "Its log says more; please report it with the lines that begin with http.bug.",
    ),
}
"""What is said of each kind of mistake, and what it means for who looks on."""

SORTS: Final = {
    MediaOrder.TITLE: "Title",
    MediaOrder.TITLE_DOWN: "Title, from the end",
    MediaOrder.YEAR_DOWN: "Newest year first",
    MediaOrder.YEAR: "Oldest year first",
    MediaOrder.ADDED_DOWN: "Added last first",
    MediaOrder.ADDED: "Added first first",
    MediaOrder.FIRST_SEEN: "Met last first",
    MediaOrder.LAST_CHANGED: "Last changed first",
    MediaOrder.CHANGED: "Longest unchanged first",
    MediaOrder.ID: "Id",
}

READ_ONLY: Final = "The key {} may only read, so there is no button that changes something."
NO_KEY: Final = "Sign in with an API key to change something: trailarrd apikey create NAME makes one."
WAITING: Final[Mapping[str, str]] = {
    Why.TURN: "In the queue",
    Why.NOT_WANTED: "Not wanted",
    Why.HAS_TRAILER: "Has a trailer",
    Why.OFF: "Off for its connection",
    Why.NO_FILE: "Server has no file",
    Why.NO_FOLDER: "No folder here",
    Why.CONTRADICTED: "Folder contradicts",
    Why.VANISHING: "Trailer vanishing",
    Why.HELD: "Removal held",
    Why.CLAIMED: "Claimed by others",
    Why.NO_ADDRESS: "No video named",
    Why.REFUSED: "Video refused",
    Why.NO_DOWNLOADER: "No downloader for it",
    Why.STOPPED: "Stopped by you",
    Why.GIVEN_UP: "Given up",
    Why.TWIN: "Same folder as another",
    Why.PREVIEW: "Would be downloaded",
    Why.TOO_NEW: "Wanted just now",
    Why.BACK_OFF: "Will be tried again",
    Why.ROOT: "Root folder in trouble",
    Why.WORK: "Work folder or tools in trouble",
    Why.DOWNLOADER: "Downloader in trouble",
    Why.BLOCKED: "Site lets nobody in",
    Why.QUIET: "Quiet hours",
    Why.HOURS: "Not at this hour",
    Why.QUOTA: "Enough for today",
    Why.PAUSE: "Pause of the site",
}
"""Why something is not downloaded now, in two or three words."""
WAITS_HERE: Final[Mapping[str, str]] = {
    Why.NO_ADDRESS: "nobody names a video; you can, by its address",
    Why.STOPPED: "you stopped it",
    Why.GIVEN_UP: "too many tries failed",
    Why.PREVIEW: "this is a preview: only what you ask for is downloaded",
    Why.NOT_WANTED: "no trailer is wanted for it; what you ask for comes all the same",
}
"""The sentences that name a command elsewhere, as a page with buttons says them."""
SPANS: Final = {"7": "Week", "30": "Month", "365": "Year", "all": "All"}
"""Days that the charts may show."""
COLUMNS: Final = (
    ("Title", (MediaOrder.TITLE, MediaOrder.TITLE_DOWN)),
    ("Trailer", ()),
    ("Monitored", ()),
    ("Status", ()),
    ("Changed", (MediaOrder.LAST_CHANGED, MediaOrder.CHANGED)),
    ("Your choice", ()),
)
"""Of the table, each with the orders that its head goes to: the first, and when that is so the other."""
TABS: Final[Sequence[tuple[str, str, str]]] = (
    ("o", "Overview", "/"),
    ("m", "Media", "/media"),
    ("d", "Downloads", "/downloads"),
    ("h", "History", "/history"),
    ("s", "System", "/system"),
)
"""The pages in their order, each with the key that leads to it; without `download:` there is one less."""
MODES: Final = {
    MonitorMode.MISSING: "every one that has none",
    MonitorMode.NEW: "those that are added from now on",
    MonitorMode.SYNC: "those that the server monitors",
    MonitorMode.NONE: "only those that I ask for",
}
"""What each mode wants, where it is chosen."""
FACTS: Final = {
    "tags": "Tags",
    "genres": "Genres",
    "languages": "Original languages",
    "certifications": "Certifications",
    "years": "Years",
}
"""What conditions are about, and how a form calls it; with commas between, but for a range of years."""
