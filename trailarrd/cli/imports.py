"""`trailarrd import`: from another program to a configuration, and choices that wait for their items."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from trailarrd.cli.context import Context, command_body
from trailarrd.cli.init import check_new, new_file, write_new
from trailarrd.cli.output import counted, print_line, tell
from trailarrd.cli.progress import working
from trailarrd.cli.prompt import is_confirmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trailarrd.config.annotated import NewConnection
    from trailarrd.doctor import ServerDetector
    from trailarrd.domain.monitoring import MonitorMode
    from trailarrd.domain.paths import PathMapping
    from trailarrd.store.trailarr import Trailarr, TrailarrConnection

_BY: Final = "Trailarr"


@click.group(name="import")
def import_() -> None:
    """Take over what another program knows, into a first trailarrd.yaml; that program's files are only read.

    \b
    trailarrd import trailarr /path/to/trailarr.db
    """


@import_.command(name="trailarr")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask.")
@command_body
async def trailarr(context: Context, path: Path, yes: bool) -> int:
    """Write a first trailarrd.yaml from Trailarr's database: PATH is its trailarr.db, or the folder of it.

    Takes over connections, keys, path mappings and modes, and your own yes or no to items and videos for
    them as far as that database proves that they are yours. Each server is asked, and its library looked
    for on this host, as paths may mean something only in Trailarr's container. Everything is listed before
    anything is written, and nothing is written to Trailarr's database. Ends with `trailarrd check`.

    The choices are kept, and the first refresh that meets an item gives it its own.
    """
    from trailarrd.doctor import ServerDetector
    from trailarrd.store.trailarr import read_trailarr

    target = new_file(context)
    found = await asyncio.to_thread(read_trailarr, _file(path))
    if not found.connections:
        raise click.UsageError(f"{path} has no connection to a Radarr or Sonarr.")
    detector = ServerDetector(context.providers, os.environ.get("HOME"))
    connections: dict[int, NewConnection] = {}
    for one in found.connections:
        taken = [other.name for other in connections.values()]
        connections[one.number] = await _known(detector, one, taken, _mode(one, may_ask=not yes))
    for line in _lines(found, connections):
        print_line(line)
    if not yes and not is_confirmed(f"Write {target}?"):
        raise click.Abort
    write_new(target, list(connections.values()), downloads=bool(context.downloaders))
    written = Context(str(target))
    await _foretell(written, found, connections)
    return await check_new(written, target)


def _file(path: Path) -> Path:
    return path / "trailarr.db" if path.is_dir() else path


def _mode(one: TrailarrConnection, *, may_ask: bool) -> MonitorMode:
    """Trailarr's later versions want each item when it is first met: two of our modes are near to that."""
    from trailarrd.domain.monitoring import MonitorMode

    if one.mode is None and may_ask and is_confirmed(f"{one.name}: want only what comes from now on?"):
        return MonitorMode.NEW
    return one.mode or MonitorMode.MISSING


async def _known(
    detector: ServerDetector, one: TrailarrConnection, taken: Sequence[str], mode: MonitorMode
) -> NewConnection:
    """A connection as it is to be written; what its server does not tell is as Trailarr has it."""
    from trailarrd.config.annotated import NewConnection
    from trailarrd.config.scaffold import address
    from trailarrd.doctor import UnknownServerError
    from trailarrd.domain.connection import ArrServer

    url, told, mappings = address(one.url), "", list(one.mappings)
    try:
        with working(f"asking {url}, and looking for its library here"):
            detected = await detector.detect(ArrServer(url=url, api_key=one.key))
    except UnknownServerError as error:
        tell(f"{one.name}: {error}")
        told = "it did not answer when this was written"
    else:
        url, told = detected.url, f"{detected.status.app_name} {detected.status.version}"
        mappings = _proven(detected.mappings, one.mappings, detected.roots)
    return NewConnection(
        name=_name(one.name, taken),
        provider=one.provider,
        url=url,
        told=" ".join(told.split()),
        mappings=mappings,
        mode=mode,
        key=one.key,
    )


def _proven(
    found: Sequence[PathMapping], written: Iterable[PathMapping], roots: Sequence[str]
) -> list[PathMapping]:
    """What was found on this host; for a root folder that was not, what Trailarr has, to be looked into."""
    seen = {mapping.remote for mapping in found} | {root for root in roots if Path(root).is_dir()}
    return [*found, *(mapping for mapping in written if mapping.remote not in seen)]


def _name(told: str, taken: Sequence[str]) -> str:
    """A name as trailarrd.yaml takes it; a number for the second of that name."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", told).strip("-._") or "connection"
    numbered = [plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 2))]
    return next(name for name in numbered if name not in taken)


def _lines(found: Trailarr, connections: dict[int, NewConnection]) -> Iterator[str]:
    """All that is taken over, and all that is not."""
    for one in found.connections:
        new = connections[one.number]
        yield f"{new.name}: {new.provider} at {new.url}, {new.told}; mode {new.mode.value}"
        yield from (
            f"  {mapping.remote} is {mapping.local} here{_doubt(mapping)}" for mapping in new.mappings
        )
    for choice in found.choices:
        name, wish = connections[choice.connection].name, "yes" if choice.intent else "no"
        if choice.intent is not None:
            yield f"{wish} to {choice.title}, of {name}: {choice.proof}"
        if choice.url:
            yield f"the video for {choice.title}, of {name}: {choice.url}, as you named it"
    for left in found.left_out:
        yield f"not taken over: {left}"


def _doubt(mapping: PathMapping) -> str:
    return "" if Path(mapping.local).is_dir() else ", as Trailarr has it; but there is no such folder"


async def _foretell(context: Context, found: Trailarr, connections: dict[int, NewConnection]) -> None:
    """Keep the choices until their items are met."""
    from trailarrd.store.foretold import ForetoldChoice

    choices = [
        ForetoldChoice(
            connection=connections[choice.connection].name,
            arr_id=choice.arr_id,
            external_ids=choice.external_ids,
            title=choice.title,
            intent=choice.intent,
            url=choice.url,
            by=_BY,
        )
        for choice in found.choices
    ]
    if not choices:
        return
    async with context.store(create=True) as store:
        await store.foretell(choices)
    tell(f"{counted(len(choices), 'choice')} of yours kept until a refresh meets the items")
