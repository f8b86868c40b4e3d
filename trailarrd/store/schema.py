"""Is this our database, and does it have the tables that this program works with?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from trailarrd.errors import DatabaseError, DatabaseTooNewError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0002"
"""The newest revision in `migrations/`; known here so that alembic is loaded only when needed."""

_OURS: Final = frozenset({"alembic_version", "refreshes"})
"""Tables that tell a trailarrd database, of whatever version, from another program's."""


def is_current(db: sa.Connection, place: str) -> bool:
    """Whether nothing needs to be done; refuses a database that is not trailarrd's."""
    return revision_of(db, place) == HEAD


def revision_of(db: sa.Connection, place: str) -> str | None:
    """The revision of the tables; None for an empty database."""
    tables = set(sa.inspect(db).get_table_names())
    if not tables:
        return None
    if not tables >= _OURS:
        raise DatabaseError(
            f"database {place} belongs to another program; give trailarrd one of its own with database.url"
        )
    return db.scalar(sa.select(sa.column("version_num")).select_from(sa.table("alembic_version")))


def migrate(db: sa.Connection, place: str) -> None:
    """Bring the tables to this program's state, or refuse if a newer one made them."""
    revision = revision_of(db, place)  # again: another process may just have done it
    if revision == HEAD:
        return
    from alembic import command  # noqa: PLC0415  # slow, and seldom needed

    config = alembic_config(db)
    if revision is not None and not _is_known(config, revision):
        raise DatabaseTooNewError(
            f"database {place} was written by a newer trailarrd (its revision is {revision},"
            f" this program knows up to {HEAD}); upgrade trailarrd, or restore a backup"
        )
    command.upgrade(config, "head")


def alembic_config(db: sa.Connection) -> Config:
    """What alembic needs to work on an open transaction."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", "trailarrd.store:migrations")
    return config


def _is_known(config: Config, revision: str) -> bool:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    steps = ScriptDirectory.from_config(config).walk_revisions()
    return revision in {step.revision for step in steps}
