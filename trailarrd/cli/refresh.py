"""`trailarrd refresh`, and `quarantine`: what the last one could not read."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.context import Context, ExitCode, command_body, require_connection
from trailarrd.cli.output import are, counted, print_json, tell
from trailarrd.cli.remote import Remote, daemon_of
from trailarrd.cli.table import Column, print_list, print_table
from trailarrd.errors import DaemonError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trailarrd.documents.refreshes import Report, Reports
    from trailarrd.domain.report import RefreshReport
    from trailarrd.refresh.refresher import Refresher
    from trailarrd.store.store import Store

_COLUMNS: Final = (
    Column("connection"),
    Column("outcome"),
    Column("fetched", number=True, spare=1),
    Column("added", number=True),
    Column("updated", number=True),
    Column("removed", number=True),
    Column("restored", number=True, rare=True),
    Column("held", number=True, rare=True),
    Column("vanishing", number=True, rare=True),
    Column("quarantined", number=True, rare=True),
    Column("with trailer", "trailers.present", number=True, unless="error", spare=2),
    Column("not visible", "trailers.unknown", number=True, rare=True, unless="error"),
    Column("monitored", number=True, unless="error", spare=3),
)


_RECORD_COLUMNS: Final = (
    Column("connection"),
    Column("position", number=True),
    Column("arr id"),
    Column("reason", wide=True),
)


@click.command(name="refresh")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--dry-run", is_flag=True, help="Say item by item what it would change; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
@command_body
async def refresh(context: Context, names: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """One refresh of the connections named, or of all, then exit.

    Asks each Arr server for its whole library, looks at the disk, decides what is monitored, and
    stores what changed. Connections are refreshed side by side; one that fails stops no other.

    Exit code 0 if all went well, 1 if a connection failed, or if something was held, quarantined or
    not visible on disk. With --dry-run the same, as if it had been a refresh.
    """
    if not dry_run and (daemon := daemon_of(context)):
        try:
            return _ask(daemon, names, as_json=as_json)
        except DaemonError as error:
            if error.status or daemon.is_there():
                raise
            tell("the daemon has ended meanwhile; so it is done here")
    settings = context.settings
    context.start_logging(level="warning")
    tell(f"using {settings.path}")
    return await (_dry_run if dry_run else _refresh)(context, names, as_json=as_json)


def _ask(daemon: Remote, names: tuple[str, ...], *, as_json: bool) -> ExitCode:
    """Let the daemon do it, and wait as long as it takes."""
    from trailarrd.documents.refreshes import Reports

    answer = daemon.ask("POST", "/refreshes", Reports, {"connections": names}, patience=None)
    return _print(answer, as_json=as_json)


async def _dry_run(context: Context, names: tuple[str, ...], *, as_json: bool) -> ExitCode:
    from trailarrd.cli.dry_run import dry_run
    from trailarrd.runtime.runtime import open_dry_run

    async with open_dry_run(context.settings, context.providers) as runtime:
        return await dry_run(runtime.store, _choose(runtime.refreshers, names), as_json=as_json)


async def _refresh(context: Context, names: tuple[str, ...], *, as_json: bool) -> ExitCode:
    from trailarrd.documents.refreshes import Report, Reports
    from trailarrd.runtime.memory import freeze_startup_objects
    from trailarrd.runtime.runtime import open_runtime

    async with open_runtime(context.settings, context.providers) as runtime:
        chosen = _choose(runtime.refreshers, names)
        freeze_startup_objects()
        with _progress(list(chosen)) as tick:
            ended = await asyncio.gather(
                *(_one(runtime.store, refresher, tick(name)) for name, refresher in chosen.items()),
                return_exceptions=True,  # one that cannot even end must not tear down the others
            )
        await runtime.housekeeper.tidy()
    reports = [Report.of(report) for report in ended if not isinstance(report, BaseException)]
    code = _print(Reports(refreshes=reports), as_json=as_json)
    for error in ended:
        if isinstance(error, BaseException):
            raise error
    return code


async def _one(store: Store, refresher: Refresher, tick: Callable[[int], None]) -> RefreshReport:
    """Here, or where a daemon works at the connection, which does so for as long as it lives."""
    from trailarrd.runtime.elsewhere import refresh_elsewhere

    name, peers = refresher.connection.name, store.peers
    for peer in await peers.living() if peers else ():
        if peers and name in peer.seats:
            tell(f"{name}: {peer.holder} does it")
            return await refresh_elsewhere(
                store, peers, name, lambda holder: tell(f"{name}: {holder} has taken it over, and does it")
            )
    return await refresher.refresh(tick, _waiting(name))


def _waiting(name: str) -> Callable[[str], None]:
    return lambda owner: tell(f"{name}: waiting for {owner}, which refreshes it just now")


def _choose(refreshers: Mapping[str, Refresher], names: Sequence[str]) -> dict[str, Refresher]:
    for name in names:
        if name not in refreshers:
            raise click.UsageError(f"No connection {name!r}; configured are: {', '.join(refreshers)}.")
    return {name: refresher for name, refresher in refreshers.items() if not names or name in names}


@contextmanager
def _progress(names: Sequence[str]) -> Iterator[Callable[[str], Callable[[int], None]]]:
    """A line per connection that counts records, on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _name: lambda _fetched: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {name: progress.add_task(f"{name}: asking") for name in names}

        def tick(name: str) -> Callable[[int], None]:
            return lambda fetched: progress.update(tasks[name], description=f"{name}: {fetched} items")

        yield tick


