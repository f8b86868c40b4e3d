"""What a refresh did: counts and an outcome, and who hears of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from trailarrd.domain.paths import LocalPath
from trailarrd.domain.plan import TrailerCounts
from trailarrd.domain.roots import RootObservation, RootState
from trailarrd.errors import ProviderError, ProviderRejectedError, ProviderUnavailableError


class Outcome(StrEnum):
    """How a refresh ended."""

    OK = "ok"
    PARTIAL = "partial"
    """Applied, but something was held, quarantined or not visible on disk."""
    FAILED = "failed"
    """Nothing was changed."""


class ErrorKind(StrEnum):
    """Whose move it is after a failure."""

    UNAVAILABLE = "unavailable"
    """Nobody's: it is tried again."""
    REJECTED = "rejected"
    """The user's: key, url or provider is wrong."""
    RESPONSE = "response"
    """The server's, or that of something in front of it."""
    INTERNAL = "internal"
    """A programmer's: trailarrd's or a plugin's own mistake."""


def kind_of(error: ProviderError) -> ErrorKind:
    """Whose move it is after that error of a plugin."""
    match error:
        case ProviderUnavailableError():
            return ErrorKind.UNAVAILABLE
        case ProviderRejectedError():
            return ErrorKind.REJECTED
    return ErrorKind.RESPONSE


@dataclass(frozen=True, slots=True)
class RefreshError:
    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True)
class DoubtedRoot:
    """A root folder that was not trusted, and how many items that left as they were."""

    path: LocalPath
    state: RootState
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReport:
    """One refresh of one connection, as it ended."""

    connection: str
    provider: str
    outcome: Outcome
    fetched: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    restored: int = 0
    held: int = 0
    quarantined: int = 0
    trailers: TrailerCounts = field(default_factory=TrailerCounts)
    monitored: int = 0
    duration_s: float = 0.0
    error: RefreshError | None = None
    roots: tuple[DoubtedRoot, ...] = ()
    """Root folders that were not trusted."""
    contradicted: int = 0
    """Of those fetched, how many folders do not show the file that the server says that it has."""
    elsewhere: tuple[RootObservation, ...] = ()
    """Root folders in which so many of those are that a disk must be away, or the path mapping wrong."""
    vanishing: int = 0
    """Of those fetched, how many trailers are held to be there, though they are not seen any more."""


class Meter(Protocol):
    """Hears of everything that is measured; must be quick, and never fail."""

    def refreshed(self, report: RefreshReport) -> None:
        """A refresh has ended."""

    def asked(self, connection: str, method: str, status: str, seconds: float) -> None:
        """An Arr server has answered with that HTTP status, or not at all: `error`."""

    def looked(self, connection: str, seconds: float) -> None:
        """A refresh has looked at the disk for so long."""


class Unmetered:
    """Nobody wants to know."""

    def refreshed(self, report: RefreshReport) -> None: ...

    def asked(self, connection: str, method: str, status: str, seconds: float) -> None: ...

    def looked(self, connection: str, seconds: float) -> None: ...
