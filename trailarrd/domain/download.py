"""What is remembered of an item's download, and when the next try is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from trailarrd.domain.failure import Blame, Failure
from trailarrd.domain.paths import LocalPath

LONGEST_URL: Final = 2000
RESERVED: Final = "download:"
"""How the owner of a claim begins who is trailarrd itself."""
_YOUTUBE_ID: Final = re.compile(r"[A-Za-z0-9_-]{11}")

SETTLING: Final = timedelta(minutes=10)
"""How long an item must have been wanted: its files may still be on their way, and so may a trailer."""
SOON: Final = (timedelta(hours=1), timedelta(hours=4))
LATER: Final = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30, 30, 30, 30, 30, 30))
WAITS: Final = (*SOON, *LATER)
"""How long an item waits after each try that failed; after the last it is given up."""


class Stage(StrEnum):
    """What is remembered of an item's download, beside what runs."""

    OPEN = "open"
    """It is downloaded when its turn has come."""
    STOPPED = "stopped"
    """The user stopped it: until he asks again."""
    GIVEN_UP = "given-up"
    """So many tries have failed that there is none by itself any more."""
    PLACED = "placed"
    """There is a trailer of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The user asked for an item by name."""

    at: datetime
    by: str
    now: bool = False
    """Without waiting for anything that only spares others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddress:
    """The one that the user gave: it outranks the server's."""

    url: str
    public_only: bool = False
    """It came from afar, and must lead to no private address unless the settings allow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered between two tries of an item; a pure value, kept in the database."""

    stage: Stage = Stage.OPEN
    attempts: int = 0
    """Tries that failed by the item's own trouble since the user asked last."""
    next_try: datetime | None = None
    failure: Failure | None = None
    """Of the last try."""
    told: str | None = None
    """What was told of it, without secrets."""
    tried_at: datetime | None = None
    ask: Ask | None = None
    own: OwnAddress | None = None
    refused: frozenset[str] = field(default=frozenset())
    """Addresses that will not do for it, by today's settings."""

    def failed(self, failure: Failure, told: str, at: datetime) -> Memory:
        """After one more try that came to nothing; what is refused is kept elsewhere."""
        tried = replace(self, failure=failure, told=told, tried_at=at)
        match failure.blame:
            case Blame.ITEM | Blame.FOLDER if self.attempts < len(WAITS):
                wait = WAITS[self.attempts]
                again = self._asked_without_hurry()
                return replace(tried, attempts=self.attempts + 1, next_try=at + wait, ask=again)
            case Blame.ITEM | Blame.FOLDER:
                given_up = self.attempts + 1
                return replace(tried, stage=Stage.GIVEN_UP, attempts=given_up, next_try=None, ask=None)
            case Blame.ADDRESS | Blame.SETTINGS:
                return replace(tried, attempts=0, next_try=None, ask=None)
            case Blame.NOBODY:
                again = None if failure is Failure.APPEARED else self._asked_without_hurry()
                changed = replace(tried, next_try=at + SETTLING, ask=again)
                return self.placed(at) if failure is Failure.OURS else changed
        return tried

    def _asked_without_hurry(self) -> Ask | None:
        """What the user asked for stays asked for; the next try waits as any other."""
        return self.ask and replace(self.ask, now=False)

    def asked(self, ask: Ask, own: OwnAddress | None = None) -> Memory:
        """The user asks: nothing that was before counts any more, but for the address that he gave."""
        return Memory(ask=ask, own=own or self.own)

    def stopped(self, at: datetime) -> Memory:
        """The user stops it; nothing begins by itself any more."""
        return replace(
            self, stage=Stage.STOPPED, ask=None, next_try=None, failure=Failure.STOPPED,
            told=Failure.STOPPED.sentence, tried_at=at,
        )  # fmt: skip

    def lost(self, failure: Failure | None) -> Memory:
        """Our trailer is there no more, which was no try; `failure` is why its address will not do."""
        told = failure and failure.sentence
        return replace(self, stage=Stage.OPEN, failure=failure, told=told, tried_at=None)

    def placed(self, at: datetime) -> Memory:
        """There is a trailer."""
        return Memory(stage=Stage.PLACED, tried_at=at, own=self.own, refused=self.refused)


BLANK: Final = Memory()


class Subject(NamedTuple):
    """An item as planning looks at it."""

    id: int
    connection: str
    folder: LocalPath | None
    wanted: bool
    has_trailer: bool
    has_file: bool | None
    contradicted: bool
    vanishing: bool
    held: bool
    claimed_by: str | None
    """By another, and still."""
    youtube_id: str | None
    """What the server suggests."""
    wanted_since: datetime | None
    """None: for long."""
    memory: Memory = BLANK

    @property
    def ask(self) -> Ask | None:
        return self.memory.ask


def address_of(subject: Subject) -> str | None:
    """The user's own, else the server's."""
    if own := subject.memory.own:
        return own.url
    return youtube_url(subject.youtube_id) if subject.youtube_id else None


def youtube_url(video: str) -> str | None:
    """Of a video by its id; None for what is none."""
    return f"https://www.youtube.com/watch?v={video}" if _YOUTUBE_ID.fullmatch(video) else None


class AddressError(ValueError):
    """What the user gave as an address is none that is taken; the text says why."""


def check_address(url: str) -> None:
    """Raise `AddressError` unless it is the web's, and may be kept and shown."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        has_login = "@" in parts.netloc
    except ValueError:
        is_web = has_login = False
    if not is_web or not url.isprintable() or any(char.isspace() for char in url):
        raise AddressError("only http and https addresses are taken, such as https://example.org/video")
    if has_login:
        raise AddressError("the address has a user or a password in it, which the history would show")
    if len(url) > LONGEST_URL:
        raise AddressError(f"the address has more than {LONGEST_URL:,} characters")
