"""`trailarrd connections`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.output import Column, ago, counted, iso, print_json, print_line, print_table, tell
from trailarrd.domain.circuit import CircuitState
from trailarrd.domain.roots import RootState
from trailarrd.domain.text import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trailarrd.domain.roots import RootObservation
    from trailarrd.store import ConnectionRow

_COLUMNS: Final = (
    Column("connection"),
    Column("provider"),
    Column("state"),
    Column("last success"),
    Column("mode"),
    Column("items", number=True),
    Column("with trailer", number=True),
    Column("monitored", number=True),
    Column("held", number=True, rare=True),
    Column("quarantined", number=True, rare=True),
)


@click.command(name="connections")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one connection a line.")
@command_body
async def command(context: Context, as_json: bool) -> None:
    """List connections: state, last success, and what they hold.

    A connection that is no longer in trailarrd.yaml is kept as `inactive` with all its items until
    `trailarrd forget NAME`.
    """
    async with context.store() as store:
        rows, roots, note = await store.connections(), await store.roots(), await store.noted()
    now = datetime.now(UTC)
    _tell_daemons(note)
    rows = [_as_it_would_fail(row, context) for row in rows]
    if as_json:
        for row in rows:
            print_json(document(row, roots.get(row.name, []), now))
        return
    print_table(_COLUMNS, [_row(row, now) for row in rows])
    for row in rows:
        for remark in _remarks(row, roots.get(row.name, []), now):
            print_line(f"{row.name}: {remark}")


def _as_it_would_fail(row: ConnectionRow, context: Context) -> ConnectionRow:
    """With what the next refresh will say if the provider's plugin is not loaded: nobody need wait for it."""
    from trailarrd.discovery import why_not_loaded
    from trailarrd.domain.report import ErrorKind

    provider = context.providers.get(row.provider) if row.active else None
    if provider is None or not (why := why_not_loaded(provider)):
        return row
    return replace(row, last_error_kind=ErrorKind.INTERNAL, last_error=context.redactor.clean(why))


def _tell_daemons(note: Mapping[str, str]) -> None:
    """What the user must know of the daemon's configuration; beside the answer, as others read that."""
    if error := note.get("config_error"):
        tell(
            f"the daemon goes by the configuration of {note.get('config_read_at')}: "
            f"a newer one is refused since {note.get('config_refused_at')}:\n{error}"
        )
    if settings := note.get("restart_needed"):
        tell(f"restart the daemon for changed settings to count: {settings}")


def state(row: ConnectionRow) -> str:
    """One word: `inactive`, `new`, or how its last refresh ended."""
    if not row.active:
        return "inactive"
    return row.last_outcome.value if row.last_outcome else "new"


def _row(row: ConnectionRow, now: datetime) -> list[object]:
    return [
        *(row.name, row.provider, state(row), ago(row.last_success, now), row.mode),
        *(row.items, row.with_trailer, row.monitored, row.held, row.quarantined),
    ]


def _remarks(row: ConnectionRow, roots: Sequence[RootObservation], now: datetime) -> Iterator[str]:
    """What is not well with a connection, and what becomes of it."""
    if row.last_error_kind:
        yield f"{row.last_error_kind}: {row.last_error}"
    if row.active and row.circuit.state(now) is not CircuitState.CLOSED:
        yield f"its circuit is {_circuit(row, now)}"
    if row.held:
        yield f"{counted(row.held, 'removal')} held; see 'trailarrd removals {row.name}'"
    for root in roots:
        if root.state is not RootState.OK:
            yield f"{root.path}: {root.state.sentence}"


def _circuit(row: ConnectionRow, now: datetime) -> str:
    """The state, and what ends it if that is not the interval."""
    word = row.circuit.state(now).value
    if row.circuit.needs_user:
        return f"{word}, until you refresh it"
    remaining = row.circuit.remaining(now)
    return f"{word}, next try in {span(remaining)}" if remaining else word


def document(row: ConnectionRow, roots: Sequence[RootObservation], now: datetime) -> dict[str, Any]:
    """One connection as `connections --json` promises it."""
    next_try = row.retry_at if row.active and row.circuit.remaining(now) else None
    error = {"kind": row.last_error_kind, "message": row.last_error} if row.last_error_kind else None
    return {
        "connection": row.name,
        "provider": row.provider,
        "kind": row.kind,
        "state": state(row),
        "mode": row.mode,
        "last_refresh": iso(row.last_finished) if row.last_finished else None,
        "last_success": iso(row.last_success) if row.last_success else None,
        "error": error,
        "items": row.items,
        "with_trailer": row.with_trailer,
        "monitored": row.monitored,
        "held": row.held,
        "quarantined": row.quarantined,
        "circuit": row.circuit.state(now),
        "failures": row.failures,
        "next_try": iso(next_try) if next_try else None,
        "roots": [{"path": root.path, "state": root.state} for root in roots],
    }
