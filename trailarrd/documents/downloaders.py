"""Installed downloaders: what each works with, and what it lacks."""

from datetime import date

from trailarrd.documents import Document


class DownloaderLack(Document, frozen=True, kw_only=True):
    """Something that a downloader needs and does not have as it should."""

    fact: str
    advice: str
    blocking: bool
    """Whether downloads fail by it, of some site at least."""


class DownloaderItem(Document, frozen=True, kw_only=True):
    """One downloader."""

    name: str
    version: str | None
    """Of what does the work."""
    released: date | None
    """When that came out."""
    updates: bool
    """Whether it can be updated, and go back to the version before."""
    lacks: list[DownloaderLack]


class DownloaderList(Document, frozen=True, kw_only=True):
    """All that are installed, by name."""

    items: list[DownloaderItem]


class DownloaderVersion(Document, frozen=True, kw_only=True):
    """What a downloader works with from now on."""

    name: str
    version: str
