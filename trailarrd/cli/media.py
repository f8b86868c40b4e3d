"""`trailarrd media`."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import click

from trailarrd.cli.context import Context, command_body, require_connection
from trailarrd.cli.output import counted, print_json, tell
from trailarrd.cli.table import Column, print_table

if TYPE_CHECKING:
    from datetime import datetime

    from trailarrd.store.listing import MediaRow


class _Line(NamedTuple):
    """What the table shows of an item."""

    row: "MediaRow"
    status: str | None
    """Where the other columns do not tell it."""

    @classmethod
    def of(cls, row: "MediaRow", now: "datetime") -> Self:
        from trailarrd.domain.monitoring import MediaStatus

        status = row.status(now)
        return cls(row, status if status is MediaStatus.DOWNLOADING else None)


_STATUSES = ["downloaded", "downloading", "monitored", "missing"]

_COLUMNS: Final = (
    Column("id", "row.id", number=True),
    Column("connection", "row.connection", spare=1),
    Column("title", "row.title", wide=True),
    Column("year", "row.year", number=True, spare=2),
    Column("trailer", "row.trailer"),
    Column("status", rare=True, spare=1),
    Column("monitored", "row.monitored"),
    Column("why", "row.monitor_reason", spare=3),
)
_SORTS: Final = [
    *("id", "-first_seen", "title", "-title", "year", "-year"),
    *("added", "-added", "last_changed", "-last_changed"),
]
_RELEASES: Final = ["announced", "in-cinemas", "released", "continuing", "ended", "deleted"]


def _read(read: Callable[[str], object]) -> Callable[[click.Context, click.Parameter, str | None], object]:
    def value(_context: click.Context, _option: click.Parameter, told: str | None) -> object:
        try:
            return None if told is None else read(told)
        except ValueError:
            raise click.BadParameter(f"{told!r} cannot be read") from None

    return value


def _years(told: str) -> object:
    from trailarrd.domain.want import Years

    return Years.parse(told)


def _moment(told: str) -> object:
    from trailarrd.domain.search import moment

    return moment(told)


@click.command(name="media")
@click.argument("text", nargs=-1, metavar="[WORD]...")
@click.option("--connection", metavar="NAME", help="Only items of this connection.")
@click.option("--kind", metavar="KIND", help="Only items of this kind, such as movie.")
@click.option("--trailer", type=click.Choice(["present", "absent", "unknown"]), help="Only with this state.")
@click.option(
    "--status",
    type=click.Choice(_STATUSES),
    help="Only items with this status; missing: without a trailer, and none is wanted.",
)
@click.option("--monitored/--unmonitored", default=None, help="Only items that are (not) monitored.")
@click.option(
    "--wants-trailer",
    is_flag=True,
    help="Only items that are monitored, have no trailer, and that nobody is downloading one for.",
)
@click.option("--reason", metavar="REASON", help="Only items for which this row of the table decided.")
@click.option(
    "--has-file/--without-file", default=None, help="Only items of which the server has a (no) file."
)
@click.option("--held/--not-held", default=None, help="Only items whose removal is (not) held.")
@click.option(
    "--vanishing/--not-vanishing", default=None, help="Only items whose trailer is (not) kept unseen."
)
@click.option(
    "--contradicted/--not-contradicted",
    default=None,
    help="Only items whose folder (does not) lack their file.",
)
@click.option(
    "--quarantined/--not-quarantined", default=None, help="Only items whose record can(not) be read."
)
@click.option("--tag", metavar="NAME", help="Only items with this tag.")
@click.option("--genre", metavar="NAME", help="Only items of this genre.")
@click.option("--language", metavar="NAME", help="Only items of this original language: French.")
@click.option("--release", type=click.Choice(_RELEASES), help="Only items that have come so far.")
@click.option("--years", metavar="YEARS", callback=_read(_years), help="1999, 1990-, -1980 or 1990-1999.")
@click.option(
    "--added-since", metavar="DAY", callback=_read(_moment), help="Added to the server then or later."
)
@click.option("--changed-since", metavar="DAY", callback=_read(_moment), help="Changed then or later.")
@click.option("--sort", type=click.Choice(_SORTS), default="id", help="The order; a minus turns it round.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one item a line.")
@command_body
async def media(
    context: Context,
    /,
    text: tuple[str, ...],
    status: str | None,
    wants_trailer: bool,
    sort: str,
    as_json: bool,
    **narrowed: Any,
) -> None:
    """List items as the last refresh left them: trailer, monitored, and which rule said so.

    WORDs are looked for in titles, years and ids, without regard to case and accents. All of that and
    the options narrow the list together. The first column is the ID that `monitor`, `unmonitor` and
    `follow` take.

    \b
    trailarrd media --wants-trailer --json | jq -r '.local_path'
    trailarrd media --connection movies --status downloaded
    trailarrd media odegard --genre Drama --sort -added
    """
    from trailarrd.domain.monitoring import MediaStatus
    from trailarrd.store.filter import MediaFilter, MediaOrder

    if wants_trailer and status not in (None, MediaStatus.MONITORED):
        raise click.UsageError(f"--wants-trailer and --status {status} exclude each other.")
    wanted = MediaStatus.MONITORED if wants_trailer else MediaStatus(status) if status else None
    which = MediaFilter(text=" ".join(text) or None, status=wanted, **narrowed)
    async with context.store() as store:
        if which.connection is not None:
            await require_connection(store, which.connection)
        pages = store.in_order(which, MediaOrder(sort), now=context.now)
        await (_print_documents if as_json else _print_lines)(context, pages)


async def _print_documents(context: Context, pages: "AsyncIterator[list[MediaRow]]") -> None:
    """Page by page, as a library may be large."""
    from trailarrd.documents.media import Item
    from trailarrd.domain.trailers import STANDARD

    now = context.now
    # By the rules of plugins, which a table need not load.
    rules = {name: one.trailers for name, one in context.providers.items()}
    async for page in pages:
        print_json(*(Item.of(row, now, rules.get(row.provider, STANDARD)) for row in page))


async def _print_lines(context: Context, pages: "AsyncIterator[list[MediaRow]]") -> None:
    now = context.now
    lines = [_Line.of(row, now) async for page in pages for row in page]
    print_table(_COLUMNS, lines)
    tell(counted(len(lines), "item"))
