"""`trailarrd status`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.output import print_json, print_line, tell
from trailarrd.cli.remote import require_same_config, who_runs
from trailarrd.cli.table import Column, print_table
from trailarrd.errors import DaemonError

if TYPE_CHECKING:
    from trailarrd.documents.health import Health
    from trailarrd.intercom import Intercom

_COLUMNS: Final = (
    Column("connection"),
    Column("state"),
    Column("last success", nothing="never"),
    Column("next refresh", spare=1),
    Column("failures", number=True, rare=True),
    Column("held", number=True, rare=True),
    Column("quarantined", number=True, rare=True),
)


@click.command(name="status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: what /health says.")
@command_body
async def status(context: Context, as_json: bool) -> int:
    """Say whether all is well, and what is not: from the running daemon, else from the database.

    Exit code 0 if all is well, 1 if something is not.
    """
    _ = context.outline
    intercom = context.intercom
    runs = intercom is not None and intercom.is_answered()
    if runs:
        require_same_config(context)
    health = _ask(intercom) if intercom and runs else await _look(context)
    if as_json:
        print_json(health)
        return ExitCode.OK if health.is_well else ExitCode.TROUBLE
    _print(health, context)
    if intercom and runs:
        _tell_of_downloads(intercom)
    return ExitCode.OK if health.is_well else ExitCode.TROUBLE


def _ask(intercom: Intercom) -> Health:
    from trailarrd.documents.health import Health
    from trailarrd.intercom import decoded

    status, content = intercom.fetch("GET", "/health")
    if status not in (200, 503):
        raise DaemonError(f"the running daemon answered with status {status}; its log says more")
    return decoded(content, Health)


def _tell_of_downloads(intercom: Intercom) -> None:
    """What the daemon's last examination found of them, such as an old yt-dlp: that is no trouble yet."""
    from trailarrd.documents.checks import Findings
    from trailarrd.documents.codes import Level

    with suppress(DaemonError):  # it has answered what matters
        for one in intercom.ask("GET", "/checks", kind=Findings).items:
            if one.code.value.startswith("download") and one.level is not Level.OK:
                tell(f"{one.fact}: {one.advice}")


async def _look(context: Context) -> Health:
    from trailarrd.health import judge

    async with context.store() as store:
        rows, roots = await store.connections(), await store.roots()
        daemons = await store.peers.living() if store.peers else ()
        bar = await store.peers.barred() if store.peers else None
    return judge(rows, roots, now=context.now, plugins=context.plugins, daemons=daemons, database=bar)


def _print(health: Health, context: Context) -> None:
    print_table(_COLUMNS, health.connections)
    for issue in health.issues:
        subject = f"{issue.connection}: " if issue.connection else ""
        print_line(f"{issue.code}: {subject}{issue.message}")
    for daemon in health.daemons:
        held = [f"{one.connection} since {context.clock(one.since)}" for one in daemon.connections]
        told = ", ".join(held) or "no connection"
        is_one_of_several = [one.host for one in health.daemons].count(daemon.host) > 1
        where = f"{daemon.host}, {daemon.process}," if is_one_of_several else daemon.host
        print_line(f"daemon on {where} since {context.clock(daemon.since)}: {told}")
    if health.daemon:
        tell("the daemon runs")
    else:
        tell(f"{who_runs(context, health.daemons)}; this is what the database tells")
