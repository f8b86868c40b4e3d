"""Keys to the HTTP API, without what they are, and browsers that were let in by one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from trailarrd.documents import Document, to_second
from trailarrd.domain.apikey import digest_of
from trailarrd.store.credentials import ApiKey, Session


class Key(Document, frozen=True, kw_only=True):
    """Who may ask, and for what."""

    name: str
    may_write: bool
    created: datetime

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        return cls.like(key, created=to_second(key.created_at))

    @property
    def rights(self) -> str:
        return "read and write" if self.may_write else "read"


class NewKey(Document, frozen=True, kw_only=True):
    """A key that was just made."""

    name: str
    may_write: bool
    key: str
    """Told this once."""


class OpenSession(Document, frozen=True, kw_only=True):
    """A browser in which somebody signed in."""

    id: str
    key: str | None
    """The name of the API key that it was opened with."""
    browser: str
    opened: datetime
    used: datetime

    @classmethod
    def of(cls, session: Session, names: Mapping[str, str]) -> Self:
        """`names` of the keys, by their digests."""
        return cls(
            id=cls.mark_of(session),
            key=names.get(session.key),
            browser=session.browser,
            opened=to_second(session.opened_at),
            used=to_second(session.used_at),
        )

    @staticmethod
    def mark_of(session: Session) -> str:
        """What it is called, which lets nobody in."""
        return digest_of(session.digest)[:16]
