"""How trailarrd is: what `/health` and `status --json` say."""

from datetime import datetime

import msgspec

from trailarrd.documents import Document


class HealthIssue(Document, frozen=True):
    """One thing that is not well."""

    code: str
    """A word of `docs/operations.md`."""
    message: str
    connection: str | None = None


class ConnectionHealth(Document, frozen=True, kw_only=True):
    """How one connection is."""

    connection: str
    state: str
    last_success: datetime | None
    age_s: int | None
    """Seconds since its last success."""
    failures: int
    held: int
    quarantined: int
    unknown_roots: list[str]
    """Root folders that were not trusted."""
    next_refresh: datetime | None


class WorkedAt(Document, frozen=True, kw_only=True):
    """A connection that a daemon works at."""

    connection: str
    since: datetime


class Daemon(Document, frozen=True, kw_only=True):
    """One of the daemons that share a database on a server."""

    host: str
    id: str
    """Of each process another one, as metrics have it."""
    process: str
    """For people."""
    version: str
    since: datetime
    connections: list[WorkedAt]


class Health(Document, frozen=True, kw_only=True):
    """How trailarrd is."""

    status: str
    version: str
    daemon: bool
    """Whether it runs; else this is what the database tells."""
    at: datetime
    database: str | None
    """Why it cannot be used, if it cannot."""
    lag_s: float | None
    connections: list[ConnectionHealth]
    issues: list[HealthIssue] = msgspec.field(name="ailments")
    daemons: list[Daemon] = msgspec.field(default_factory=list)
    """Of a database on a server all that live, the eldest first; a file has one at most, and none is told."""

    @property
    def is_well(self) -> bool:
        return not self.issues
