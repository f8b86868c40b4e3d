"""What `monitor`, `unmonitor` and `follow` share: the user's own word on items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trailarrd.cli import ExitCode
from trailarrd.cli.output import tell

if TYPE_CHECKING:
    from trailarrd.cli.context import Context


async def set_intent(context: Context, ids: tuple[int, ...], *, intent: bool | None) -> int:
    """Store the word and say what became of it; exit code 1 if an ID is unknown."""
    async with context.store() as store:
        result = await store.set_intent(ids, intent=intent, at=datetime.now(UTC), by=_who())
    tell(f"{len(result.changed)} changed, {len(result.unchanged)} were so already")
    for number in result.unknown:
        tell(f"no item has the ID {number}; see the first column of 'trailarrd media'")
    return ExitCode.TROUBLE if result.unknown else ExitCode.OK


def _who() -> str:
    """Who is at the command line, as far as the system knows."""
    from getpass import getuser

    try:
        return f"command line ({getuser()})"
    except (OSError, KeyError):
        return "command line"