def _print(answer: Reports, *, as_json: bool) -> ExitCode:
    reports = answer.refreshes
    if as_json:
        print_json(answer)
    else:
        print_table(_COLUMNS, reports)
    for report in () if as_json else reports:
        for remark in _remarks(report):
            tell(f"{report.connection}: {remark}")
    well = all(report.outcome == "ok" for report in reports)
    return ExitCode.OK if well else ExitCode.TROUBLE


def _remarks(report: Report) -> Iterator[str]:
    """What the counts mean for the user, where something is not well."""
    if report.error:
        yield f"{report.error.kind}: {report.error.message}"
    if report.held:
        gone = "no longer listed" if not report.quarantined else "not among the records that could be read"
        yield (
            f"{are(report.held, 'item')} {gone}; kept until 'trailarrd removals approve {report.connection}'"
        )
    if report.vanishing:
        yield (
            f"{are(report.vanishing, 'trailer')} not seen any more and kept; "
            f"see 'trailarrd vanished {report.connection}'"
        )
    if report.quarantined:
        yield f"{counted(report.quarantined, 'record')} could not be read; see 'trailarrd quarantine'"
    if report.trailers.unknown:
        yield f"{are(report.trailers.unknown, 'item')} not visible on disk; the last known state is kept"
    for root in report.elsewhere:
        yield f"{root.path}: {root.observation.contradiction}"
    few = report.contradicted - sum(root.contradicted for root in report.elsewhere)
    if few > 0:
        yield f"{counted(few, 'folder')} without the file that the server has; see 'trailarrd check'"


@click.command(name="quarantine")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one record a line.")
@command_body
async def quarantine(context: Context, name: str | None, as_json: bool) -> None:
    """List the records that could not be read at the last refresh, of all connections or of NAME.

    A quarantined record changes nothing: what was known of its item stays as it was. While one has no
    readable id, nothing of that connection is removed, because it could be any item.
    """
    from trailarrd.documents.refreshes import Record

    async with context.store() as store:
        if name is not None:
            await require_connection(store, name)
        records = [Record.like(row) for row in await store.quarantine(name)]
    print_list(records, _RECORD_COLUMNS, as_json=as_json)
    if not as_json:
        tell(f"{are(len(records), 'record')} quarantined")
