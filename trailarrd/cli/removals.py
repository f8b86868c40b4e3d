"""`trailarrd removals` and `trailarrd vanished`: what is held until the user decides."""

from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.context import Context, command_body, require_connection
from trailarrd.cli.output import are, tell
from trailarrd.cli.remote import change_connection
from trailarrd.cli.table import Column, print_list

if TYPE_CHECKING:
    from trailarrd.store.listing import MediaRow

_COLUMNS: Final = (
    Column("id", number=True),
    Column("connection", spare=1),
    Column("title", wide=True),
    Column("year", number=True, spare=2),
    Column("held since", spare=3),
    Column("trailer"),
    Column("folder", wide=True),
)


_VANISHING: Final = (
    Column("id", number=True),
    Column("connection", spare=1),
    Column("title", wide=True),
    Column("year", number=True, spare=2),
    Column("vanishing since", spare=4),
    Column("why", spare=3),
    Column("trailer", "trailer_file", wide=True),
)
_NAMES: Final = "[NAME | approve NAME | discard NAME]"


class _NameOrCommand(click.Group):
    """`removals NAME` lists; `removals approve NAME` and `removals discard NAME` do."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = args and args[0] in self.commands
        return super().resolve_command(ctx, args if known else ["list", *args])


async def _waiting(
    context: Context, name: str | None, *, held: bool | None = None, vanishing: bool | None = None
) -> "list[MediaRow]":
    """The items that wait for the user, of all connections or of the one of that name."""
    from trailarrd.store.filter import MediaFilter

    which = MediaFilter(connection=name, held=held, vanishing=vanishing)
    async with context.store() as store:
        if name is not None:
            await require_connection(store, name)
        return [row async for page in store.media(which, now=context.now) for row in page]


@click.group(
    name="removals",
    cls=_NameOrCommand,
    invoke_without_command=True,
    subcommand_metavar=_NAMES,
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@click.pass_context
def removals(context: click.Context, as_json: bool) -> None:
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


@removals.command(name="list")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@command_body
async def listing(context: Context, name: str | None, as_json: bool) -> None:
    """List the items whose removal is held."""
    from trailarrd.documents.media import HeldItem

    rows = await _waiting(context, name, held=True)
    print_list([HeldItem.of(row) for row in rows], _COLUMNS, as_json=as_json)
    if not as_json:
        tell(f"{are(len(rows), 'removal')} held")


@removals.command(name="approve")
@click.argument("name")
@command_body
async def approve(context: Context, name: str) -> None:
    """Remove exactly the items of NAME whose removal is held now."""
    count = await change_connection(
        context, name, "/removals/approve", lambda store: store.approve_removals(name, context.now)
    )
    tell(f"{are(count, 'item', name)} removed; what the server lists again comes back as it was")


@removals.command(name="discard")
@click.argument("name")
@command_body
async def discard(context: Context, name: str) -> None:
    """Keep the items of NAME whose removal is held; the next refresh decides anew."""
    count = await change_connection(
        context, name, "/removals/discard", lambda store: store.discard_removals(name)
    )
    tell(f"{are(count, 'item', name)} held no longer")


@click.group(
    name="vanished",
    cls=_NameOrCommand,
    invoke_without_command=True,
    subcommand_metavar=_NAMES,
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@click.pass_context
def vanished(context: click.Context, as_json: bool) -> None:
    """List the items whose trailer is not seen any more and is kept; approve or discard that.

    Trailers are kept when more of them vanish at once than `trailer_guard` lets go, or when only their
    names no longer count. What comes back is simply there. What went with many others is believed to
    be gone ten minutes later, where the item's own file is seen without it; the rest waits for you.

    \b
    trailarrd vanished                  what is kept
    trailarrd vanished approve movies   they are really gone: take exactly these as absent
    trailarrd vanished discard movies   keep them; the next refresh decides anew
    """
    if context.invoked_subcommand is None:
        context.invoke(list_vanished, name=None, as_json=as_json)


@vanished.command(name="list")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@command_body
async def list_vanished(context: Context, name: str | None, as_json: bool) -> None:
    """List the items whose trailer is not seen any more and is kept."""
    from trailarrd.documents.media import VanishingItem

    rows = await _waiting(context, name, vanishing=True)
    print_list([VanishingItem.of(row) for row in rows], _VANISHING, as_json=as_json)
    if not as_json:
        tell(f"{are(len(rows), 'trailer')} not seen any more and kept")


@vanished.command(name="approve")
@click.argument("name")
@command_body
async def approve_vanished(context: Context, name: str) -> None:
    """Take exactly the trailers of NAME that vanish now as gone."""
    count = await change_connection(
        context, name, "/vanished/approve", lambda store: store.approve_vanished(name, context.now)
    )
    tell(f"{are(count, 'trailer', name)} taken as gone; one that is seen again is simply there")


@vanished.command(name="discard")
@click.argument("name")
@command_body
async def discard_vanished(context: Context, name: str) -> None:
    """Keep the trailers of NAME that vanish; the next refresh decides anew."""
    count = await change_connection(
        context, name, "/vanished/discard", lambda store: store.discard_vanished(name)
    )
    tell(f"{are(count, 'trailer', name)} kept; the next refresh decides anew")
