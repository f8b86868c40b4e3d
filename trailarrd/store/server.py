"""Is a database on a server fit for us, ours, current, writable, whole? Nothing is changed."""

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from trailarrd.concurrency import to_completion
from trailarrd.domain.database import Condition, DatabaseAddress
from trailarrd.errors import ConfigError, DatabaseError
from trailarrd.store.engine import reading
from trailarrd.store.place import Place
from trailarrd.store.schema import head, refuse_newer, revision_of
from trailarrd.store.tables import Base
from trailarrd.store.transactions import transact

_OLDEST: Final = 130000
"""PostgreSQL 13 is the first that tells what became of a transaction as we ask for it."""
_ENCODING: Final = "UTF8"


async def condition_of_server(address: DatabaseAddress, *, patience: float = 5.0) -> Condition:
    """Look at the database; raises nothing, whatever is wrong with it."""
    place = Place.of(address, patience)
    try:
        engine = place.engine(within=patience)
    except DatabaseError as error:
        return Condition(place=place.name, is_file=False, trouble=str(error))
    try:
        condition = await transact(reading(engine), place.name, _look, place.name)
        await place.must_be_one(engine)
    except (DatabaseError, ConfigError) as error:
        return Condition(place=place.name, is_file=False, trouble=str(error))
    else:
        return condition
    finally:
        await to_completion(engine.dispose())


def _look(db: sa.Connection, place: str) -> Condition:
    began = datetime.now(UTC)
    server, number, encoding, clock, is_standby, is_read_only, may_create, _ = db.execute(_FACTS).one()
    now = began + (datetime.now(UTC) - began) / 2
    if int(number) < _OLDEST:
        raise DatabaseError(f"database {place} is on PostgreSQL {server}; trailarrd needs 13 or newer")
    if encoding != _ENCODING:
        raise DatabaseError(
            f"database {place} is encoded as {encoding}; make one with 'createdb -E UTF8 -T template0'"
        )
    revision = revision_of(db, place)
    if revision is not None:
        refuse_newer(revision, place)
    is_current = revision == head()
    unindexed = db.scalar(_UNINDEXED) if is_current else 0
    return Condition(
        place=place,
        is_file=False,
        server=f"PostgreSQL {server}",
        exists=revision is not None,
        revision=revision,
        is_current=is_current,
        damages=tuple(_orphans(db)) if is_current else (),
        not_writable=_bar(
            place, is_standby=is_standby, is_read_only=is_read_only == "on", may_create=may_create
        ),
        clock=clock - now,
        unindexed=unindexed or 0,
    )


def _bar(place: str, *, is_standby: bool, is_read_only: bool, may_create: bool) -> str | None:
    """What keeps us from writing."""
    if is_standby:
        return f"{place} is on a standby, which nobody can write"
    if is_read_only:
        return f"{place} is set so that nobody can write (default_transaction_read_only)"
    return None if may_create else f"this user may make no tables in {place}"


_FACTS: Final = sa.text(
    "SELECT current_setting('server_version'), current_setting('server_version_num'),"
    " (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()),"
    " clock_timestamp(), pg_is_in_recovery(), current_setting('default_transaction_read_only'),"
    " has_schema_privilege(current_schema(), 'CREATE'), set_config('lock_timeout', '500', true)"
)
"""The last tells nothing: tables that another one is changing are waited for half a second, not for ever."""


_UNINDEXED: Final = sa.text(
    "SELECT CAST(max(reltuples) AS bigint) FROM pg_class WHERE oid = CAST('media' AS regclass)"
    " AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')"
    " AND NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'media' AND indexdef LIKE '%gin_trgm_ops%')"
)
"""About how many items there are, if an index by trigrams is possible and missing."""


def _orphans(db: sa.Connection) -> list[str]:
    """Rows that refer to nothing: a server keeps them out, unless somebody has told it not to."""
    found = []
    for key in (key for table in Base.metadata.sorted_tables for key in table.foreign_keys):
        own, other = key.parent, key.column
        # Not `not_in`: what does not fit into the server's memory for it is read again for each row.
        lost = sa.select(sa.func.count()).where(own.is_not(None), ~sa.exists().where(other == own))
        if number := db.scalar(lost):
            found.append(f"{number} rows of {own.table.name} refer to nothing in {other.table.name}")
    return found
