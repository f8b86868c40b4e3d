"""Keys to the HTTP API, without what they are."""

from datetime import datetime
from typing import Self

from trailarrd.documents import Document, to_second
from trailarrd.store.credentials import ApiKey


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
