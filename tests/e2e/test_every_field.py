"""Every field of Media and every fact arrives, whichever way an item goes: none is forgotten in between.

The fields are those of the structs themselves, so a new one is followed too, without a line here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, get_args, get_origin

import pytest
from msgspec.json import encode
from msgspec.structs import asdict, fields
from msgspec.structs import replace as replace_fact

from tests.cli.conftest import CommandLine
from tests.shipped import shipped_providers
from tests.web.conftest import client, home, owner, stage
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.connection import Connection
from trailarrd.domain.details import Details, ReleaseStatus
from trailarrd.domain.dry_run import Action
from trailarrd.domain.media import Media, MediaKind
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.provider import SystemStatus
from trailarrd.refresh.refresher import Refresher
from trailarrd.store.spool import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.web.conftest import Client, Stage
    from trailarrd.domain.dry_run import PlannedItem
    from trailarrd.store.listing import MediaRow
    from trailarrd.store.store import Store

__all__ = ["client", "home", "owner", "stage"]

ARR_ID = 7
NAME = "everything"
OTHERWISE = {"path": "remote_path"}
"""Fields that are told by another name than their own."""
UNTOLD = {"main_file"}
"""What `--json` and the API do not tell; all the rest of Media they do."""


def value(name: str, kind: Any, number: int) -> Any:
    """One of as many values as there are numbers, never the default."""
    if name == "arr_id":
        return ARR_ID
    if kind is Details:
        return Details(**{one.name: value(one.name, one.type, number) for one in fields(Details)})
    kinds = kinds_in(kind)
    if Mapping in kinds:
        return {"tmdb": "603", name: f"x{number}"}  # still the same item
    values = {
        ReleaseStatus: [*ReleaseStatus][number],
        datetime: datetime(1900 + number, 1, 1, tzinfo=UTC),
        date: date(1900 + number, 1, 1),
        tuple: (f"a {name}", f"{name} {number}"),
        bool: number % 2 == 1,
        int: 1900 + number,
        str: f"/{name}/{number}",
    }
    return next(one for type_, one in values.items() if type_ in kinds)


def kinds_in(kind: Any) -> set[Any]:
    """The type itself and all that it is made of."""
    parts = [getattr(kind, "__supertype__", None), getattr(kind, "__origin__", None), *get_args(kind)]
    known = [part for part in parts if isinstance(part, type) or get_args(part)]
    return {kind, get_origin(kind)}.union(*map(kinds_in, known))


def media(number: int) -> Media:
    """The item, with this value in each of its fields."""
    return Media(**{one.name: value(one.name, one.type, number) for one in fields(Media)})


FIRST, SECOND = media(1), media(2)
ONE_BY_ONE = {
    **{name: {name: getattr(SECOND, name)} for name in Media.__struct_fields__ if name != "arr_id"},
    **{
        f"details.{name}": {"details": replace_fact(FIRST.details, **{name: getattr(SECOND.details, name)})}
        for name in Details.__struct_fields__
    },
}
"""What another value of each field alone is, given to `replace_media`."""


def other(number: int) -> Media:
    return replace_media(FIRST, arr_id=1000 + number, path=f"/other/{number}", external_ids={})


def replace_media(one: Media, **changes: Any) -> Media:
    return Media(**(asdict(one) | changes))


@dataclass
class Server:
    """Lists ready-made Media."""

    listed: list[Media] = field(default_factory=list)

    async def system_status(self) -> SystemStatus:
        return SystemStatus(app_name="Test", version="1")

    async def root_folders(self) -> list[Any]:
        return []

    async def all_media(self) -> AsyncGenerator[list[Media], None]:
        for start in range(0, len(self.listed), 500):
            yield self.listed[start : start + 500]

    async def media(self, arr_id: int) -> Media | None:
        return next((one for one in self.listed if one.arr_id == arr_id), None)


@dataclass
class Way:
    """A connection to that server, in the database of a daemon."""

    store: Store
    server: Server = field(default_factory=Server)
    others: int = 1
    now: datetime = datetime(2030, 3, 1, 12, tzinfo=UTC)

    def refresher(self) -> Refresher:
        self.now += timedelta(minutes=1)
        provider = replace(shipped_providers()["radarr"], parser=lambda media: media)
        return Refresher(
            connection=Connection(name=NAME, provider="radarr"),
            provider=provider,
            api=self.server,
            store=self.store,
            disk=partial(DiskView, Roots()),
            redactor=Redactor([]),
            clock=lambda: self.now,
        )

    async def refresh(self, *listed: Media) -> None:
        self.server.listed = [*listed, *map(other, range(self.others))]
        assert (await self.refresher().refresh()).error is None

    async def dry_run(self, *listed: Media) -> PlannedItem:
        """What would become of the item."""
        self.server.listed = [*listed, *map(other, range(self.others))]
        async with self.refresher().dry_run() as planned:
            assert planned.plan
            pages = [page async for page in self.store.dry_run(planned.plan)]
        (item,) = [one for page in pages for one in page if one.entry.media.arr_id == ARR_ID]
        return item

    async def row(self) -> MediaRow:
        (row,) = [
            row
            async for page in self.store.media(now=self.now)
            for row in page
            if (row.connection, row.arr_id) == (NAME, ARR_ID)
        ]
        return row

    async def arrived(self) -> Media:
        row = await self.row()
        return Media(**{name: getattr(row, name) for name in Media.__struct_fields__})


@pytest.fixture(params=[1, IN_MEMORY + 10], ids=["in memory", "through a file"])
async def way(request: pytest.FixtureRequest, stage: Stage) -> Way:
    way = Way(stage.daemon.store, others=request.param)
    await way.store.register([(NAME, "radarr", MediaKind("movie"))])
    return way


def test_each_value_is_another_and_none_is_the_default() -> None:
    for owners in ((FIRST, SECOND), (FIRST.details, SECOND.details)):
        for one in fields(owners[0]):
            values = [getattr(owner, one.name) for owner in owners]
            assert one.name == "arr_id" or values[0] != values[1]
            assert one.required or one.default not in values


async def test_in_the_first_refresh(way: Way) -> None:
    await way.refresh(FIRST)
    assert await way.arrived() == FIRST


async def test_added_later(way: Way) -> None:
    await way.refresh()
    way.others += way.others  # so that as many as are collected are new
    await way.refresh(FIRST)
    assert await way.arrived() == FIRST


async def test_changed(way: Way) -> None:
    way.others = 1
    await way.refresh(FIRST)
    await way.refresh(SECOND)
    assert await way.arrived() == SECOND
    assert differences((await way.store.history(media_id=(await way.row()).id))[0].detail) == {
        OTHERWISE.get(name, name) for name in Media.__struct_fields__ if name != "arr_id"
    }


def differences(detail: Mapping[str, Any]) -> set[str]:
    """Which fields of Media an event or a dry run tells of; what is ours besides does not count."""
    return {name for name in detail if name not in ("local_path", "trailer", "monitored", "monitor_reason")}


async def test_changed_by_itself(stage: Stage, subtests: pytest.Subtests) -> None:
    """A fingerprint that left it out would not show it."""
    way = Way(stage.daemon.store)
    await way.store.register([(NAME, "radarr", MediaKind("movie"))])
    for name, values in ONE_BY_ONE.items():
        changed = replace_media(FIRST, **values)
        with subtests.test(name):
            await way.refresh(FIRST)
            await way.refresh(changed)
            assert await way.arrived() == changed


async def test_changed_in_a_library_that_has_moved(way: Way) -> None:
    await way.refresh(FIRST)
    moved = [replace_media(one, path=f"/moved{one.path}") for one in way.server.listed[1:]]
    way.server.listed = [SECOND, *moved]
    assert (await way.refresher().refresh()).updated == 1 + way.others
    assert await way.arrived() == SECOND


async def test_in_a_dry_run(way: Way) -> None:
    assert (await way.dry_run(FIRST)).entry.media == FIRST
    await way.refresh()
    added = await way.dry_run(FIRST)
    assert (added.action, added.entry.media) == (Action.ADDED, FIRST)
    await way.refresh(FIRST)
    changed = await way.dry_run(SECOND)
    assert (changed.action, changed.entry.media) == (Action.CHANGED, SECOND)
    assert differences(changed.changes) == {
        OTHERWISE.get(name, name) for name in Media.__struct_fields__ if name != "arr_id"
    }
    removed = await way.dry_run()
    assert (removed.action, removed.entry.media) == (Action.REMOVED, FIRST)


async def test_asked_for_alone(way: Way) -> None:
    await way.refresh()
    way.server.listed.append(FIRST)
    assert await way.refresher().revisit({ARR_ID})
    assert await way.arrived() == FIRST
    way.server.listed[-1] = SECOND
    assert await way.refresher().revisit({ARR_ID})
    assert await way.arrived() == SECOND


async def test_to_the_command_line_and_over_http(stage: Stage, owner: Client) -> None:
    way = Way(stage.daemon.store)
    await way.store.register([(NAME, "radarr", MediaKind("movie"))])
    for number in (FIRST, SECOND):
        await way.refresh(number)
        promised = {
            OTHERWISE.get(name, name): told
            for name, told in json.loads(encode(asdict(number))).items()
            if name not in UNTOLD
        }
        answer = await owner.get("media", connection=NAME)
        listed = await CommandLine(stage.household)("media", "--connection", NAME, "--json")
        for documents in (answer.document["items"], [json.loads(line) for line in listed.out.splitlines()]):
            (item,) = [one for one in documents if one["arr_id"] == ARR_ID]
            assert {name: item[name] for name in promised} == promised
