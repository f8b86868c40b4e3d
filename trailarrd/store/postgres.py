"""PostgreSQL: from an address to an engine, and what a broken line means. Loaded only where one is used."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import URL, Connection
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from trailarrd.concurrency import to_completion
from trailarrd.store.failures import UnreachableError, is_lost, is_passing

T = TypeVar("T")

_READ_ONLY: Final = "25006"

_CONNECTING: Final = 10.0
"""Seconds in which a server has let us in."""
_STATEMENT: Final = 60.0
"""Seconds after which a statement is given up: nothing else ends one whose answer the network swallows."""
_LIFE: Final = 1800
"""Seconds after which an idle session is not used again: firewalls forget it."""
_NO_CACHE: Final = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
_BETWEEN_QUESTIONS: Final = 0.1
"""Seconds."""


def create_engine(
    url: URL, *, session: str, pooler: bool, patient: bool, within: float | None, options: dict[str, Any]
) -> AsyncEngine:
    """An engine of whose sessions the server lists the name `session`; `options` are those of every engine.

    Behind a pooler nothing is prepared for later: the next transaction may meet another session. A `patient`
    one gives no statement up, else each has to end `within` so many seconds.
    """
    limit = within or _STATEMENT
    connecting = min(_CONNECTING, limit, max(1.0, options["execution_options"]["busy_timeout"]))
    settings = {"timeout": connecting, "command_timeout": None if patient else limit}
    engine = create_async_engine(
        url,
        **options,
        pool_recycle=_LIFE,
        connect_args={
            **settings,
            "server_settings": {"application_name": session},
            **(_NO_CACHE if pooler else {}),
        },
    )
    return engine.execution_options(attempt=attempt, is_patient=patient)


def of_leases(engine: AsyncEngine) -> AsyncEngine:
    """The same for leases, which wait for nobody's turn to write: a long one would make them end."""
    return engine.execution_options(attempt=_attempt_in_haste)


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same for transactions that only read, and see one state from beginning to end."""
    return engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True, attempt=_attempt_to_read
    )


_LIMITS: Final = sa.text(
    "SELECT set_config('idle_in_transaction_session_timeout', '15000', true),"
    " set_config('lock_timeout', :patience, true)"
)
"""A process that is frozen in the middle of a transaction would keep all others from writing for ever."""
_TURN: Final = sa.text("SELECT pg_advisory_xact_lock(hashtext('trailarrd'))")
_NUMBER: Final = sa.text("SELECT CAST(pg_current_xact_id() AS text)")
_NEWS: Final = sa.text(
    "SELECT CAST(pg_current_xact_id() AS text), pg_notify('trailarrd', current_setting('application_name'))"
)
"""The same, and who listens is woken when it is committed; once for each transaction."""
_STATUS: Final = sa.text("SELECT pg_xact_status(CAST(CAST(:number AS text) AS xid8))")


async def attempt(engine: AsyncEngine, work: Callable[[Connection], T], is_over: Callable[[], bool]) -> T:
    """A transaction that writes, while no other one does: see `_take_turn`."""
    patience = "0" if engine.sync_engine.get_execution_options()["is_patient"] else "10000"

    def in_turn(db: Connection) -> T:
        _take_turn(db, patience)
        return work(db)

    return await _attempt_to_write(engine, in_turn, is_over, _NEWS)


def _take_turn(db: Connection, patience: str) -> None:
    """Nobody else writes from now on until this transaction is over.

    So a refresh and the user's word on an item cannot contradict or block each other, what was read is so
    still when it is written, and history has its numbers in the order in which it can be seen: as on SQLite.
    """
    db.execute(_LIMITS, {"patience": patience})
    db.execute(_TURN)


async def _attempt_in_haste(
    engine: AsyncEngine, work: Callable[[Connection], T], is_over: Callable[[], bool]
) -> T:
    """One that another one holds up for no longer than a second, whatever became of that."""

    def hasty(db: Connection) -> T:
        db.execute(_LIMITS, {"patience": "1000"})
        return work(db)

    return await _attempt_to_write(engine, hasty, is_over)


async def _attempt_to_write(
    engine: AsyncEngine,
    work: Callable[[Connection], T],
    is_over: Callable[[], bool],
    number_of: sa.TextClause = _NUMBER,
) -> T:
    """If the COMMIT is not answered, the server is asked what became of it."""
    number, results = "", list[T]()

    def numbered(db: Connection) -> None:
        nonlocal number
        result = work(db)
        number = db.scalar(number_of)
        results.append(result)

    try:
        await _attempt_to_read(engine, numbered, is_over)
    except (DBAPIError, UnreachableError) as error:
        if not (results and is_lost(error) and await _was_committed(engine, number, is_over)):
            raise
    return results[0]


async def _attempt_to_read(
    engine: AsyncEngine, work: Callable[[Connection], T], _is_over: Callable[[], bool]
) -> T:
    async with connected(engine) as connection, connection.begin():
        return await connection.run_sync(work)


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A session of the server; raises `UnreachableError` if there is none, or it does not answer."""
    try:
        connection = await engine.connect()
    except OSError as error:
        raise UnreachableError(_reason(error)) from error
    try:
        yield connection
    except TimeoutError as error:
        await connection.invalidate()
        raise UnreachableError(_reason(error)) from error
    except DBAPIError as error:
        if isinstance(error.orig, AsyncAdapt_asyncpg_dbapi.InternalClientError):
            # Its server has ended it while it was idle, which the driver has taken for half an answer.
            await connection.invalidate()
            raise UnreachableError("its server has ended the session") from error
        if getattr(error.orig, "sqlstate", None) == _READ_ONLY:
            await connection.invalidate()  # after a failover the same name leads to another server
        raise
    finally:
        await connection.close()


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or "it does not answer"


async def _was_committed(engine: AsyncEngine, number: str, is_over: Callable[[], bool]) -> bool:
    """What became of a transaction; raises what is in the way if the server cannot say it in time."""
    while True:
        try:
            async with connected(engine) as connection:
                status = await connection.scalar(_STATUS, {"number": number})
        except (DBAPIError, UnreachableError) as error:
            if is_over() or not is_passing(error):
                raise
        else:
            # The server may not have noticed yet that the line is broken.
            if status != "in progress" or is_over():
                return bool(status == "committed")
        await asyncio.sleep(_BETWEEN_QUESTIONS)


class PostgresVersion:
    """Which transactions a look would see: another one is among them as soon as one was committed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._is_over = False

    async def now(self) -> object:
        """Whoever asks may be cancelled; a session that is cut short would never come back to its pool."""
        return await to_completion(self._now())

    async def _now(self) -> object:
        if self._is_over:  # who is late connects no more: nobody would close that
            return object()
        try:
            async with connected(self._engine) as connection:
                return await connection.scalar(_SNAPSHOT)
        except (DBAPIError, UnreachableError):
            return object()  # nobody knows, so something may be new

    async def close(self) -> None:
        self._is_over = True


_SNAPSHOT: Final = sa.text("SELECT CAST(pg_current_snapshot() AS text)")
