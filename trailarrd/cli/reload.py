"""`trailarrd reload`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trailarrd.cli.context import Context, ExitCode, command_body
from trailarrd.cli.output import print_json, print_line, tell
from trailarrd.cli.remote import Remote, require_same_config, who_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trailarrd.documents.config import Reloaded


@click.command(name="reload")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of words.")
@command_body
async def reload(context: Context, as_json: bool) -> ExitCode:
    """Have the running daemon read its configuration anew, and wait until it has.

    Prints what that changed. With a mistake in it the old configuration stays in force, the mistakes are
    printed, and the exit code is 78; without a daemon it is 1.
    """
    from trailarrd.documents.config import Reloaded

    intercom = context.intercom
    if intercom is None or not intercom.is_answered():
        _ = context.outline  # a mistake in it is what has to be said
        tell(await _who_reads_it(context))
        return ExitCode.TROUBLE
    require_same_config(context)
    told = Remote(intercom).ask("POST", "/reload", Reloaded, patience=None)
    if as_json:
        print_json(told)
    else:
        for line in _lines(told):
            print_line(line)
    return ExitCode.CONFIG if told.error else ExitCode.OK


async def _who_reads_it(context: Context) -> str:
    """The configuration, where no daemon hears us."""
    from trailarrd.domain.paths import database_file

    database = context.draft.database
    if database_file(database.url):
        return f"{who_runs(context, ())}; it reads the configuration when it starts"
    from trailarrd.errors import DatabaseError
    from trailarrd.health import told_of
    from trailarrd.store.store import Store

    try:
        async with Store.open_to_read(database.address) as store:
            living = [told_of(peer) for peer in await store.peers.living()] if store.peers else []
    except DatabaseError as error:
        return f"no daemon hears commands here, and whether one runs is not known: {error}"
    who = who_runs(context, living)
    if any(one.process in who for one in living):
        return f"{who}; SIGHUP has it read its configuration anew"
    if living:
        return f"{who}; on {', '.join(sorted({one.host for one in living}))} it is reloaded there"
    return f"{who}; it reads the configuration when it starts"


def _lines(told: Reloaded) -> Iterator[str]:
    if told.error:
        yield "the old configuration stays in force:"
        yield from told.error.splitlines()
        return
    yield "the configuration is in force"
    for name in ("added", "changed", "removed", "rescheduled"):
        if connections := getattr(told, name):
            yield f"  {name}: {', '.join(connections)}"
    if told.restart_needed:
        yield f"  counts from the next start on: {', '.join(told.restart_needed)}"
