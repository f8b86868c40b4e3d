"""What commands and the daemon work with: the store and a refresher for each connection."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from trailarrd.desk import Desk
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.secret import Redactor
from trailarrd.housekeeper import Housekeeper
from trailarrd.plugin.failed import make_api_manager
from trailarrd.plugin.session import open_session
from trailarrd.refresh import Refresher
from trailarrd.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from trailarrd.config import ConnectionSettings, Settings
    from trailarrd.plugin.provider import Provider


def utc_now() -> datetime:
    """The clock that everything below is given."""
    return datetime.now(UTC)


def redactor_of(settings: Settings) -> Redactor:
    """Knows every secret of the configuration."""
    return Redactor(settings.secrets)


class House:
    """Everything that is open while trailarrd works."""

    def __init__(
        self, settings: Settings, providers: Mapping[str, Provider[Any]], store: Store, roots: Roots
    ) -> None:
        self.settings = settings
        self.providers = providers
        self.store = store
        self.roots = roots
        self.desks: dict[str, Desk] = {}
        """By connection name, in the order of trailarrd.yaml."""

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
        await self.store.register(
            [(c.name, c.provider, self.providers[c.provider].media_kind) for c in self.settings.connections]
        )

    def furnish(self) -> None:
        """A desk for each connection; raises `ProviderError` if its settings cannot be used (`ca_file`)."""
        for connection in self.settings.connections:
            self.desks[connection.name] = self._desk(connection)

    async def close(self) -> None:
        """Close every session."""
        for desk in self.desks.values():
            await desk.close()

    def _desk(self, connection: ConnectionSettings) -> Desk:
        server = connection.arr_server()
        session = open_session(server)
        provider = self.providers[connection.provider]
        refresher = Refresher(
            connection=connection.connection(),
            provider=provider,
            api=make_api_manager(provider, session, server),
            store=self.store,
            disk=partial(DiskView, self.roots, trailers=provider.trailers),
            redactor=redactor_of(self.settings),
            clock=utc_now,
            guard=self.settings.removal_guard.guard(),
        )
        return Desk(refresher, session.close)


@asynccontextmanager
async def open_house(
    settings: Settings,
    providers: Mapping[str, Provider[Any]],
    *,
    roots: Roots | None = None,
    as_daemon: bool = False,
) -> AsyncIterator[House]:
    """The store and a refresher for each connection; all closed again on leaving.

    `roots` is the disk, if it shall be another than this host's; `as_daemon` lets nobody else be one.

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
        house = House(settings, providers, store, roots or _roots(settings))
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
    return Roots(deadline=settings.disk.timeout.total_seconds())
