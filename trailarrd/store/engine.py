"""The way to the database: from its URL to an engine whose transactions are real ones."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from trailarrd.domain.paths import database_file
from trailarrd.domain.secret import Secret
from trailarrd.errors import DatabaseError
from trailarrd.store.driver import connect
from trailarrd.store.failures import translated
from trailarrd.store.files import private_mode

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

_PAGE_BYTES: Final = 8192
"""Twice SQLite's own: an item with its facts is a kilobyte, and a quarter of such pages would stay empty."""
_BETWEEN_TRIES: Final = 0.01
"""Seconds."""

_ONE_TRY: Final = 0.25
"""Seconds that SQLite itself waits for another program's write: its wait cannot be given up."""

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
"""What a URL means that names no driver: the ones that asyncio can use."""


def parse_url(text: str, password: Secret | None = None) -> URL:
    """The database's address; SQLite must be a file, as memory cannot be shared by transactions."""
    file = database_file(text)
    # SQLAlchemy reads a URL with escapes and options, and so would open another file than the one named.
    url = _parsed(text) if file is None else URL.create("sqlite", database=file)
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    is_file = url.get_backend_name() == "sqlite"
    if is_file and (url.database or ":memory:") == ":memory:":
        raise DatabaseError("database.url names no file: SQLite needs one")
    if url.drivername not in _DRIVERS.values():
        raise DatabaseError(f"database driver {url.drivername!r} is none of trailarrd's")
    return url.set(password=password.reveal()) if password and not is_file else url


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseError(
            "database.url is not a database URL such as 'sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db'"
        ) from None


def place_of(url: URL) -> str:
    """What to call the database in a message: its file, or its URL without the password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True)


def file_of(url: URL) -> Path | None:
    """The SQLite file at `url`; None if the database is no file that we may touch."""
    if url.get_backend_name() != "sqlite" or str(url.database).startswith("file:"):
        return None
    return Path(str(url.database))


def to_read(url: URL) -> URL:
    """The same database for reading only: not even its journal is tidied up."""
    if (path := file_of(url)) is None:
        return url
    return url.set(database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})


def sqlite_file(text: str, *, must_exist: bool = True) -> Path:
    """The file of a database that must be a SQLite file."""
    url = parse_url(text)
    if (path := file_of(url)) is None:
        raise DatabaseError(f"database {place_of(url)} is on a server: pg_dump and pg_restore copy it")
    if must_exist:
        create_file(path, create=False)
    return path


def prepare_file(path: Path, *, busy_timeout: float) -> None:
    """See to it that a SQLite file takes a writer beside its readers; the file remembers it."""
    # SQLite's own patience ends where two programs switch at once.
    deadline = time.monotonic() + busy_timeout
    with translated(str(path)), closing(sqlite3.connect(path, timeout=busy_timeout)) as database:
        while True:
            try:
                database.execute(f"PRAGMA page_size={_PAGE_BYTES}")  # of a file that is still empty
                database.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_BETWEEN_TRIES)
            else:
                return


def create_file(path: Path, *, create: bool) -> None:
    """See to it that the file is there and, if it is new, private; without `create` it must be."""
    try:
        if path.exists():
            return
        if not create:
            raise DatabaseError(f"there is no database {path} yet: it is made by the first refresh")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(private_mode(path.parent))  # whatever the umask
    except OSError as error:
        raise DatabaseError(f"database {path} cannot be created: {error.strerror}") from error


def create_engine(
    url: URL,
    *,
    busy_timeout: float,
    to_migrate: bool = False,
    pooler: bool = False,
    session: str = "trailarrd",
    within: float | None = None,
) -> AsyncEngine:
    """An engine whose transactions are real ones, on SQLite too.

    Its connections tell `busy_timeout` as the execution option `busy_timeout`. Where it is for
    changing tables, SQLite does not look after foreign keys, and no statement is given up for taking long.
    What `pooler`, `session` and `within` mean is told in `postgres`.
    """
    options: dict[str, Any] = {
        "hide_parameters": True,
        "json_deserializer": _from_json,
        "execution_options": {"busy_timeout": busy_timeout},
    }
    try:
        if url.get_backend_name() == "postgresql":
            from trailarrd.store import postgres  # noqa: PLC0415  # only where there is one

            return postgres.create_engine(
                url, session=session, pooler=pooler, patient=to_migrate, within=within, options=options
            )
        engine = create_async_engine(url, **options, connect_args={"timeout": min(busy_timeout, _ONE_TRY)})
    except ImportError as error:
        extra = "; pip install 'trailarrd[postgres]' brings it" if error.name == "asyncpg" else ""
        raise DatabaseError(f"database driver {error.name!r} is not installed{extra}") from error
    _make_transactional(engine, foreign_keys=not to_migrate)
    return engine


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same for transactions that only read."""
    if engine.url.get_backend_name() == "postgresql":
        from trailarrd.store import postgres  # noqa: PLC0415  # only where there is one

        return postgres.reading(engine)
    return engine.execution_options(read_only=True)


def _from_json(text: str) -> object:
    """What a column holds. msgspec is ten times faster, but refuses half a surrogate pair."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _make_transactional(engine: AsyncEngine, *, foreign_keys: bool) -> None:
    event.listen(engine.sync_engine, "do_connect", connect)
    pragmas = ("synchronous=NORMAL", f"foreign_keys={'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # Without this, sqlite3 begins transactions when it sees fit, and never for DDL.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer fails at once when another one wrote
        # meanwhile, without waiting for it; so writers announce themselves.
        read_only = connection.get_execution_options().get("read_only", False)
        plain: Any = connection.connection.dbapi_connection
        plain.begin_by("BEGIN" if read_only else "BEGIN IMMEDIATE")
