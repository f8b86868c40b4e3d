"""What others show to be let in, by its hash, so that the database gives none of it away."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from trailarrd.store.tables import ApiKeyTable, SessionTable, WebhookTable


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
    """Whether there was a key of that name; there is none any more, nor a session opened with it."""
    digest = sa.select(ApiKeyTable.digest).where(ApiKeyTable.name == name)
    db.execute(sa.delete(SessionTable).where(SessionTable.key.in_(digest)))
    return db.execute(sa.delete(ApiKeyTable).where(ApiKeyTable.name == name)).rowcount > 0


@dataclass(frozen=True, slots=True)
class Session:
    """What is kept of a browser in which somebody signed in."""

    digest: str
    """SHA-256 of what its cookie holds, in hexadecimal."""
    key: str
    """The digest of the API key that it was opened with: it may what that may."""
    browser: str
    """What it called itself, for people."""
    opened_at: datetime
    used_at: datetime
    """When it was seen last, to the hour."""


def sessions(db: sa.Connection) -> Sequence[Session]:
    """Every session, the one that was used last first."""
    table = SessionTable
    columns = (table.digest, table.key, table.browser, table.opened_at, table.used_at)
    statement = sa.select(*columns).order_by(table.used_at.desc(), table.id.desc())
    return [Session(*row) for row in db.execute(statement)]


def open_session(db: sa.Connection, session: Session, *, idle_since: datetime, most: int) -> None:
    """Keep it; those that nobody used since then end, and of more than `most` those that idled longest."""
    db.execute(sa.delete(SessionTable).where(SessionTable.used_at < idle_since))
    db.execute(sa.insert(SessionTable), asdict(session))
    for one in sessions(db)[most:]:
        close_session(db, one.digest)


def use_session(db: sa.Connection, digest: str, at: datetime) -> None:
    """Note that it was seen then."""
    db.execute(sa.update(SessionTable).where(SessionTable.digest == digest).values(used_at=at))


def close_session(db: sa.Connection, digest: str) -> bool:
    """Whether there was such a session; there is none any more."""
    return db.execute(sa.delete(SessionTable).where(SessionTable.digest == digest)).rowcount > 0


_WEBHOOK_DIGESTS: Final = sa.select(WebhookTable.connection, WebhookTable.digest)


def webhook_digests(db: sa.Connection) -> dict[str, str]:
    """With which token each connection's server posts its events, by its hash."""
    return {row.connection: row.digest for row in db.execute(_WEBHOOK_DIGESTS)}


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
