"""`trailarrd status`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from trailarrd.cli import ExitCode
from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import Column, print_json, print_line, print_table, tell
from trailarrd.domain.text import span
from trailarrd.errors import DaemonError

if TYPE_CHECKING:
    from trailarrd.intercom import Intercom

_COLUMNS: Final = (
    Column("connection"),
    Column("state"),
    Column("last success"),
    Column("next refresh"),
    Column("failures", number=True, rare=True),
    Column("held", number=True, rare=True),
    Column("quarantined", number=True, rare=True),
)


@click.command(name="status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: what /health says.")
@command_body
async def command(context: Context, as_json: bool) -> int:
    """Say whether all is well, and what is not: from the running daemon, else from the database.

    Exit code 0 if all is well, 1 if something is not.
    """
    intercom = context.intercom
    runs = intercom is not None and intercom.is_answered()
    document = _ask(intercom) if intercom and runs else await _look(context)
    if as_json:
        print_json(document)
    else:
        _print(document)
    return ExitCode.OK if document["status"] == "ok" else ExitCode.TROUBLE


def _ask(intercom: Intercom) -> dict[str, Any]:
    status, content = intercom.fetch("GET", "/health")
    if status not in (200, 503):
        raise DaemonError(f"the running daemon answered with status {status}; its log says more")
    document: dict[str, Any] = json.loads(content)
    return document


async def _look(context: Context) -> dict[str, Any]:
    from trailarrd.health import judge

    async with context.store() as store:
        rows, roots = await store.connections(), await store.roots()
    return judge(rows, roots, now=datetime.now(UTC), plugins=context.plugins).document()


def _print(document: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    rows = [
        (
            *(one["connection"], one["state"], _since(one["last_success"], now)),
            _until(one["next_refresh"], now),
            *(one["failures"], one["held"], one["quarantined"]),
        )
        for one in document["connections"]
    ]
    if rows:
        print_table(_COLUMNS, rows)
    for issue in document["ailments"]:
        subject = f"{issue['connection']}: " if issue["connection"] else ""
        print_line(f"{issue['code']}: {subject}{issue['message']}")
    tell("the daemon runs" if document["daemon"] else "no daemon runs; this is what the database tells")


def _since(moment: str | None, now: datetime) -> str:
    return f"{span(now - datetime.fromisoformat(moment))} ago" if moment else "never"


def _until(moment: str | None, now: datetime) -> str | None:
    return f"in {span(datetime.fromisoformat(moment) - now)}" if moment else None
