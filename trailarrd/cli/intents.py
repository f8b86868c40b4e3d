"""What `monitor`, `unmonitor` and `follow` share: the user's own word on items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trailarrd.cli import ExitCode
from trailarrd.cli.output import tell
from trailarrd.cli.remote import daemon_of

if TYPE_CHECKING:
    from trailarrd.cli.context import Context


async def set_intent(context: Context, ids: tuple[int, ...], *, intent: bool | None) -> int:
    """Store the word and say what became of it; exit code 1 if an ID is unknown."""
    if daemon := daemon_of(context):
        answer = daemon.ask("POST", "/intents", {"ids": ids, "intent": intent})
        changed, unchanged, unknown = answer["changed"], answer["unchanged"], answer["unknown"]
    else:
        async with context.store() as store:
            result = await store.set_intent(ids, intent=intent, at=datetime.now(UTC), by=_who())
        changed, unchanged, unknown = result.changed, result.unchanged, result.unknown
    tell(f"{len(changed)} changed, {len(unchanged)} were so already")
    for number in unknown:
        tell(f"no item has the ID {number}; see the first column of 'trailarrd media'")
    return ExitCode.TROUBLE if unknown else ExitCode.OK


def _who() -> str:
    """Who is at the command line, as far as the system knows."""
    from getpass import getuser

    try:
        return f"command line ({getuser()})"
    except (OSError, KeyError):
        return "command line"
