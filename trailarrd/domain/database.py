"""How the database is reached, and how it is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from trailarrd.domain.secret import Secret

LEASE: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAddress:
    """What a store needs to know to open it."""

    url: str
    """Without a password, so that it can be shown."""
    password: Secret | None = None
    pooler: bool = False
    """Whether a pooler stands in between, which may give each transaction another session."""
    listen_url: str | None = None
    """Past that pooler, for leases and to hear of news; None: that is looked for now and then."""
    lease: timedelta = LEASE
    """How long a daemon that is not heard of keeps what it works at to itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a doctor sees of a database."""

    place: str
    """What to call it."""
    is_file: bool = True
    """Else it is on a server."""
    server: str | None = None
    """Which one that is."""
    clock: timedelta = timedelta()
    """By how much the server's clock is ahead of ours."""
    exists: bool = False
    revision: str | None = None
    is_current: bool = False
    damages: tuple[str, ...] = ()
    trouble: str | None = None
    """Why it cannot even be read."""
    not_writable: str | None = None
    """What this user may not write; of a server a sentence that says why."""
    exposed: str | None = None
    """What everybody on this host may write."""
    free: int | None = None
    """Bytes that are left on its disk."""
    size: int = 0
    """Its own bytes."""
    unindexed: int = 0
    """So many items, on a server, in which words are looked for one by one though there could be an index."""
