"""What commands and the daemon work with: the store and a refresher for each connection."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trailarrd.discovery.unloaded import close_api_manager, make_api_manager
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.report import Meter, Unmetered
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.session import open_session
from trailarrd.refresh.refresher import Refresher
from trailarrd.runtime.housekeeper import Housekeeper
from trailarrd.runtime.opening import told_if_slow
from trailarrd.runtime.slot import ConnectionSlot
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from trailarrd.config import ConnectionSettings, Settings
    from trailarrd.domain.connection import ArrServer
    from trailarrd.plugin.provider import ApiManager, Provider

_ANY: Final = timedelta(hours=1)


class ConfigDiff(NamedTuple):
    """What other settings mean for the connections, by their names."""

    added: list[str]
    changed: list[str]
    """With another server, another key, other mappings or another mode."""
    removed: list[str]
    rescheduled: list[str]
    """Unchanged but for when they are refreshed."""


class Runtime:
    """Everything that is open while trailarrd works."""

    def __init__(
        self,
        settings: Settings,
        providers: Mapping[str, Provider[Any]],
        store: Store,
        roots: Roots | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.settings = settings
        self.meter = meter or Unmetered()
        self.providers = providers
        self.store = store
        self.roots = roots or Roots(
            deadline=settings.disk.timeout.total_seconds(),
            quiet=_quiet(settings),
            trust_times=settings.disk.times(),
            host=store.host,
        )
        self.slots: dict[str, ConnectionSlot] = {}
        """By connection name, in the order of trailarrd.yaml."""
        self.renew_secrets: Callable[[], Awaitable[None]] = _nothing
        """Reads anew what stands in files of its own, and reconfigures by it; for who runs long to set."""
        self._draining: dict[asyncio.Task[None], ConnectionSlot] = {}

    @property
    def refreshers(self) -> dict[str, Refresher]:
        """By connection name, in the order of trailarrd.yaml."""
        return {name: slot.refresher for name, slot in self.slots.items()}

    @property
    def housekeeper(self) -> Housekeeper:
        """Goes by the settings of now."""
        return Housekeeper(
            store=self.store,
            removed_grace=self.settings.removed_grace,
            history_retention=self.settings.history_retention,
            clock=self.store.now,
        )

    async def register(self, settings: Settings) -> None:
        """Make the configured connections the active ones in the database.

        Raises:
            DatabaseError: the database cannot be used.
            ConfigError: a name belongs to another provider in the database.
        """
        await self.store.register(
            [(c.name, c.provider, self.providers[c.provider].media_kind) for c in settings.connections]
        )

    def open_connections(self) -> None:
        """A slot for each connection; raises `ProviderError` if its settings cannot be used (`ca_file`)."""
        for connection in self.settings.connections:
            self.slots[connection.name] = self._slot(connection, self.settings)

    async def reconfigure(self, settings: Settings) -> ConfigDiff:
        """Go by other settings from now on; where that is not possible, nothing has changed.

        A connection whose server is the same keeps its slot; whoever works at one that is not needed
        any more ends his work there. Raises the same as `register` and `open_connections`.
        """
        fresh: dict[str, ConnectionSlot] = {}
        try:
            for connection in settings.connections:
                slot = self.slots.get(connection.name)
                if slot is None or slot.basis != _basis(connection):
                    fresh[connection.name] = self._slot(connection, settings)
            if _registered(settings) != _registered(self.settings):
                await self.register(settings)
        except BaseException:
            for slot in fresh.values():
                await slot.close()
            raise
        return self._adopt(settings, fresh)

    def _adopt(self, settings: Settings, fresh: Mapping[str, ConnectionSlot]) -> ConfigDiff:
        """Nothing in here can fail."""
        old = {connection.name: connection for connection in self.settings.connections}
        new = {connection.name: connection for connection in settings.connections}
        slots = {name: fresh.get(name) or self.slots[name] for name in new}
        for name, slot in self.slots.items():
            if slots.get(name) is not slot:
                draining = asyncio.create_task(slot.drain(), name=f"drain {name}")
                self._draining[draining] = slot
                draining.add_done_callback(self._draining.pop)
        self.settings, self.slots = settings, slots
        self.roots.deadline = settings.disk.timeout.total_seconds()
        self.roots.quiet = _quiet(settings)
        self.roots.trust_times = settings.disk.times()
        for name, connection in new.items():
            slots[name].refresher = self._refresher(connection, settings, slots[name].refresher.api)
        kept = [name for name in new if name in old]
        changed = [name for name in kept if name in fresh or _differ(old[name], new[name])]
        return ConfigDiff(
            added=[name for name in new if name not in old],
            changed=changed,
            removed=[name for name in old if name not in new],
            rescheduled=[name for name in kept if name not in changed and old[name] != new[name]],
        )

    async def close(self) -> None:
        """Close every session."""
        for draining in list(self._draining):
            draining.cancel()
        for slot in (*self.slots.values(), *self._draining.values()):
            await slot.close()

    def _slot(self, connection: ConnectionSettings, settings: Settings) -> ConnectionSlot:
        basis = _basis(connection)
        server = connection.arr_server()
        session = open_session(server, partial(self.meter.asked, connection.name))
        api = make_api_manager(self.providers[connection.provider], session, server)
        return ConnectionSlot(
            self._refresher(connection, settings, api), partial(_closed, api, session), basis=basis
        )

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
            redactor=Redactor(settings.secrets),
            clock=self.store.now,
            guard=settings.removal_guard.guard(),
            full_scan=settings.disk.full_scan,
            renewed=partial(self._renewed, connection.name, connection.arr_server()),
            meter=self.meter,
            most_roots=connection.limits.roots,
        )

    @asynccontextmanager
    async def _renewed(self, name: str, server: ArrServer) -> AsyncIterator[Refresher | None]:
        """Who asks that server, if it is asked with other secrets now; its session is open for that block."""
        await self.renew_secrets()
        now = {connection.name: connection.arr_server() for connection in self.settings.connections}
        if name in now and _is_other_by_secrets(server, now[name]):
            async with self.slots[name].lease() as refresher:
                yield refresher
        else:
            yield None


async def _closed(api: object, session: Any) -> None:
    if not session.closed:
        await close_api_manager(api)
    await session.close()


async def _nothing() -> None:
    pass


def _is_other_by_secrets(old: ArrServer, new: ArrServer) -> bool:
    """Whether it is the same server but for what it, and what is in front of it, is shown."""
    alike = replace(new, api_key=old.api_key, headers=old.headers, basic=old.basic)
    return old != new and old == alike


def _registered(settings: Settings) -> set[tuple[str, str]]:
    return {(connection.name, connection.provider) for connection in settings.connections}


def _basis(connection: ConnectionSettings) -> object:
    """What a session was opened for: another one needs another session."""
    authority = None
    with suppress(OSError):  # a file that cannot be read is for whoever opens the session to say
        authority = Path(connection.ca_file).read_bytes() if connection.ca_file else None
    return connection.provider, connection.arr_server(), authority


def _differ(old: ConnectionSettings, new: ConnectionSettings) -> bool:
    """Whether a refresh would make another thing of the library; when it comes does not matter."""
    timeless = [replace(one.connection(), interval=_ANY, schedule=None) for one in (old, new)]
    return timeless[0] != timeless[1]


def _quiet(settings: Settings) -> Callable[[], bool]:
    """Whether the disks are to be left alone now."""
    hours = settings.quiet_hours()
    return lambda: hours.hold(utc_now())


def utc_now() -> datetime:
    """This host's clock, for what is shared with no other one."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    providers: Mapping[str, Provider[Any]],
    *,
    roots: Roots | None = None,
    as_daemon: bool = False,
    meter: Meter | None = None,
) -> AsyncIterator[Runtime]:
    """The store and a refresher for each connection; all closed again on leaving.

    `roots` is the disk, if it shall be another than this host's; `as_daemon` lets nobody else be one;
    `meter` hears of what is measured.

    Raises:
        DatabaseError: the database cannot be opened, or has a daemon already.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
    """
    async with AsyncExitStack() as stack:
        database = settings.database
        with told_if_slow(database.url):
            opened = Store.open(database.address, backups=database.backups)
            store = await stack.enter_async_context(opened)
            if as_daemon:
                await stack.enter_async_context(store.daemon_lock())
        runtime = Runtime(settings, providers, store, roots, meter)
        stack.push_async_callback(runtime.close)
        await runtime.register(settings)
        runtime.open_connections()
        yield runtime


@asynccontextmanager
async def open_dry_run(settings: Settings, providers: Mapping[str, Provider[Any]]) -> AsyncIterator[Runtime]:
    """The same for a dry run: the database can only be read, so nothing in it can change.

    While there is no database yet, an empty one stands in for it that is gone afterwards.

    Raises:
        DatabaseError: the database cannot be read, or is of another version than this program.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
    """
    async with Store.open_to_read(settings.database.address, or_blank=True) as store:
        runtime = Runtime(settings, providers, store)
        try:
            runtime.open_connections()
            yield runtime
        finally:
            await runtime.close()
