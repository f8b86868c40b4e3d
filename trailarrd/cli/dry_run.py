"""`trailarrd refresh --dry-run`: what a refresh would do, item by item."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from trailarrd.cli.context import ExitCode
from trailarrd.cli.output import counted, print_json, print_line, tell, words
from trailarrd.cli.progress import working
from trailarrd.documents.refreshes import End, TouchedItem
from trailarrd.domain.dry_run import Action, DryRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trailarrd.refresh.refresher import Refresher
    from trailarrd.store.store import Store

_SIGNS: Final = {
    Action.ADDED: "+",
    Action.CHANGED: "~",
    Action.RESTORED: "+",
    Action.REMOVED: "-",
    Action.HELD: "!",
    Action.RELEASED: "~",
}


async def dry_run(store: Store, refreshers: Mapping[str, Refresher], *, as_json: bool) -> ExitCode:
    """Print what a refresh of each connection would do.

    One after the other, and page by page, because a plan may be large.
    """
    well = True
    for name, refresher in refreshers.items():
        async with AsyncExitStack() as stack:
            with working(f"asking for {name}, and looking at the disk"):
                planned = await stack.enter_async_context(refresher.dry_run())
            if not as_json:
                print_line(f"{name}:")
            end = await _print_items(store, planned, as_json=as_json)
            if as_json:
                print_json(end)
            else:
                _print_end(end)
            well = well and end.outcome == "ok"
    if not as_json:
        tell("nothing was written")
    return ExitCode.OK if well else ExitCode.TROUBLE


async def _print_items(store: Store, planned: DryRun, *, as_json: bool) -> End:
    counts = dict.fromkeys(Action, 0)
    if planned.plan:
        async for page in store.dry_run(planned.plan):
            for item in page:
                counts[item.action] += 1
                touched = TouchedItem.of(planned.connection, item)
                if as_json:
                    print_json(touched)
                else:
                    _print_item(touched)
    return End.of(planned, counts)


def _print_item(item: TouchedItem) -> None:
    number = f"#{item.id} " if item.id else ""
    year = f" ({item.year})" if item.year else ""
    monitored = "monitored" if item.monitored else "not monitored"
    print_line(
        f"  {_SIGNS[item.action]} {item.action.value:9} {number}{item.title}{year}:"
        f" trailer {item.trailer.value}, {monitored} ({item.monitor_reason.value})"
    )
    if item.condition:
        print_line(f"        {item.condition}")
    for name, (before, after) in item.changes.items():
        print_line(f"        {name}: {words(before)} → {words(after)}")


def _print_end(end: End) -> None:
    for line in _remarks(end):
        print_line(f"  ! {line}")
    if end.error:
        return
    counts = {action.value: getattr(end, action.value) for action in Action}
    told = [f"{count} {action}" for action, count in counts.items() if count]
    unchanged = end.fetched - end.added - end.changed - end.restored
    print_line(f"  {', '.join([*told, f'{unchanged} unchanged'])}")


def _remarks(end: End) -> Iterator[str]:
    if end.error:
        yield f"it would fail, {end.error.kind.value}: {end.error.message}"
    for one in end.quarantined:
        number = f"arr id {one.arr_id}" if one.arr_id is not None else f"position {one.position}"
        yield f"a record cannot be read ({number}): {one.reason}"
    for root in end.roots:
        yield f"{counted(root.items, 'item')} in {root.path} would stay as they are: {root.state.sentence}"
    for witnessed in end.elsewhere:
        yield f"{witnessed.path}: {witnessed.observation.contradiction}"
    if end.vanishing:
        yield f"{counted(end.vanishing, 'trailer')} not seen any more would be kept"
