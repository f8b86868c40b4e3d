"""`/version`."""

from __future__ import annotations

from trailarrd import __version__
from trailarrd.documents import Document
from trailarrd.web.route import get
from trailarrd.web.services import Services


class Version(Document, frozen=True, kw_only=True):
    """What runs here."""

    version: str
    api: int = 1
    """The number in the path: it changes when a field loses its meaning."""


@get("/version")
async def version(_services: Services) -> Version:
    """Which trailarrd this is."""
    return Version(version=__version__)


ROUTES = (version,)
