"""Downloads of trailers: what is wanted or was asked for, what becomes of it, and why not yet."""

from datetime import datetime

import msgspec

from trailarrd.documents import Document


class DownloadItem(Document, frozen=True, kw_only=True):
    """What becomes of one item's download."""

    id: int
    connection: str
    title: str
    year: int | None
    state: str
    """`downloading`, `next`, `waiting`, `refused`, `stopped`, `given-up` or `placed`."""
    why: str | None
    """Why it is not downloaded now, in a word; null if it is, or is next."""
    told: str | None
    """The same for people."""
    until: datetime | None
    """When that ends by itself."""
    url: str | None
    """Where the video is."""
    own_url: bool
    """Whether the user has named it."""
    downloader: str | None
    site: str | None
    place: str | None
    """Where the trailer will lie on this host, without its extension."""
    asked_at: datetime | None
    asked_by: str | None
    attempts: int
    failure: str | None
    """What became of the last try, in a word."""
    tried_at: datetime | None
    file: str | None
    """The trailer of ours that lies there."""
    step: str | None
    """What is done at the moment."""
    done: int | None
    total: int | None
    percent: int | None


class DownloadSite(Document, frozen=True, kw_only=True):
    """How a video site is treated just now."""

    site: str
    left_today: int
    blocked_until: datetime | None
    told: str | None
    next_at: datetime | None


class DownloadList(Document, frozen=True, kw_only=True):
    """All of it, in the order of its turn."""

    preview: bool
    days: int
    """How many days all that waits for its turn takes at the least."""
    total: int
    """Items in all that are listed, or that wait for the reason that was asked for."""
    troubles: list[str]
    """What is in the way of many at once."""
    sites: list[DownloadSite]
    items: list[DownloadItem]
    reasons: dict[str, int] = msgspec.field(default_factory=dict)
    """How many wait, by why; whichever are listed."""


class RefusedDownload(Document, frozen=True, kw_only=True):
    """An item for which what was asked is not done."""

    id: int
    reason: str


class DownloadResult(Document, frozen=True, kw_only=True):
    """What became of each item."""

    changed: list[int]
    refused: list[RefusedDownload]
    unknown: list[int]
    """There is no such item."""
