"""API keys: by their hash, so that the database gives none of them away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from trailarrd.store.tables import ApiKeyTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key."""

    name: str
    digest: str
    """SHA-256 in hexadecimal: enough for a key of 256 random bits, which nobody can guess."""
    may_write: bool
    created_at: datetime


def listing(db: sa.Connection) -> Sequence[ApiKey]:
    """Every key by name."""
    table = ApiKeyTable
    columns = (table.name, table.digest, table.may_write, table.created_at)
    return [ApiKey(*row) for row in db.execute(sa.select(*columns).order_by(table.name))]


def add(db: sa.Connection, key: ApiKey) -> bool:
    """Whether the key is there now; False if another one has its name."""
    table = ApiKeyTable
    if db.scalar(sa.select(sa.exists().where(table.name == key.name))):
        return False
    values = {
        "name": key.name,
        "digest": key.digest,
        "may_write": key.may_write,
        "created_at": key.created_at,
    }
    db.execute(sa.insert(table), values)
    return True


def revoke(db: sa.Connection, name: str) -> bool:
    """Whether there was a key of that name; there is none any more."""
    return db.execute(sa.delete(ApiKeyTable).where(ApiKeyTable.name == name)).rowcount > 0
