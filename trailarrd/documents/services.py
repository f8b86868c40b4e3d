"""What runs in the daemon, and how it fares."""

from trailarrd.documents import Document


class ServiceItem(Document, frozen=True, kw_only=True):
    """One part of the daemon."""

    name: str
    state: str
    """`starting`, `running`, `crashed` (it is started again), `ended` (as it should), or `lost`."""
    crashes: int
    """In a row."""
    error: str | None
    """Why it crashed last, as long as it has not been up for a while since."""


class ServiceList(Document, frozen=True, kw_only=True):
    """All of them, in the order of their start."""

    items: list[ServiceItem]
