"""`trailarrd connections`, and what is done with one: `trust` and `forget`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.context import Context, command_body, require_connection
from trailarrd.cli.output import are, counted, print_line, tell
from trailarrd.cli.prompt import is_confirmed
from trailarrd.cli.remote import answer_of, change_connection, daemon_of
from trailarrd.cli.table import Column, print_list
from trailarrd.domain.text import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trailarrd.documents.connections import Connection
    from trailarrd.store.connections import ConnectionRow

_COLUMNS: Final = (
    Column("connection"),
    Column("provider", spare=4),
    Column("state"),
    Column("last success", nothing="never", spare=2),
    Column("mode", spare=3),
    Column("items", number=True),
    Column("with trailer", number=True, spare=1),
    Column("monitored", number=True),
    Column("held", number=True, rare=True),
    Column("vanishing", number=True, rare=True),
    Column("quarantined", number=True, rare=True),
    Column("contradicted", number=True, rare=True),
)


@click.command(name="connections")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one connection a line.")
@command_body
async def connections(context: Context, as_json: bool) -> None:
    """List connections: state, last success, and what they hold.

    A connection that is no longer in trailarrd.yaml is kept as `inactive` with all its items until
    `trailarrd forget NAME`.
    """
    from trailarrd.documents.connections import Connections

    if told := answer_of(context, "/connections", Connections):
        found, note = told.items, context.daemons_note()
    else:
        found, note = await _stored(context)
    now = context.now
    _tell_daemons(note, context)
    print_list(found, _COLUMNS, as_json=as_json)
    for one in () if as_json else found:
        for remark in _remarks(one, now):
            print_line(f"{one.connection}: {remark}")


async def _stored(context: Context) -> tuple[list[Connection], dict[str, str]]:
    """As the database has them, and what a daemon notes that is there and does not answer."""
    from trailarrd.documents.connections import Connection

    async with context.store() as store:
        rows, roots, note = await store.connections(), await store.roots(), await store.noted()
    now = context.now
    found = [Connection.of(_as_it_would_fail(row, context), roots.get(row.name, ()), now) for row in rows]
    return found, note


def _as_it_would_fail(row: ConnectionRow, context: Context) -> ConnectionRow:
    """With what the next refresh will say if the provider's plugin is not loaded: nobody need wait for it."""
    from trailarrd.discovery.unloaded import why_not_loaded
    from trailarrd.domain.report import ErrorKind

    provider = context.providers.get(row.provider) if row.active else None
    if provider is None or not (why := why_not_loaded(provider)):
        return row
    return replace(row, last_error_kind=ErrorKind.INTERNAL, last_error=context.redactor.clean(why))


def _tell_daemons(note: Mapping[str, str], context: Context) -> None:
    """What the user must know of the daemon's configuration; beside the answer, as others read that."""
    if error := note.get("config_error"):
        read, refused = (
            context.clock(datetime.fromisoformat(note[key]))
            for key in ("config_read_at", "config_refused_at")
        )
        tell(
            f"the daemon goes by the configuration of {read}:"
            f" a newer one is refused since {refused}:\n{error}"
        )
    if settings := note.get("restart_needed"):
        tell(f"restart the daemon for changed settings to count: {settings}")


def _remarks(one: Connection, now: datetime) -> Iterator[str]:
    """What is not well with a connection, and what becomes of it."""
    if one.error:
        yield f"{one.error.kind}: {one.error.message}"
    if one.state != "inactive" and one.circuit != "closed":
        yield f"its circuit is {_circuit(one, now)}"
    if one.held:
        yield f"{counted(one.held, 'removal')} held; see 'trailarrd removals {one.connection}'"
    if one.vanishing:
        yield f"{are(one.vanishing, 'trailer')} not seen and kept; see 'trailarrd vanished {one.connection}'"
    for root in one.roots:
        if root.state != "ok":
            yield f"{root.path}: {root.state.sentence}"
        if root.observation.is_elsewhere:
            yield f"{root.path}: {root.observation.contradiction}"


def _circuit(one: Connection, now: datetime) -> str:
    """The state, and what ends it if that is not the interval."""
    return f"{one.circuit}, next try in {span(one.next_try - now)}" if one.next_try else one.circuit


@click.command(name="trust")
@click.argument("name", metavar="NAME")
@command_body
async def trust(context: Context, name: str) -> None:
    """Say that the root folders of NAME are the right directories, though not those that they were.

    trailarrd does not trust a root folder that is another directory or file system than it was and
    lacks the folders that it had: most often it is not mounted. Say so here if it is right all the
    same, as after a disk was lost for good. The next refresh looks into it again; what it makes of
    what is there goes by the same rules as ever.
    """
    count = await change_connection(context, name, "/trust", lambda store: store.trust_roots(name))
    tell(f"{count} root folders of {name} are trusted from the next refresh on")


@click.command(name="forget")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Do not ask.")
@command_body
async def forget(context: Context, name: str, yes: bool) -> None:
    """Remove a connection that is no longer configured, with all its items and your choices for them.

    A connection that is still in trailarrd.yaml is refused. The history of its items stays.
    """
    if name in context.outline.names:
        raise click.UsageError(f"Connection {name!r} is still configured; remove it from the file first.")
    async with context.store() as store:
        await require_connection(store, name)
        if not yes and not is_confirmed(f"Remove connection {name!r} with all its items?"):
            raise click.Abort
        daemon = daemon_of(context)
        items = daemon.about(name, "DELETE") if daemon else await store.forget(name)
    tell(f"connection {name} is forgotten, with {items} items")
