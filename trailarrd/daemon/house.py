"""What commands and the daemon work with: the store and a refresher for each connection."""

from __future__ import annotations

import asyncio
import gc
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trailarrd.daemon.desk import Desk
from trailarrd.daemon.housekeeper import Housekeeper
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.meter import Unmetered
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.failed import make_api_manager
from trailarrd.plugin.session import open_session
from trailarrd.refresh.refresher import Refresher
from trailarrd.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from trailarrd.config import ConnectionSettings, Settings
    from trailarrd.domain.meter import Meter
    from trailarrd.plugin.provider import ApiManager, Provider


def utc_now() -> datetime:
    """The clock that everything below is given."""
    return datetime.now(UTC)


def redactor_of(settings: Settings) -> Redactor:
    """Knows every secret of the configuration."""
    return Redactor(settings.secrets)


_ANY: Final = timedelta(hours=1)


class Moves(NamedTuple):
    """Connections by name, as other settings have moved them."""

    added: list[str]
    changed: list[str]
    """With another server, another key, other mappings or another mode."""
    removed: list[str]
    rescheduled: list[str]
    """Unchanged but for when they are refreshed."""


class House:
    """Everything that is open while trailarrd works."""

    def __init__(
        self,
        settings: Settings,
        providers: Mapping[str, Provider[Any]],
        store: Store,
        roots: Roots,
        meter: Meter | None = None,
    ) -> None:
        self.settings = settings
        self.meter = meter or Unmetered()
        self.providers = providers
        self.store = store
        self.roots = roots
        self.desks: dict[str, Desk] = {}
        """By connection name, in the order of trailarrd.yaml."""
        self._clearing: dict[asyncio.Task[None], Desk] = {}

    @property
    def refreshers(self) -> dict[str, Refresher]:
        """By connection name, in the order of trailarrd.yaml."""
        return {name: desk.refresher for name, desk in self.desks.items()}

    @property
    def housekeeper(self) -> Housekeeper:
        """Erases what is old enough by the settings."""
        return Housekeeper(
            store=self.store,
            removed_grace=self.settings.removed_grace,
            history_retention=self.settings.history_retention,
            clock=utc_now,
        )

    async def register(self) -> None:
        """Make the configured connections the active ones in the database.

        Raises:
            DatabaseError: the database cannot be used.
            ConfigError: a name belongs to another provider in the database.
        """
        await self._register(self.settings)

    def furnish(self) -> None:
        """A desk for each connection; raises `ProviderError` if its settings cannot be used (`ca_file`)."""
        for connection in self.settings.connections:
            self.desks[connection.name] = self._desk(connection, self.settings)

    async def refurnish(self, settings: Settings) -> Moves:
        """Go by other settings from now on; where that is not possible, nothing has changed.

        A connection whose server is the same keeps its desk; whoever works at one that is not needed
        any more ends his work there. Raises the same as `register` and `furnish`.
        """
        fresh: dict[str, Desk] = {}
        try:
            for connection in settings.connections:
                if self._needs_desk(connection):
                    fresh[connection.name] = self._desk(connection, settings)
            if _registered(settings) != _registered(self.settings):
                await self._register(settings)
        except BaseException:
            for desk in fresh.values():
                await desk.close()
            raise
        return self._move(settings, fresh)

    def _move(self, settings: Settings, fresh: Mapping[str, Desk]) -> Moves:
        """Nothing in here can fail."""
        old = {connection.name: connection for connection in self.settings.connections}
        new = {connection.name: connection for connection in settings.connections}
        desks = {name: fresh.get(name) or self.desks[name] for name in new}
        for name, desk in self.desks.items():
            if desks.get(name) is not desk:
                self._clear(desk)
        kept = [name for name in new if name in old]
        changed = [name for name in kept if name in fresh or _differ(old[name], new[name])]
        moves = Moves(
            added=[name for name in new if name not in old],
            changed=changed,
            removed=[name for name in old if name not in new],
            rescheduled=[name for name in kept if name not in changed and old[name] != new[name]],
        )
        self.settings, self.desks = settings, desks
        self.roots.deadline = settings.disk.timeout.total_seconds()
        self.roots.quiet = _quiet(settings)
        for name, connection in new.items():
            desks[name].refresher = self._refresher(connection, settings, desks[name].refresher.api)
        return moves

    def _clear(self, desk: Desk) -> None:
        clearing = asyncio.create_task(desk.clear(), name="desk")
        self._clearing[clearing] = desk
        clearing.add_done_callback(self._clearing.pop)

    async def close(self) -> None:
        """Close every session."""
        for clearing in list(self._clearing):
            clearing.cancel()
        for desk in (*self.desks.values(), *self._clearing.values()):
            await desk.close()

    async def _register(self, settings: Settings) -> None:
        await self.store.register(
            [(c.name, c.provider, self.providers[c.provider].media_kind) for c in settings.connections]
        )

    def _needs_desk(self, connection: ConnectionSettings) -> bool:
        desk = self.desks.get(connection.name)
        return desk is None or desk.basis != _basis(connection)

    def _desk(self, connection: ConnectionSettings, settings: Settings) -> Desk:
        basis = _basis(connection)
        server = connection.arr_server()
        session = open_session(server, partial(self.meter.asked, connection.name))
        api = make_api_manager(self.providers[connection.provider], session, server)
        return Desk(self._refresher(connection, settings, api), session.close, basis=basis)

    def _refresher(
        self, connection: ConnectionSettings, settings: Settings, api: ApiManager[Any]
    ) -> Refresher:
        provider = self.providers[connection.provider]
        return Refresher(
            connection=connection.connection(),
            provider=provider,
            api=api,
            store=self.store,
            disk=partial(DiskView, self.roots, trailers=provider.trailers),
            redactor=redactor_of(settings),
            clock=utc_now,
            guard=settings.removal_guard.guard(),
            full_scan=settings.disk.full_scan,
            meter=self.meter,
        )


