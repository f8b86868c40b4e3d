"""The whole examination, in the order in which a user mends things."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from trailarrd.config import ConnectionSettings, Settings
from trailarrd.discovery.plugins import without_secrets
from trailarrd.discovery.record import PluginRecord
from trailarrd.discovery.unloaded import why_not_loaded
from trailarrd.disk.search import starting_points
from trailarrd.doctor import host
from trailarrd.doctor.names import NameExamination
from trailarrd.doctor.roots import RootCase, RootExamination, cases_known, cases_of, files_elsewhere
from trailarrd.doctor.server import ServerExamination, unheard_hub
from trailarrd.doctor.webhook import Arrivals, WebhookExamination
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code, Level
from trailarrd.domain.database import Condition, DatabaseAddress
from trailarrd.domain.paths import LocalPath, PathMapper, PathMapping
from trailarrd.domain.roots import RootObservation
from trailarrd.domain.secret import Redactor
from trailarrd.errors import DatabaseError
from trailarrd.plugin.downloader import Downloader
from trailarrd.plugin.provider import Provider
from trailarrd.store.engine import file_of, parse_url
from trailarrd.store.folders import ItemFolder
from trailarrd.store.integrity import condition_of
from trailarrd.store.store import Store

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Subject:
    plugins: Sequence[PluginRecord] | None = None
    """None if somebody else tells of them."""
    providers: Mapping[str, Provider[Any]]
    downloaders: Mapping[str, Downloader] = field(default_factory=dict)
    settings: Settings | None = None
    """None if the configuration cannot be used."""
    mistakes: str = ""
    """Why not."""
    overlooked: Sequence[Path] = ()
    """Configurations that are there, too, and are not read."""
    database: DatabaseAddress | None = None
    """Where the database is, as far as that could be read."""
    store: Store | None = None
    """Of a daemon: that database, as it is open already."""
    offline: bool = False
    """No server is asked; what is known of the disk is what the last refreshes left."""
    sparing: bool = False
    """Servers are not asked for their libraries: a refresh does that just now."""
    thorough: bool = True
    """Items' folders are looked into, for files with a name that no server takes for a trailer's."""
    unheard: Mapping[str, str] = field(default_factory=dict)
    """Of a daemon that is sparing: the connections whose hubs it cannot hear, and why."""
    arrived: Callable[[str], Arrivals] | None = None
    """Of a daemon: which events of a connection have arrived."""
    quiet: bool = False
    """The disks are left alone."""
    home: str | None = field(default_factory=lambda: os.environ.get("HOME"))
    """Where people keep media, too."""


async def examine(subject: Subject, *, now: datetime) -> AsyncIterator[Finding]:
    """Every finding, as it comes; servers are asked side by side. Changes nothing and never fails."""
    condition = await condition_of(subject.database) if subject.database else None
    for finding in await asyncio.to_thread(_of_this_host, subject, condition, now):
        yield finding
    settings = subject.settings
    if settings is None:
        return
    async for finding in _of_downloads(subject, settings):
        yield finding
    unreadable = condition.trouble if condition else None
    connections = [_Connection(subject, settings, one, now, unreadable) for one in settings.served]
    tasks = [asyncio.create_task(connection.findings()) for connection in connections]
    try:
        for task in tasks:
            for finding in await task:
                yield finding
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _of_downloads(subject: Subject, settings: Settings) -> AsyncIterator[Finding]:
    if settings.download is None:
        return
    from trailarrd.doctor.downloads import of_downloads  # noqa: PLC0415  # only where it is configured

    file = file_of(parse_url(settings.database.url))
    async for finding in of_downloads(
        settings, subject.downloaders, file.absolute().parent if file else None
    ):
        yield finding.in_preview() if settings.download.preview else finding


async def examine_webhooks(
    subject: Subject, *, now: datetime, names: Collection[str] | None = None
) -> list[Finding]:
    """Look at the webhooks that were registered; what is wrong with them is logged, too.

    Those of the connections of these names, or of all.
    """
    found, settings = list[Finding](), subject.settings
    if settings is None:
        return found
    for connection in settings.served:
        if names is not None and connection.name not in names:
            continue
        async for finding in _Connection(subject, settings, connection, now).of_webhook():
            found.append(finding)
            _tell(finding)
    return found


def _of_this_host(subject: Subject, condition: Condition | None, now: datetime) -> list[Finding]:
    if subject.settings is None:
        found = [Finding.of(Code.CONFIG_INVALID, "configuration", subject.mistakes)]
    else:
        found = list(host.of_settings(subject.settings))
    found += host.of_overlooked(subject.overlooked)
    if condition:
        found += host.of_database(condition)
    if subject.settings is not None:
        found += host.of_backups(subject.settings.database, now)
    if subject.plugins is not None:
        secrets = subject.settings.secrets if subject.settings else ()
        found += host.of_plugins(without_secrets(subject.plugins, Redactor(secrets)))
    return found


@dataclass(frozen=True, slots=True)
class _Connection:
    subject: Subject
    settings: Settings
    connection: ConnectionSettings
    now: datetime
    unreadable: str | None = None
    """What is wrong with the database: nobody waits for it once more."""

    async def findings(self) -> list[Finding]:
        return [*self._of_live(), *await self._of_server(), *await self._of_names()]

    def _of_live(self) -> Iterator[Finding]:
        provider = self.subject.providers.get(self.connection.provider)
        if not self.connection.live or provider is None or provider.live or why_not_loaded(provider):
            return
        place = ("connections", self.settings.connections.index(self.connection), "live")
        origin = self.settings.provenance.get(place)
        if origin is None or origin == self.settings.provenance.get(("defaults", "live")):
            return  # nobody has written it of this connection: it means "where it can"
        fact = f"{origin}: live: true, but provider {provider.name} cannot listen"
        yield Finding.of(Code.LIVE_UNSUPPORTED, self.connection.name, fact)

    async def _of_server(self) -> list[Finding]:
        if self.subject.offline:
            return await self._look(await self._cases_known())
        redactor = Redactor(self.settings.secrets)
        server = ServerExamination(self.connection, self._provider, redactor, sparing=self.subject.sparing)
        found = [finding async for finding in server.findings()]
        if server.library is None:
            return found
        found += [finding async for finding in self._of_hub(redactor)]
        if not self.subject.sparing:  # a daemon looks once a day
            found += [finding async for finding in self.of_webhook()]
        library = server.library
        if self.subject.sparing:
            library = library._replace(folders=[one.remote_path for one in (await self._known())[1]])
        return found + await self._look(cases_of(library, PathMapper(self._mappings)))

    async def _of_hub(self, redactor: Redactor) -> AsyncIterator[Finding]:
        """Whether its news can be heard; a daemon knows that already."""
        if not (self.connection.live and self._provider.live):
            return
        name = self.connection.name
        if self.subject.sparing:
            unheard = self.subject.unheard.get(name)
        else:
            unheard = await unheard_hub(self._provider, self.connection.arr_server())
        if unheard is not None:
            yield Finding.of(Code.LIVE_UNAVAILABLE, name, redactor.clean(unheard))
        elif not self.subject.sparing:
            yield Finding.of(Code.LIVE_OK, name, "its hub greets us")

    async def of_webhook(self) -> AsyncIterator[Finding]:
        """Whether the webhook that was registered still posts its events; nothing where none was."""
        urls = await self._webhook_urls()
        name, provider = self.connection.name, self.subject.providers.get(self.connection.provider)
        if name not in urls or provider is None or why_not_loaded(provider):
            return
        redactor, arrived = Redactor(self.settings.secrets), self.subject.arrived
        arrived_here = partial(arrived, name) if arrived else None
        async for finding in WebhookExamination(
            self.connection, provider, redactor, urls[name], arrived_here
        ).findings():
            yield finding

    async def _webhook_urls(self) -> Mapping[str, str | None]:
        try:
            async with self._store() as store:
                return await store.webhook_urls()
        except DatabaseError:
            return {}

    @asynccontextmanager
    async def _store(self) -> AsyncIterator[Store]:
        """Raises `DatabaseError` where there is none to read."""
        if self.subject.store:
            yield self.subject.store
        elif self.unreadable:
            raise DatabaseError(self.unreadable)
        else:
            async with Store.open_to_read(self.settings.database.address) as store:
                yield store

    async def _look(self, cases: Sequence[RootCase]) -> list[Finding]:
        if self.subject.quiet:
            fact = f"{len(cases)} root folders are not looked at now"
            return [Finding.of(Code.ROOT_QUIET, self.connection.name, fact)]
        roots, _ = await self._known()
        examination = RootExamination(
            self.connection.name,
            cases,
            self._mappings,
            deadline=self.settings.disk.timeout.total_seconds(),
            times=self.settings.disk.times(),
            caught=[root.path for root in roots if root.caught_lying],
            starts=self._starts(cases),
            download=self.settings.download,
        )
        found = [finding async for finding in examination.findings()]
        asked = {case.local for case in cases}
        elsewhere = [root for root in roots if root.path in asked]
        return found + files_elsewhere(self.connection.name, elsewhere, self._mappings)

    async def _of_names(self) -> list[Finding]:
        """What the last refresh left is looked at, as far as its provider says what a trailer is."""
        provider = self.subject.providers.get(self.connection.provider)
        if provider is None:
            return []
        deadline = self.settings.disk.timeout.total_seconds()
        names = NameExamination(self.connection.name, provider.trailers, deadline)
        is_looked_at = self.subject.thorough and not self.subject.quiet
        async for page in self._folders(only_trailers=not is_looked_at):
            names.judge(page)
            if is_looked_at:
                await names.look(page)
        return list(names.findings())

    async def _folders(self, *, only_trailers: bool) -> AsyncIterator[list[ItemFolder]]:
        """All that the last refresh left, in pages; none without a database."""
        name, last = self.connection.name, 0
        with suppress(DatabaseError):
            async with self._store() as store:
                while page := await store.folders(name, after=last, only_trailers=only_trailers):
                    yield page
                    last = page[-1].id

    @property
    def _mappings(self) -> Sequence[PathMapping]:
        return self.connection.connection().path_mappings

    @property
    def _provider(self) -> Provider[Any]:
        return self.subject.providers[self.connection.provider]

    def _starts(self, cases: Iterable[RootCase]) -> list[LocalPath]:
        """Every local path that anybody has told, first of all this connection's own."""
        mapped = [
            LocalPath(mapping.local)
            for connection in (self.connection, *self.settings.connections)
            for mapping in connection.path_mappings
        ]
        return starting_points([*(case.local for case in cases if case.local), *mapped], self.subject.home)

    async def _cases_known(self) -> list[RootCase]:
        """The root folders that the last refresh met, with its items; without a database, the mappings."""
        roots, folders = await self._known()
        paths = [root.path for root in roots]
        local = [one.local_path for one in folders if one.local_path]
        return cases_known(paths or [mapping.local for mapping in self._mappings], local)

    async def _known(self) -> tuple[Sequence[RootObservation], list[ItemFolder]]:
        """The root folders and a first page of items that the last refresh left; none without a database."""
        name = self.connection.name
        try:
            async with self._store() as store:
                return (await store.roots()).get(name, ()), await store.folders(name)
        except DatabaseError:
            return (), []


async def log_findings(findings: AsyncIterator[Finding]) -> list[Finding]:
    """Write what is not well to the log, as a daemon does; all that was found, for who asks later."""
    found: list[Finding] = []
    async for finding in findings:
        found.append(finding)
        _tell(finding)
    counts = Counter(finding.level for finding in found)
    log.info("check.finished", problems=counts[Level.PROBLEM], warnings=counts[Level.WARNING])
    return found


def _tell(finding: Finding) -> None:
    facts = {"code": finding.code.value, "about": finding.area, "fact": finding.fact}
    if finding.level is Level.PROBLEM:
        log.error("check.problem", **facts, advice=finding.advice)
    elif finding.level is Level.WARNING:
        log.debug("check.warning", **facts)
