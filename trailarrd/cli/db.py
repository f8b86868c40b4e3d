"""`trailarrd db`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.output import tell
from trailarrd.cli.progress import working

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trailarrd.domain.database import DatabaseAddress


@click.group(name="db")
def db() -> None:
    """Look after the database file: back it up, check it, or put a backup in its place.

    None of this asks an Arr server or changes an item. A database on a server can be checked,
    and copied there and back; else it has tools of its own.
    """


@db.command(name="backup")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@command_body
async def backup(context: Context, file: Path | None) -> None:
    """Copy the database to FILE, whole and consistent, while trailarrd runs or not.

    Without FILE the copy lies beside the database, where the newest ones are kept and older ones go
    (database.backups). A FILE is yours: it is never overwritten, and never deleted.
    """
    from trailarrd.store.backup import back_up, copy

    if file is None:
        keep = max(context.outline.database.backups, 1)
        with working("copying the database"):
            file = await asyncio.to_thread(back_up, _database(context), keep=keep, at=context.now)
    elif file.exists():
        raise click.UsageError(f"{file} is there already; a backup overwrites nothing.")
    else:
        with working("copying the database"):
            await asyncio.to_thread(copy, _database(context), file)
    click.echo(file)


@db.command(name="check")
@command_body
async def check(context: Context) -> ExitCode:
    """Read the whole database and say whether it is sound; changes nothing and stops nobody.

    Exit code 0 if it is, 1 if something in it is damaged, 75 if it cannot even be read.
    """
    from trailarrd.domain.paths import database_file
    from trailarrd.store.integrity import check as look

    if database_file(context.outline.database.url) is None:
        return await _check_server(context)
    database = _database(context)
    with working("reading the whole database"):
        health = await asyncio.to_thread(look, database)
    if health.problems:
        return _tell_damage(
            database, health.problems, "'trailarrd db restore FILE' puts a backup in its place"
        )
    click.echo(f"{database} is sound, {_at(health.revision, is_current=health.is_current)}")
    return ExitCode.OK


@db.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path))
@command_body
async def restore(context: Context, file: Path) -> None:
    """Put a copy of the backup FILE in the database's place; the present one is kept beside it.

    Refused while a daemon or any other command has the database open, and if FILE is damaged, not
    trailarrd's, or of a newer version.
    """
    from trailarrd.store.restore import restore as put

    database = _database(context, must_exist=False)
    with working("checking the backup, and putting it in place"):
        done = await asyncio.to_thread(put, database, file, context.now)
    if done.kept:
        tell(f"the database that was there before is {done.kept}")
    click.echo(f"{database} is restored, at revision {done.revision}")


@db.command(name="copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@command_body
async def copy_all(context: Context, source: str, target: str) -> None:
    """Copy all of the database FROM into the empty database TO: to a PostgreSQL server, or back.

    Both are URLs as database.url has them. All of it is read back and compared before it counts, or
    nothing is in TO. Refused while a daemon or any other command uses one of them, and if TO holds
    anything. The password of a server is database.password, or stands in the variable PGPASSWORD.
    """
    from trailarrd.store.transfer import transfer

    origin, goal = _address(context, "FROM", source), _address(context, "TO", target)
    if origin == goal:
        raise click.UsageError("FROM and TO are the same database.")
    try:
        with working("copying the database"):
            await transfer(origin, goal, lambda one: tell(f"{one.table}: {one.rows:,} rows, {one.digest}"))
    except FileExistsError as error:
        raise click.UsageError(f"TO is not empty: {error}; nothing was copied.") from None
    click.echo(f"database: {{url: {target}}}")


def _address(context: Context, name: str, url: str) -> DatabaseAddress:
    from trailarrd.config.diagnostic import FieldError
    from trailarrd.config.url import database_url
    from trailarrd.domain.database import DatabaseAddress

    try:
        url = database_url(url)
    except FieldError as error:
        raise click.UsageError(f"{name} {error.message}.") from None
    own = context.draft.database
    return DatabaseAddress(url=url, password=own.password, pooler=own.pooler)


async def _check_server(context: Context) -> ExitCode:
    from trailarrd.errors import DatabaseError
    from trailarrd.store.server import condition_of_server

    with working("reading the whole database"):
        found = await condition_of_server(context.outline.database.address)
    if found.trouble or not found.exists:
        raise DatabaseError(found.trouble or f"database {found.place} has no tables yet")
    if found.damages:
        return _tell_damage(found.place, found.damages, "restore it with pg_restore")
    click.echo(f"{found.place} is sound, {_at(found.revision, is_current=found.is_current)} ({found.server})")
    return ExitCode.OK


def _tell_damage(database: object, problems: Iterable[str], remedy: str) -> ExitCode:
    for problem in problems:
        click.echo(problem)
    tell(f"database {database} is damaged; {remedy}")
    return ExitCode.TROUBLE


def _at(revision: str | None, *, is_current: bool) -> str:
    return f"at revision {revision}" + ("" if is_current else ", which the next command brings up to date")


def _database(context: Context, *, must_exist: bool = True) -> Path:
    from trailarrd.domain.paths import database_file
    from trailarrd.store.engine import sqlite_file

    url = context.outline.database.url
    if database_file(url) is None:
        raise click.UsageError(f"The database {url} is on a server: pg_dump and pg_restore copy it.")
    return sqlite_file(url, must_exist=must_exist)
