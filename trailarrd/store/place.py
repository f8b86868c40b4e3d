"""A database before it is opened: what differs between a file and a server comes from here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from trailarrd.concurrency import to_completion
from trailarrd.domain.database import DatabaseAddress
from trailarrd.store import engine
from trailarrd.store.commits import DatabaseVersion, SqliteVersion
from trailarrd.store.locks import FileLocks, Locks


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is, and by what name whoever opens it is known there."""

    address: DatabaseAddress
    url: URL
    busy_timeout: float
    owner: str = field(default_factory=lambda: os.urandom(16).hex())
    """By what a server knows this process, so that others can end its sessions if it hangs."""

    @classmethod
    def of(cls, address: str | DatabaseAddress, busy_timeout: float) -> Place:
        if isinstance(address, str):
            address = DatabaseAddress(url=address)
        return cls(address, engine.parse_url(address.url, address.password), busy_timeout)

    @property
    def name(self) -> str:
        return engine.place_of(self.url)

    @property
    def file(self) -> Path | None:
        return engine.file_of(self.url)

    def engine(
        self, *, read_only: bool = False, to_migrate: bool = False, within: float | None = None
    ) -> AsyncEngine:
        return engine.create_engine(
            engine.to_read(self.url) if read_only else self.url,
            busy_timeout=self.busy_timeout,
            to_migrate=to_migrate,
            pooler=self.address.pooler,
            session=f"trailarrd {self.owner}",
            within=within,
        )

    def locks(self) -> Locks:
        if self.file:
            return FileLocks(self.file)
        from trailarrd.store.leases import Leases  # noqa: PLC0415  # only where there is a server

        lease, direct = self.address.lease, self._past_pooler()
        # Who cannot prolong its leases must find out before they are over.
        within = max(1.0, lease.total_seconds() / 3)
        engine = replace(direct, busy_timeout=min(self.busy_timeout, within)).engine(within=within)
        listening = None if direct.address.pooler else direct.engine()
        return Leases(engine, direct.name, self.owner, lease, listening)

    async def must_be_one(self, opened: AsyncEngine) -> None:
        """Raises `ConfigError` if the way past the pooler leads to another database than `opened`."""
        if (direct := self._past_pooler()) is self:
            return
        from trailarrd.store.direct import must_be_one  # noqa: PLC0415  # only where there is a pooler

        engine = direct.engine(within=self.busy_timeout)
        try:
            await must_be_one(engine, direct.name, opened, self.name)
        finally:
            await to_completion(engine.dispose())

    def _past_pooler(self) -> Place:
        """The same without a pooler, if it is known: its sessions may all be taken, and none stays."""
        if self.file or not (self.address.pooler and self.address.listen_url):
            return self
        direct = replace(self.address, url=self.address.listen_url, pooler=False)
        return replace(Place.of(direct, self.busy_timeout), owner=self.owner)

    def version_of(self, opened: AsyncEngine) -> DatabaseVersion:
        if self.file:
            return SqliteVersion(opened)
        from trailarrd.store.postgres import PostgresVersion  # noqa: PLC0415  # only where there is a server

        return PostgresVersion(opened)