def _registered(settings: Settings) -> set[tuple[str, str]]:
    return {(connection.name, connection.provider) for connection in settings.connections}


def _basis(connection: ConnectionSettings) -> object:
    """What a session was opened for: another one needs another session."""
    return connection.provider, connection.arr_server(), _content(connection.ca_file)


def _content(file: str | None) -> bytes | None:
    """A file that cannot be read is for whoever opens the session to say."""
    with suppress(OSError):
        return Path(file).read_bytes() if file else None
    return None


def _differ(old: ConnectionSettings, new: ConnectionSettings) -> bool:
    """Whether a refresh would make another thing of the library; when it comes does not matter."""
    timeless = [replace(one.connection(), interval=_ANY, schedule=None) for one in (old, new)]
    return timeless[0] != timeless[1]


def spare_what_stays() -> None:
    """Leave all that was made so far out of every later garbage collection.

    What a start makes (modules, models, tables) stays to the end, some hundred thousand objects. To go
    through them again and again finds nothing, doubles the time of a small refresh, and holds the event
    loop for a tenth of a second each time.
    """
    gc.freeze()


@asynccontextmanager
async def open_house(
    settings: Settings,
    providers: Mapping[str, Provider[Any]],
    *,
    roots: Roots | None = None,
    as_daemon: bool = False,
    meter: Meter | None = None,
) -> AsyncIterator[House]:
    """The store and a refresher for each connection; all closed again on leaving.

    `roots` is the disk, if it shall be another than this host's; `as_daemon` lets nobody else be one;
    `meter` hears of what is measured.

    Raises:
        DatabaseError: the database cannot be opened, or has a daemon already.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            Store.open(settings.database.url, backups=settings.database.backups)
        )
        if as_daemon:
            await stack.enter_async_context(store.daemon_lock())
        house = House(settings, providers, store, roots or _roots(settings), meter)
        stack.push_async_callback(house.close)
        await house.register()
        house.furnish()
        yield house


@asynccontextmanager
async def open_rehearsal(
    settings: Settings, providers: Mapping[str, Provider[Any]], *, roots: Roots | None = None
) -> AsyncIterator[House]:
    """The same house for a rehearsal: its database can only be read, so nothing in it can change.

    While there is no database yet, an empty one stands in for it that is gone afterwards.

    Raises:
        DatabaseError: the database cannot be read, or is of another version than this program.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open_to_read(settings.database.url, or_blank=True))
        house = House(settings, providers, store, roots or _roots(settings))
        stack.push_async_callback(house.close)
        house.furnish()
        yield house


def _roots(settings: Settings) -> Roots:
    return Roots(deadline=settings.disk.timeout.total_seconds(), quiet=_quiet(settings))


def _quiet(settings: Settings) -> Callable[[], bool]:
    """Whether the disks are to be left alone now."""
    hours = settings.quiet_hours()
    return lambda: hours.hold(utc_now())
