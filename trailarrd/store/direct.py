"""Do two URLs lead to one database of one server? What is locked by the one is seen locked by the other."""

import secrets
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from trailarrd.concurrency import to_completion
from trailarrd.errors import ConfigError
from trailarrd.store.failures import translated
from trailarrd.store.postgres import connected, reading
from trailarrd.store.transactions import transact

_HERE: Final = sa.text("SELECT 1")
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(:one, :other)")
_IS_LOCKED: Final = sa.text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
    " AND classid = CAST(CAST(:one AS bigint) AS oid) AND objid = CAST(CAST(:other AS bigint) AS oid)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
"""A name, an id or a row would be the same in a copy or on a standby; a lock is of one running server."""


async def must_be_one(direct: AsyncEngine, direct_name: str, opened: AsyncEngine, name: str) -> None:
    """Raises `ConfigError` if `direct`, of `database.listen_url`, leads elsewhere than `opened`.

    `DatabaseError` if one of them cannot be asked.
    """
    await transact(reading(direct), direct_name, _ask)  # waits for a server that is just being started
    if not await to_completion(_is_one(direct, direct_name, opened, name)):
        raise ConfigError(
            f"database.listen_url, {direct_name}, leads to another database than database.url, {name};"
            " it must name the same one, past the pooler"
        )


async def _is_one(direct: AsyncEngine, direct_name: str, opened: AsyncEngine, name: str) -> bool:
    key = {"one": secrets.randbits(31), "other": secrets.randbits(31)}
    with translated(direct_name):
        async with connected(direct) as session, session.begin():
            await session.execute(_LOCK, key)
            found = await transact(reading(opened), name, _sees, key)
            await session.execute(_HERE)  # a session that was ended meanwhile has no lock any more
            return found


def _ask(db: sa.Connection) -> None:
    db.execute(_HERE)


def _sees(db: sa.Connection, key: dict[str, int]) -> bool:
    return bool(db.scalar(_IS_LOCKED, key))
