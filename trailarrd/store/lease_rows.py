"""The rows of leases: how one is taken, prolonged, checked and given back. Only the server's clock counts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from trailarrd.store.tables import LeaseTable

NOW: Final = sa.func.clock_timestamp(type_=LeaseTable.until.type)
"""Not `now()`, which stands still within a transaction."""
_NOBODY: Final = ""
"""Who has given a lease back is not one who hangs: nobody ends the sessions of that one."""
_GIVEN_BACK: Final = datetime(1970, 1, 1, tzinfo=UTC)

_MAKE: Final = sa.text(
    "INSERT INTO leases (name, owner, holder, fence, until, note)"
    " SELECT CAST(:name AS text), '', '', 0, '-infinity', '{}'"
    " WHERE NOT EXISTS (SELECT FROM leases WHERE name = :name) ON CONFLICT DO NOTHING"
)
"""If it is not there at all: a conflict with one that is just being taken would be waited for."""
_TAKE: Final = sa.text(
    "UPDATE leases AS lease SET owner = :owner, holder = :holder, fence = lease.fence + 1,"
    " since = clock_timestamp(), until = clock_timestamp() + CAST(:ttl AS interval)"
    " FROM (SELECT name, owner, holder FROM leases WHERE name = :name AND until <= clock_timestamp()"
    " FOR UPDATE SKIP LOCKED) AS before WHERE lease.name = before.name"
    " RETURNING lease.fence, before.owner, before.holder"
)
"""Who is in the middle of writing still is not waited for here, but by trying again."""
_EVICT: Final = sa.text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = current_user"
    " AND application_name IN (SELECT 'trailarrd ' || owner FROM leases WHERE name = :name"
    " AND owner <> :owner AND until <= clock_timestamp() - CAST(:grace AS interval))"
)
"""A process that is frozen in the middle of a transaction would keep its row for ever. One that has lost its
own lease, as the server was away, is none of those: it would end the session in which it asks."""
_TELL: Final = sa.text("SELECT pg_notify('trailarrd', current_setting('application_name'))")


def wake(db: sa.Connection) -> None:
    """Have all who listen look, once this is committed."""
    db.execute(_TELL)


class Taken(NamedTuple):
    """A lease that was taken just now."""

    fence: int
    owner: str
    """Who had it before; nobody, if that one has given it back."""
    holder: str
    """The same for people, and also of who has given it back; empty if nobody ever had it."""


def take(db: sa.Connection, name: str, owner: str, holder: str, ttl: timedelta) -> Taken | None:
    """A lease that is this owner's from now on; None if it is another one's."""
    db.execute(_MAKE, {"name": name})  # first: where nothing can be written, nobody is frozen for that
    db.execute(_EVICT, {"name": name, "owner": owner, "grace": ttl / 4})
    row = db.execute(_TAKE, {"name": name, "owner": owner, "holder": holder, "ttl": ttl}).first()
    if row is None:
        return None
    wake(db)
    return Taken(*row)


def give(db: sa.Connection, owner: str, names: Collection[str]) -> None:
    """Nobody has these any more, as far as they are this owner's; all who wait are woken."""
    table = LeaseTable
    ours = sa.update(table).where(table.name.in_(names), table.owner == owner)
    db.execute(ours.values(owner=_NOBODY, until=_GIVEN_BACK))
    wake(db)


class Renewed(NamedTuple):
    """The leases of an owner, by their names."""

    fences: dict[str, int]
    at: datetime | None
    """The server's time then; not told where there are none."""


def renew(db: sa.Connection, owner: str, ttl: timedelta) -> Renewed:
    """Prolong all that are this owner's still."""
    table = LeaseTable
    ours = sa.update(table).where(table.owner == owner, table.until > NOW)
    renewed = ours.values(until=NOW + sa.literal(ttl, sa.Interval)).returning(table.name, table.fence, NOW)
    rows = db.execute(renewed).all()
    return Renewed({name: fence for name, fence, _ in rows}, rows[0][2] if rows else None)


def time(db: sa.Connection) -> datetime:
    """The server's."""
    now: datetime = db.execute(sa.select(NOW)).scalar_one()
    return now


def kept(db: sa.Connection, owner: str, names: Collection[str]) -> dict[str, int]:
    """The fences of those that are this owner's; nobody takes them over before this transaction ends."""
    table = LeaseTable
    ours = sa.select(table.name, table.fence).where(
        table.name.in_(names), table.owner == owner, table.until > NOW
    )
    return dict(db.execute(ours.with_for_update(key_share=True, read=True)).all())


def note(db: sa.Connection, name: str, owner: str, told: Mapping[str, Any], *, aloud: bool = True) -> bool:
    """Tell something of a lease, and whether it is this owner's still; `aloud` wakes the others."""
    ours = (LeaseTable.name == name, LeaseTable.owner == owner, LeaseTable.until > NOW)
    found = db.execute(sa.update(LeaseTable).where(*ours).values(note=dict(told))).rowcount
    if aloud:
        wake(db)
    return bool(found)


def living(db: sa.Connection) -> Sequence[sa.Row[Any]]:
    """All that are somebody's now, by their names: whose they are, since when, and what is told of them."""
    table = LeaseTable
    columns = (table.name, table.owner, table.holder, table.since, table.note)
    found: Any = db.execute(sa.select(*columns).where(table.until > NOW).order_by(table.name))
    rows: Sequence[sa.Row[Any]] = found.all()
    return rows


def noted(db: sa.Connection, name: str) -> dict[str, Any]:
    """What was told last of a lease, whoever has it."""
    return db.scalar(sa.select(LeaseTable.note).where(LeaseTable.name == name)) or {}


def holder(db: sa.Connection, name: str) -> str | None:
    """Who has it, for people."""
    lives = (LeaseTable.name == name, LeaseTable.until > NOW)
    return db.scalar(sa.select(LeaseTable.holder).where(*lives))


def user(db: sa.Connection) -> str | None:
    """Somebody who has one, for people; nobody where the tables are so old that there are none."""
    has_one = sa.select(LeaseTable.holder).where(LeaseTable.until > NOW)
    return db.scalar(has_one) if sa.inspect(db).has_table(LeaseTable.__tablename__) else None


def barred(db: sa.Connection) -> str | None:
    """What keeps everybody from writing, so that nobody can have a lease."""
    is_standby, is_read_only = db.execute(_BAR).one()
    if is_standby:
        return "its server is a standby, which nobody can write"
    return "its server is set so that nobody can write" if is_read_only == "on" else None


_BAR: Final = sa.text("SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')")


def forget(db: sa.Connection, prefix: str, after: timedelta) -> None:
    """Erase those that nobody will take again, of processes that ended long ago."""
    table = LeaseTable
    over = (table.name.startswith(prefix), table.until < NOW - sa.literal(after, sa.Interval))
    db.execute(sa.delete(table).where(*over))
