"""`trailarrd explain`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from trailarrd.cli import ExitCode
from trailarrd.cli import history as history_command
from trailarrd.cli import media as media_command
from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import Column, ago, iso, print_json, print_line, print_table, tell, words
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trailarrd.doctor import Explanation
    from trailarrd.store import MediaRow, Store

_COLUMNS: Final = (
    Column("id", number=True),
    Column("connection"),
    Column("title", wide=True),
    Column("year", number=True),
    Column("removed", rare=True),
)


@click.command(name="explain")
@click.argument("item", metavar="ITEM")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
@command_body
async def command(context: Context, item: str, as_json: bool) -> ExitCode:
    """Why an item is in the state that it is in, and what would change that.

    ITEM is its ID, its title or part of it, or a path of its folder or in it.

    What its server said and when, which mapping makes its folder here, which file counts as its
    trailer and by which rule, which ones nearly do and why not, which row of the table decided, your
    own word, and its history. Looks at its folder; asks no server and changes nothing.

    Exit code 1 if no item fits, or several do; they are listed then.
    """
    async with context.store() as store:
        found = await store.matching(item)
        if len(found) != 1:
            _list(item, [] if as_json else found, len(found))
            return ExitCode.TROUBLE
        explanation = await _explain(context, store, found[0])
    now = datetime.now(UTC)
    if as_json:
        print_json(document(explanation, now))
        return ExitCode.OK
    for line in _lines(explanation, now):
        print_line(line)
    return ExitCode.OK


def _list(item: str, found: Sequence[MediaRow], count: int) -> None:
    if not count:
        tell(f"no item fits {item!r}; see 'trailarrd media'")
        return
    rows = [(row.id, row.connection, row.title, row.year, "yes" if row.removed_at else "") for row in found]
    if rows:
        print_table(_COLUMNS, rows)
    tell(f"{count} items fit; name one by its ID")


async def _explain(context: Context, store: Store, item: MediaRow) -> Explanation:
    from trailarrd.doctor import Explainer
    from trailarrd.domain.trailers import TrailerRules

    (connection,) = [row for row in await store.connections() if row.name == item.connection]
    provider = context.providers.get(item.provider)
    explainer = Explainer(
        store=store,
        mappings=_mappings(context, item.connection),
        rules=provider.trailers if provider else TrailerRules(),
    )
    return await explainer.explain(item, connection)


def _mappings(context: Context, name: str) -> Sequence[Any]:
    """As trailarrd.yaml has them now; none if it cannot be used here, which is said."""
    try:
        connections = context.settings.connections
    except ConfigError as error:
        tell(f"the path mappings are not known, as the configuration cannot be used:\n{error}")
        return ()
    found = [one.connection().path_mappings for one in connections if one.name == name]
    return found[0] if found else ()


def _lines(told: Explanation, now: datetime) -> Iterator[str]:
    item = told.item
    year = f" ({item.year})" if item.year else ""
    yield f"#{item.id} {item.title}{year}, of {item.connection}: {item.status(now)}"
    for heading, lines in (
        ("Server", _server(told, now)),
        ("Folder", _folder(told)),
        ("Trailer", _trailer(told)),
        ("Monitored", _monitored(told)),
        ("History", _history(told)),
        ("What would change it", told.changes),
    ):
        yield ""
        yield heading
        yield from (f"  {line}" for line in lines)


def _server(told: Explanation, now: datetime) -> Iterator[str]:
    item, connection = told.item, told.connection
    ids = "".join(f", {name} {value}" for name, value in sorted(item.external_ids.items()))
    yield f"{item.provider} calls it {item.arr_id}{ids}"
    yield f"its folder there is {item.remote_path}"
    yield f"monitored there: {words(item.monitored_remotely)}"
    if item.removed_at:
        yield f"no longer listed; removed {ago(item.removed_at, now)}"
    elif item.held_at:
        yield f"no longer listed; its removal is held since {ago(item.held_at, now)}"
    yield (
        f"last told {ago(connection.last_success, now)}; first seen {ago(item.first_seen, now)}, "
        f"last changed {ago(item.last_changed, now)}"
    )


def _folder(told: Explanation) -> Iterator[str]:
    item = told.item
    if told.local_path is None:
        yield "its folder means nothing on this host: no path mapping fits"
    elif told.mapping:
        yield f"{told.local_path}, by the mapping {told.mapping.remote} → {told.mapping.local}"
    else:
        yield f"{told.local_path}, as no mapping fits"
    if told.local_path != item.local_path:
        yield f"at the last refresh it was {item.local_path or 'nothing'}; the next one takes the new one"


def _trailer(told: Explanation) -> Iterator[str]:
    item, now = told.item, told.observation
    stored = f", {item.trailer_file}" if item.trailer_file else ""
    yield f"{item.trailer.value}{stored}, as the last refresh left it"
    if now and now.trailer != item.trailer:
        yield f"{now.trailer.value} now; the next refresh takes that"
    for number, file in enumerate(told.survey.counting):
        also = "" if number == 0 else "also "
        yield f"{also}counts: {file.path} ({file.verdict.value}: {file.verdict.sentence})"
    for file in told.survey.near:
        yield f"does not count: {file.path} ({file.verdict.value}: {file.verdict.sentence})"


def _monitored(told: Explanation) -> Iterator[str]:
    item, connection = told.item, told.connection
    reason = item.monitor_reason
    yield f"{words(item.monitored)}, by row {told.row}, {reason.value}: {reason.sentence}"
    mode = connection.mode.value if connection.mode else "none yet"
    yield f"the mode of {connection.name} is {mode}"
    if item.intent is None:
        yield "you have not spoken"
        return
    who = f" by {item.intent_by}" if item.intent_by else ""
    when = f" at {iso(item.intent_at)}" if item.intent_at else ""
    yield f"your word is {words(item.intent)}, set{when}{who}"


def _history(told: Explanation) -> Iterator[str]:
    for event in told.history:
        yield f"{iso(event.at)}  {history_command.what(event)}"


def document(told: Explanation, now: datetime) -> dict[str, Any]:
    """One item as `explain --json` promises it."""
    item, connection, mapping = told.item, told.connection, told.mapping
    return {
        "item": media_command.document(item, now),
        "last_told": iso(connection.last_success) if connection.last_success else None,
        "removed_at": iso(item.removed_at) if item.removed_at else None,
        "held_since": iso(item.held_at) if item.held_at else None,
        "mapping": {"remote": mapping.remote, "local": mapping.local} if mapping else None,
        "local_path_now": told.local_path,
        "trailer_now": told.observation.trailer if told.observation else None,
        "counting": [{"file": one.path, "rule": one.verdict} for one in told.survey.counting],
        "near": [{"file": one.path, "rule": one.verdict} for one in told.survey.near],
        "mode": connection.mode,
        "row": told.row,
        "intent_at": iso(item.intent_at) if item.intent_at else None,
        "intent_by": item.intent_by,
        "history": [history_command.document(event) for event in told.history],
        "would_change": list(told.changes),
    }
