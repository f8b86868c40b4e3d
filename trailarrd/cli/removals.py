"""`trailarrd removals`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import Column, ago, are, iso, print_json, print_table, tell
from trailarrd.cli.remote import daemon_of

if TYPE_CHECKING:
    from trailarrd.store import MediaRow, Store

_COLUMNS: Final = (
    Column("id", number=True),
    Column("connection"),
    Column("title", wide=True),
    Column("year", number=True),
    Column("held since"),
    Column("trailer"),
    Column("folder", wide=True),
)


class _NameOrCommand(click.Group):
    """`removals NAME` lists; `removals approve NAME` and `removals discard NAME` do."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = args and args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["list", *args])


@click.group(
    name="removals",
    cls=_NameOrCommand,
    invoke_without_command=True,
    subcommand_metavar="[NAME | approve NAME | discard NAME]",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the items whose removal is held, of all connections or of NAME; approve or discard it.

    Removals are held when a server suddenly lists far fewer items than before, or none: more than
    `removal_guard` lets go at once. Nothing is lost meanwhile, and what comes back is simply there.

    \b
    trailarrd removals                  what is held
    trailarrd removals approve movies   they are really gone: remove exactly these
    trailarrd removals discard movies   keep them; the next refresh decides anew
    """
    if context.invoked_subcommand is None:
        context.invoke(listing, name=None, as_json=as_json)


@command.command(name="list")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@command_body
async def listing(context: Context, name: str | None, as_json: bool) -> None:
    """List the items whose removal is held."""
    from trailarrd.store import MediaFilter

    now = datetime.now(UTC)
    async with context.store() as store:
        if name is not None:
            await _known(store, name)
        held = MediaFilter(connection=name, held=True)
        rows = [row async for page in store.media(held, now=now) for row in page]
    if as_json:
        for row in rows:
            print_json(document(row))
        return
    print_table(_COLUMNS, [_row(row, now) for row in rows])
    tell(f"{are(len(rows), 'removal')} held")


@command.command(name="approve")
@click.argument("name")
@command_body
async def approve(context: Context, name: str) -> None:
    """Remove exactly the items of NAME whose removal is held now."""
    if daemon := daemon_of(context):
        count = daemon.about(name, "POST", "/removals/approve")
    else:
        async with context.store() as store:
            await _known(store, name)
            count = await store.approve_removals(name, datetime.now(UTC))
    tell(f"{count} items of {name} are removed; they come back as they were if the server lists them again")


@command.command(name="discard")
@click.argument("name")
@command_body
async def discard(context: Context, name: str) -> None:
    """Keep the items of NAME whose removal is held; the next refresh decides anew."""
    if daemon := daemon_of(context):
        count = daemon.about(name, "POST", "/removals/discard")
    else:
        async with context.store() as store:
            await _known(store, name)
            count = await store.discard_removals(name)
    tell(f"{count} items of {name} are held no longer")


async def _known(store: Store, name: str) -> None:
    if name not in {row.name for row in await store.connections()}:
        raise click.UsageError(f"No connection {name!r}; see 'trailarrd connections'.")


def _row(row: MediaRow, now: datetime) -> list[object]:
    return [
        *(row.id, row.connection, row.title, row.year, ago(row.held_at, now), row.trailer),
        row.local_path or row.remote_path,
    ]


def document(row: MediaRow) -> dict[str, Any]:
    """One held item as `removals --json` promises it."""
    return {
        "id": row.id,
        "connection": row.connection,
        "arr_id": row.arr_id,
        "title": row.title,
        "year": row.year,
        "remote_path": row.remote_path,
        "local_path": row.local_path,
        "trailer": row.trailer,
        "held_since": iso(row.held_at) if row.held_at else None,
    }
