"""Is this our database, and does it have the tables that this program works with?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from trailarrd.errors import DatabaseError, DatabaseTooNewError
from trailarrd.store.portable import keep_indexes_partial
from trailarrd.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from alembic.config import Config

_STEPS: Final = Path(__file__).parent / "migrations" / "versions"

_OURS: Final = frozenset({"alembic_version", "refreshes"})
"""Tables that tell a trailarrd database, of whatever version, from another program's."""


def head() -> str:
    """The newest revision, by the names of the steps: alembic is slow to load, and seldom needed."""
    return max(step.name.partition("_")[0] for step in _STEPS.glob("[0-9]*_*.py"))


def is_current(db: sa.Connection, place: str) -> bool:
    """Whether nothing needs to be done; refuses a database that is not trailarrd's."""
    return revision_of(db, place) == head()


def must_be_current(db: sa.Connection, place: str) -> None:
    """Raise `DatabaseError` if the tables are not those that this program works with."""
    revision = revision_of(db, place)
    if revision is None:
        raise DatabaseError(f"database {place} is empty")
    if revision != head():
        refuse_newer(revision, place)
        raise DatabaseError(
            f"database {place} is at revision {revision}, and reading it alone cannot bring it up to date:"
            " 'trailarrd connections' does, after a backup"
        )


def revision_of(db: sa.Connection, place: str) -> str | None:
    """The revision of the tables; None for an empty database."""
    if not has_tables(sa.inspect(db).get_table_names(), place):
        return None
    return db.scalar(sa.select(sa.column("version_num")).select_from(sa.table("alembic_version")))


def has_tables(names: Iterable[str], place: str) -> bool:
    """Whether a database with these tables is ours; False if there are none."""
    tables = set(names)
    if tables and not tables >= _OURS:
        raise DatabaseError(
            f"database {place} belongs to another program; give trailarrd one of its own with database.url"
        )
    return bool(tables)


def migrate(
    db: sa.Connection,
    place: str,
    user: Callable[[sa.Connection], str | None],
    before: Callable[[str], object],
) -> None:
    """Bring the tables to this program's state, or refuse if a newer one made them, or they are in use.

    `user` says by whom. `before` is told the old revision, if there is one; nothing is changed if it fails.
    """
    revision = revision_of(db, place)  # again: another process may just have done it
    if revision == head():
        return
    if revision is None:
        _make(db)
        return
    refuse_newer(revision, place)
    if using := user(db):
        raise DatabaseError(
            f"database {place} is at revision {revision} and in use by {using};"
            " stop that first, as the tables of a newer version are none that it knows"
        )
    before(revision)
    from alembic import command  # noqa: PLC0415  # slow, and seldom needed

    command.upgrade(alembic_config(db), "head")


def _make(db: sa.Connection) -> None:
    """The tables as all steps together make them, without alembic: a first start would keep it in memory."""
    keep_indexes_partial(db, Base.metadata)
    Base.metadata.create_all(db)
    key = sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc")
    version = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32)), key)
    version.create(db)
    db.execute(sa.insert(version), {"version_num": head()})


def refuse_newer(revision: str, place: str) -> None:
    """Raise `DatabaseTooNewError` for a revision that this program does not know."""
    if revision != head() and not _is_known(revision):
        raise DatabaseTooNewError(
            f"database {place} was written by a newer trailarrd (its revision is {revision},"
            f" this program knows up to {head()}); upgrade trailarrd, or restore a backup"
        )


def alembic_config(db: sa.Connection | None = None) -> Config:
    """What alembic needs to know its steps, and to take them on an open transaction."""
    from alembic.config import Config  # noqa: PLC0415  # only where tables are made

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", "trailarrd.store:migrations")
    return config


def _is_known(revision: str) -> bool:
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # only where tables are made

    steps = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return revision in {step.revision for step in steps}
