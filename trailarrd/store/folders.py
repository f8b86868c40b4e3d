"""Where items lie, and which trailer they have there: what is needed of each to look at a whole library."""

from typing import Final, NamedTuple

import sqlalchemy as sa

from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.store.tables import ConnectionTable, MediaTable

_PAGE: Final = 1000


class ItemFolder(NamedTuple):
    id: int
    remote_path: RemotePath
    local_path: LocalPath | None
    main_file: str | None
    trailer_file: str | None
    vanishes: bool
    """Its trailer is held to be there, though it is not seen any more, whatever its name."""


def page(
    db: sa.Connection, connection: str, *, after: int = 0, only_trailers: bool = False
) -> list[ItemFolder]:
    """The next living items of a connection by id; on request only those that have, or had, a trailer."""
    media = MediaTable
    vanishes = media.vanishing_since.is_not(None) & media.misnamed.is_(False)
    columns = (media.id, media.remote_path, media.local_path, media.main_file, media.trailer_file, vanishes)
    named = sa.select(ConnectionTable.id).where(ConnectionTable.name == connection).scalar_subquery()
    which = [media.connection_id == named, media.removed_at.is_(None), media.id > after]
    if only_trailers:
        which.append(media.trailer_file.is_not(None) | vanishes)
    statement = sa.select(*columns).where(*which).order_by(media.id).limit(_PAGE)
    return list(map(ItemFolder._make, db.execute(statement)))
