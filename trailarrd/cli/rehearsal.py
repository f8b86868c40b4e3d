"""`trailarrd refresh --dry-run`: what a refresh would do, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trailarrd.cli import ExitCode
from trailarrd.cli.output import counted, print_json, print_line, tell, words
from trailarrd.domain.dry_run import Action
from trailarrd.domain.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trailarrd.domain.dry_run import DryRun, PlannedItem
    from trailarrd.refresh.refresher import Refresher
    from trailarrd.store import Store

_SIGNS: Final = {
    Action.ADDED: "+",
    Action.CHANGED: "~",
    Action.RESTORED: "+",
    Action.REMOVED: "-",
    Action.HELD: "!",
    Action.RELEASED: "~",
}


async def rehearse(store: Store, refreshers: Mapping[str, Refresher], *, as_json: bool) -> ExitCode:
    """Foresee one connection after the other and print what each refresh would do.

    One after the other, and page by page, because a plan may be large.
    """
    well = True
    for name, refresher in refreshers.items():
        async with refresher.dry_run() as forecast:
            show = _Json(name) if as_json else _Text(name)
            counts = await _print_items(store, forecast, show)
            show.end(forecast, counts)
            well = well and forecast.outcome is Outcome.OK
    if not as_json:
        tell("nothing was written")
    return ExitCode.OK if well else ExitCode.TROUBLE


async def _print_items(store: Store, forecast: DryRun, show: _Json | _Text) -> dict[Action, int]:
    counts = dict.fromkeys(Action, 0)
    if forecast.plan:
        async for page in store.dry_run(forecast.plan):
            for item in page:
                counts[item.action] += 1
                show.item(item)
    return counts


class _Json:
    """JSON Lines: one for each item, then one for the connection."""

    def __init__(self, connection: str) -> None:
        self._connection = connection

    def item(self, item: PlannedItem) -> None:
        print_json({"connection": self._connection, **item_document(item)})

    def end(self, forecast: DryRun, counts: Mapping[Action, int]) -> None:
        print_json(forecast_document(forecast, counts))


def item_document(item: PlannedItem) -> dict[str, Any]:
    """One item as `refresh --dry-run --json` promises it."""
    media = item.entry.media
    return {
        "action": item.action,
        "id": item.id,
        "arr_id": media.arr_id,
        "title": media.title,
        "year": media.year,
        "remote_path": media.path,
        "local_path": item.entry.local_path,
        "trailer": item.entry.trailer,
        "trailer_file": item.entry.trailer_file,
        "monitored": item.entry.monitored,
        "monitor_reason": item.entry.monitor_reason,
        "changes": dict(item.changes),
    }


def forecast_document(forecast: DryRun, counts: Mapping[Action, int]) -> dict[str, Any]:
    """The end of a connection's items as `refresh --dry-run --json` promises it."""
    error, plan = forecast.error, forecast.plan
    return {
        "connection": forecast.connection,
        "action": "end",
        "outcome": forecast.outcome,
        "fetched": plan.fetched if plan else 0,
        **{action.value: counts[action] for action in Action},
        "quarantined": [
            {"position": one.position, "arr_id": one.arr_id, "reason": one.reason}
            for one in forecast.quarantined
        ],
        "roots": [{"path": root.path, "state": root.state, "items": root.items} for root in forecast.roots],
        "error": {"kind": error.kind, "message": error.message} if error else None,
    }


class _Text:
    """Lines for people."""

    def __init__(self, connection: str) -> None:
        print_line(f"{connection}:")

    def item(self, item: PlannedItem) -> None:
        print_line(f"  {_SIGNS[item.action]} {item.action.value:9} {_name(item)}: {_state(item)}")
        for name, (before, after) in item.changes.items():
            print_line(f"        {name}: {words(before)} → {words(after)}")

    def end(self, forecast: DryRun, counts: Mapping[Action, int]) -> None:
        for line in _remarks(forecast):
            print_line(f"  ! {line}")
        if forecast.plan:
            unchanged = forecast.plan.fetched - sum(
                counts[action] for action in (Action.ADDED, Action.CHANGED, Action.RESTORED)
            )
            told = [f"{count} {action.value}" for action, count in counts.items() if count]
            print_line(f"  {', '.join([*told, f'{unchanged} unchanged'])}")


def _name(item: PlannedItem) -> str:
    media = item.entry.media
    number = f"#{item.id} " if item.id else ""
    return f"{number}{media.title}" + (f" ({media.year})" if media.year else "")


def _state(item: PlannedItem) -> str:
    monitored = "monitored" if item.entry.monitored else "not monitored"
    return f"trailer {item.entry.trailer.value}, {monitored} ({item.entry.monitor_reason.value})"


def _remarks(forecast: DryRun) -> Iterator[str]:
    """What would not be well."""
    if forecast.error:
        yield f"it would fail, {forecast.error.kind.value}: {forecast.error.message}"
    for one in forecast.quarantined:
        number = f"arr id {one.arr_id}" if one.arr_id is not None else f"position {one.position}"
        yield f"a record cannot be read ({number}): {one.reason}"
    for root in forecast.roots:
        yield f"{counted(root.items, 'item')} in {root.path} would stay as they are: {root.state.sentence}"
