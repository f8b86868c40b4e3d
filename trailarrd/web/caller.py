"""Who asks, and what that one may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from aiohttp import web


class Access(IntEnum):
    """What a caller may do; a route says which of these it takes."""

    POST = -1
    """Post an event; the route itself finds out whose, as its tokens are no API keys."""
    ANYONE = 0
    """Ask whether the process lives."""
    READ = 1
    WRITE = 2
    """Change something, too."""


LOCAL: Final = "local"
"""Who comes by the socket beside the database."""


@dataclass(frozen=True, slots=True)
class Caller:
    access: Access
    name: str
    """The name of the API key, else where the request comes from; for the log."""
    has_key: bool = False
    is_browser: bool = False
    """Whether it is known by the cookie of a session, which a browser sends whoever made it do so."""

    @property
    def told(self) -> str:
        """Who it is, as it is kept beside a choice for an item."""
        if self.has_key:
            return f"API key {self.name}"
        return "command line" if self.name == LOCAL else self.name


CALLER: Final = web.RequestKey("caller", Caller)
