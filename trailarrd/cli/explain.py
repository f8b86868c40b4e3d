"""`trailarrd explain`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from trailarrd.cli.context import Context, ExitCode, command_body, utc_option
from trailarrd.cli.history import what
from trailarrd.cli.items import by_title_option, chosen
from trailarrd.cli.output import ago, print_json, print_line, tell, words
from trailarrd.domain.monitoring import TrailerState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trailarrd.config import Settings
    from trailarrd.documents.downloads import DownloadItem
    from trailarrd.documents.media import Told
    from trailarrd.domain.paths import PathMapping
    from trailarrd.store.listing import MediaRow
    from trailarrd.store.store import Store


@click.command(name="explain")
@click.argument("item", metavar="ITEM")
@by_title_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
@utc_option
@command_body
async def explain(context: Context, item: str, by_title: bool, as_json: bool) -> ExitCode:
    """Why an item is in the state that it is in, and what would change that.

    ITEM is its ID, its title or part of it, or a path of its folder or in it.

    What its server said and when, which mapping makes its folder here, which file counts as its
    trailer and by which rule, which ones nearly do and why not, which row of the table decided, your
    own choice, and its history. Looks at its folder; asks no server and changes nothing.

    Exit code 1 if no item fits, or several do: they are listed then, and on a terminal you are asked.
    """
    now = context.now
    async with context.store() as store:
        rows = await store.matching(item, by_title=by_title)
        if (row := chosen(item, rows, listed=not as_json)) is None:
            return ExitCode.TROUBLE
        told = await _explain(context, store, row, now)
    if as_json:
        print_json(told)
        return ExitCode.OK
    for line in _lines(told, now, context.clock):
        print_line(line)
    return ExitCode.OK


async def _explain(context: Context, store: Store, item: MediaRow, now: datetime) -> Told:
    from trailarrd.doctor import Explainer
    from trailarrd.domain.times import AUTO
    from trailarrd.domain.trailers import TrailerRules

    (connection,) = [row for row in await store.connections() if row.name == item.connection]
    provider, settings = context.providers.get(item.provider), context.visible
    if settings is None:
        tell("the path mappings are not known: the configuration refers to what cannot be had here")
    explainer = Explainer(
        store=store,
        mappings=_mappings(settings, item.connection),
        times=settings.disk.times() if settings else AUTO,
        rules=provider.trailers if provider else TrailerRules(),
    )
    told = await explainer.explain(item, connection, now)
    if settings is None or settings.download is None:
        return told
    from msgspec.structs import replace

    from trailarrd.cli.desk import own_desk

    intercom = context.intercom
    desk = own_desk(context, settings, store, serves=intercom is not None and intercom.is_answered())
    return replace(told, download=next(iter(await desk.some([item.id])), None))


def _mappings(settings: Settings | None, name: str) -> Sequence[PathMapping]:
    connections = settings.connections if settings else ()
    found = [one.connection().path_mappings for one in connections if one.name == name]
    return found[0] if found else ()


def _lines(told: Told, now: datetime, clock: Callable[[datetime], str]) -> Iterator[str]:
    item = told.item
    year = f" ({item.year})" if item.year else ""
    yield f"#{item.id} {item.title}{year}, of {item.connection}: {item.status}"
    for heading, lines in (
        ("Server", _server(told, now)),
        ("Folder", _folder(told)),
        ("Trailer", _trailer(told)),
        ("Monitored", _monitored(told, clock)),
        ("History", _history(told, clock)),
        ("What would change it", told.would_change),
        *([("Download", _download(told.download, clock))] if told.download else []),
    ):
        yield ""
        yield heading
        yield from (f"  {line}" for line in lines)


def _download(item: DownloadItem, clock: Callable[[datetime], str]) -> Iterator[str]:
    named = "you named" if item.own_url else "its server names"
    yield f"{named} {item.url}" if item.url else "nobody names a video"
    until = f", until {clock(item.until)}" if item.until else ""
    yield f"{item.state}: {item.told}{until}" if item.told else item.state
    if item.place:
        lies = "lies" if item.state == "placed" else "was placed"
        yield f"it would lie at {item.place}" if not item.file else f"ours {lies} at {item.file}"
    if item.failure and item.tried_at:
        yield f"the last try, at {clock(item.tried_at)}: {item.failure}"


def _server(told: Told, now: datetime) -> Iterator[str]:
    item = told.item
    ids = "".join(f", {name} {value}" for name, value in sorted(item.external_ids.items()))
    yield f"{item.provider} calls it {item.arr_id}{ids}"
    yield f"its folder there is {item.remote_path}"
    yield f"monitored there: {words(item.monitored_remotely)}"
    if told.removed_at:
        yield f"no longer listed; removed {ago(told.removed_at, now)}"
    elif told.held_since:
        yield f"no longer listed; its removal is held since {ago(told.held_since, now)}"
    yield (
        f"last told {ago(told.last_told, now)}; first seen {ago(item.first_seen, now)}, "
        f"last changed {ago(item.last_changed, now)}"
    )


def _folder(told: Told) -> Iterator[str]:
    local, before = told.local_path_now, told.item.local_path
    if local is None:
        yield "its folder means nothing on this host: no path mapping fits"
    elif told.mapping:
        yield f"{local}, by the mapping {told.mapping.remote} → {told.mapping.local}"
    else:
        yield f"{local}, as no mapping fits"
    if local != before:
        yield f"at the last refresh it was {before or 'nothing'}; the next one takes the new one"


def _trailer(told: Told) -> Iterator[str]:
    item = told.item
    stored = f", {item.trailer_file}" if item.trailer_file else ""
    yield f"{item.trailer.value}{stored}, as the last refresh left it"
    if item.contradicted:
        yield f"{item.provider} has a file of it that its folder does not show, so the folder proves nothing"
    if item.vanishing:
        yield "it is kept, though it is not seen as a trailer any more"
    if told.trailer_now not in (None, item.trailer):
        yield f"{told.trailer_now} now; the next refresh takes that"
    yield from _target(told)
    for number, one in enumerate(told.counting):
        also = "" if number == 0 else "also "
        yield f"{also}counts: {one.file} ({one.rule.value}: {one.rule.sentence})"
    for one in told.near:
        better = f"; as {one.better_name} it would" if one.better_name else ""
        yield f"does not count: {one.file} ({one.rule.value}: {one.rule.sentence}){better}"
    for file in told.hiding:
        yield f"Jellyfin takes {file} for another movie and shows none of its trailers: move or rename that"


def _target(told: Told) -> Iterator[str]:
    """Of an item that has none, where one belongs."""
    why = told.item.trailer_target_reason
    if TrailerState.PRESENT in (told.item.trailer, told.trailer_now):
        return
    if told.trailer_target_now:
        yield f"one would lie at {told.trailer_target_now}, with the extension of the video"
        yield from (f"{server} would not show it there" for server in told.not_shown_by)
    elif why:
        yield f"there is no place for one: {why.sentence}"


def _monitored(told: Told, clock: Callable[[datetime], str]) -> Iterator[str]:
    item = told.item
    reason = item.monitor_reason
    yield f"{words(item.monitored)}, by row {told.row}, {reason.value}: {reason.sentence}"
    if item.condition:
        yield f"the condition that decides is {item.condition}"
    yield f"the mode of {item.connection} is {told.mode.value if told.mode else 'none yet'}"
    if item.intent is None:
        yield "no choice of yours"
        return
    who = f" by {told.intent_by}" if told.intent_by else ""
    when = f" at {clock(told.intent_at)}" if told.intent_at else ""
    yield f"your choice is {words(item.intent)}, made{when}{who}"


def _history(told: Told, clock: Callable[[datetime], str]) -> Iterator[str]:
    for event in told.history:
        yield f"{clock(event.at)}  {what(event)}"
