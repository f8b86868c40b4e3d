"""What others show to be let in, by its hash, so that the database gives none of it away."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from trailarrd.store.tables import ApiKeyTable, WebhookTable


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key to the HTTP API."""

    name: str
    digest: str
    """SHA-256 in hexadecimal: enough for a key of 256 random bits, which nobody can guess."""
    may_write: bool
    created_at: datetime


def api_keys(db: sa.Connection) -> Sequence[ApiKey]:
    """Every key by name."""
    table = ApiKeyTable
    columns = (table.name, table.digest, table.may_write, table.created_at)
    return [ApiKey(*row) for row in db.execute(sa.select(*columns).order_by(table.name))]


def add_api_key(db: sa.Connection, key: ApiKey) -> bool:
    """Whether the key is there now; False if another one has its name."""
    if db.scalar(sa.select(sa.exists().where(ApiKeyTable.name == key.name))):
        return False
    db.execute(sa.insert(ApiKeyTable), asdict(key))
    return True


def revoke_api_key(db: sa.Connection, name: str) -> bool:
    """Whether there was a key of that name; there is none any more."""
    return db.execute(sa.delete(ApiKeyTable).where(ApiKeyTable.name == name)).rowcount > 0


def webhook_digests(db: sa.Connection) -> dict[str, str]:
    """With which token each connection's server posts its events, by its hash."""
    rows = db.execute(sa.select(WebhookTable.connection, WebhookTable.digest))
    return {row.connection: row.digest for row in rows}


def webhook_urls(db: sa.Connection) -> dict[str, str | None]:
    """Where each connection's server was told to post its events; None: nobody has noted that."""
    rows = db.execute(sa.select(WebhookTable.connection, WebhookTable.url))
    return {row.connection: row.url for row in rows}


def put_webhook_token(
    db: sa.Connection, connection: str, digest: str, at: datetime, url: str | None = None
) -> None:
    """Take a connection's events with this token, and with no earlier one any more."""
    remove_webhook_token(db, connection)
    row = {"connection": connection, "digest": digest, "created_at": at, "url": url}
    db.execute(sa.insert(WebhookTable), row)


def remove_webhook_token(db: sa.Connection, connection: str) -> bool:
    """Take no events of a connection any more; whether there was a token."""
    return db.execute(sa.delete(WebhookTable).where(WebhookTable.connection == connection)).rowcount > 0
