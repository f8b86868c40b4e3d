"""The only place where the parts are put together: started in order, stopped in reverse."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from trailarrd.announcer import Announcer
from trailarrd.config import Settings, load
from trailarrd.config.renewal import renewed
from trailarrd.daemon import roles
from trailarrd.daemon.doors import Doors
from trailarrd.daemon.examiner import Examiner
from trailarrd.daemon.movers import Movers
from trailarrd.daemon.notifier import senders
from trailarrd.daemon.poller import Poller
from trailarrd.daemon.push import PushSources
from trailarrd.daemon.reload import Reloader
from trailarrd.daemon.supervisor import Service, Supervisor, at_once, told_of
from trailarrd.daemon.systemd import SystemdNotifier, status_of, trouble_of
from trailarrd.daemon.watch import ConfigWatch
from trailarrd.discovery.plugins import downloaders_by_name, without_secrets
from trailarrd.discovery.record import PluginRecord
from trailarrd.doctor import ServerDetector
from trailarrd.documents.config import Reloaded
from trailarrd.domain.claim import ClaimProgress
from trailarrd.domain.secret import Redactor
from trailarrd.log import LogMemory
from trailarrd.plugin.provider import Provider
from trailarrd.runtime.posters import Posters
from trailarrd.runtime.runtime import ConfigDiff, Runtime, open_runtime, utc_now
from trailarrd.store.store import Store
from trailarrd.systemd import ListeningSocket, ServiceManager
from trailarrd.web.lag import LoopLag
from trailarrd.web.metrics import Metrics
from trailarrd.web.services import Services

if TYPE_CHECKING:
    from trailarrd.daemon.download import Download
    from trailarrd.daemon.team import Team

StartLogging: TypeAlias = "Callable[[Settings, Redactor], None]"


def _ignore(_settings: Settings, _redactor: Redactor) -> None:
    pass


class Daemon:
    """Everything that runs: a poller for each connection, and the services beside them."""

    def __init__(
        self,
        runtime: Runtime,
        supervisor: Supervisor,
        start_logging: StartLogging = _ignore,
        plugins: Sequence[PluginRecord] = (),
        metrics: Metrics | None = None,
        memory: LogMemory | None = None,
        inherited: ListeningSocket | None = None,
    ) -> None:
        self.manager = ServiceManager(os.environ)
        self.runtime = runtime
        self.metrics = metrics or Metrics()
        self.lag = LoopLag()
        self.memory = memory
        self._progress: dict[int, ClaimProgress] = {}
        self._posters = Posters(runtime.store.folder)
        self.plugins = plugins
        self.supervisor = supervisor
        self.pollers: dict[str, Poller] = {}
        """By name those of the connections that this daemon works at, in the order of trailarrd.yaml."""
        self.reloader = Reloader(
            runtime.settings,
            load=self._load,
            renewed=lambda settings: renewed(settings, os.environ),
            adopt=self._adopt,
            tell=lambda state: self.store.note(state.note),  # for other processes to see
            clock=utc_now,
            manager=self.manager,
        )
        runtime.renew_secrets = self.reloader.renew
        self.announcer = Announcer(runtime.store)
        self.push = PushSources()
        self._examiner = Examiner(runtime, self.push, plugins, lambda: self.pollers)
        self.team = self._open_team()
        self._arranging = asyncio.Lock()
        self._download: Download | None = None
        self._movers = Movers(runtime.store, lambda: self.pollers, runtime.store.now)
        self._start_logging = start_logging
        self._secrets = runtime.settings.secrets
        self._redactor = Redactor(self._secrets)
        self._doors = Doors(runtime.settings.database.url, inherited)
        self._follow_slots()
        self._follow_downloads()

    @property
    def settings(self) -> Settings:
        return self.runtime.settings

    @property
    def store(self) -> Store:
        return self.runtime.store

    def services(self) -> list[Service]:
        """All that runs, in the order of its start: a line for each.

        A service whose `basis` is another one after a reload is restarted.
        """
        return [
            *(
                Service(name=f"poller {name}", run=at_once(poller.run), retire=poller.retire, vital=True)
                for name, poller in self.pollers.items()
            ),
            *self.push.services(),
            roles.housekeeper(self.runtime),
            *roles.copiers(self.settings),
            Service(name="movers", run=at_once(self._movers.run)),
            *([self._download.service] if self._download else []),
            Service(name="loop lag", run=at_once(self.lag.run)),
            Service(name="doctor", run=at_once(self._examiner.examine), once=True, basis=self.settings),
            Service(name="webhooks", run=at_once(self._examiner.look_at_webhooks)),
            Service(name="announcer", run=at_once(self.announcer.run)),
            *roles.notifiers(self.runtime, self.announcer),
            *self._doors.services(self.asked(), self.settings.http),
            Service(name="reloader", run=at_once(self.reloader.run)),
            *([Service(name="config watch", run=at_once(self._watch().run))] * self.settings.watch_config),
            Service(name="systemd", run=at_once(self._systemd().run)),
            *(self.team.services() if self.team else ()),
        ]

    def _systemd(self) -> SystemdNotifier:
        return SystemdNotifier(self.manager, self._status, lambda: trouble_of(self.supervisor.running))

    def _status(self) -> str:
        return status_of(list(self.pollers.values()), refused=self.reloader.state.error is not None)

    def _load(self) -> Settings:
        settings = load(
            self.settings.path,
            providers=self.runtime.providers,
            environ=os.environ,
            downloaders=downloaders_by_name(self.plugins),
        )
        senders(settings.notify.urls)  # an address that means nothing is a mistake like any other
        return settings

    async def _adopt(self, settings: Settings) -> ConfigDiff:
        """Go by other settings; what they do not touch goes on as if nothing had happened."""
        self._secrets |= settings.secrets  # an old key may still be in what a running refresh has to say
        self._redactor = Redactor(self._secrets)
        self._log_as(self.settings)
        diff = await self.runtime.reconfigure(settings)
        self._log_as(settings)
        self._follow_slots()
        self._follow_downloads()
        for name in diff.changed:
            if name in self.pollers:
                self.pollers[name].request()
        for name in diff.rescheduled:
            if name in self.pollers:
                self.pollers[name].reconsider()
        await self._arrange()
        return diff

    def _open_team(self) -> "Team | None":
        """None where a daemon is always the only one."""
        peers = self.store.peers
        if peers is None:
            return None
        from trailarrd.daemon.team import Team  # noqa: PLC0415  # only where there is a server

        async def follow() -> None:
            self._follow_slots()
            await self._arrange()
            if self._download:
                self._download.wake()

        return Team(
            self.runtime,
            peers,
            self.push,
            pollers=lambda: self.pollers,
            follow=follow,
            delete=self._delete,
        )

    async def _delete(self, number: int) -> str | None:
        """Take away the trailer of ours of an item; why it was not done, None if it was."""
        if self._download is None:
            return "downloads are off where its connection is worked at"
        result = await self._download.desk.delete([number])
        return next((one.reason for one in result.refused), None)

    async def _arrange(self) -> None:
        """Have all run that now should, and nothing else."""
        async with self._arranging:
            await self.supervisor.arrange(self.services())

    def _follow_slots(self) -> None:
        """A poller for each that this daemon works at; a connection that stays keeps its own."""
        kept, self.pollers = self.pollers, {}
        for name, slot in self.runtime.slots.items():
            if self.team and name not in self.team.connections:
                continue
            ready = partial(self.push.until_tried, name)
            poller = self.pollers[name] = kept.get(name) or Poller(slot, ready=ready)
            poller.move_to(slot)
        self.push.follow(self.runtime, self.pollers, self._redactor)

    def _follow_downloads(self) -> None:
        """Anew if they would go by other settings; a download that runs then begins anew, too."""
        settings = self.settings
        basis = settings.download and (settings.download, settings.connections, settings.quiet_hours())
        if self._download is None or self._download.basis != basis:
            self._download = self._open_download(basis) if basis else None

    def _open_download(self, basis: object) -> "Download | None":
        from trailarrd.daemon.download import open_download  # noqa: PLC0415  # only where it is configured

        return open_download(self.runtime, self.plugins, lambda: self.pollers, self.metrics, basis)

    def _log_as(self, settings: Settings) -> None:
        self._start_logging(settings, self._redactor)

    def _watch(self) -> ConfigWatch:
        return ConfigWatch(lambda: self.reloader.state.sources, partial(self.reloader.request, aloud=False))

    def asked(self) -> Services:
        return Services(
            store=self.store,
            pollers=lambda: self.team.pollers() if self.team else self.pollers,
            receivers=lambda: self.push.receivers,
            announcer=self.announcer,
            plugins=without_secrets(self.plugins, self._redactor),
            clock=self.store.now,
            metrics=self.metrics,
            lag=self.lag,
            settings=lambda: self.settings,
            progress=self._progress,
            posters=self._posters,
            examined=self._examiner.findings,
            examine=partial(self._examiner.examine, thorough=True),
            reload=self._reload,
            broken=self._broken,
            daemons=lambda: self.team.shares.known if self.team else (),
            differing=lambda: self.team.shares.differing if self.team else {},
            running=lambda: told_of(self.supervisor, self._redactor.clean),
            remembered=lambda: self.memory.lines if self.memory else (),
            detector=ServerDetector(self.runtime.providers, os.environ.get("HOME")),
            note=lambda: self.reloader.state.note,
            desk=lambda: self._download and self._download.desk,
        )

    async def _reload(self) -> Reloaded:
        state = await self.reloader.reload()
        return Reloaded(error=state.error, restart_needed=list(state.restart_needed), **state.diff._asdict())

    def _broken(self) -> dict[str, str]:
        """An exception may quote a key that it found somewhere."""
        clean = self._redactor.clean
        return {clean(name): clean(error) for name, error in self.supervisor.broken.items()}


@asynccontextmanager
async def start_daemon(
    settings: Settings,
    providers: Mapping[str, Provider[Any]],
    plugins: Sequence[PluginRecord] = (),
    *,
    start_logging: StartLogging = _ignore,
    inherited: ListeningSocket | None = None,
    memory: LogMemory | None = None,
) -> AsyncIterator[Daemon]:
    """A daemon that runs; on leaving, everything is stopped again.

    `start_logging` is called again with each reload, with every secret that ever was in the settings.
    `inherited` is a socket that listens at `http.listen` already, for the first time that it is needed.
    `memory` has the lines of the log that are shown.

    Raises:
        DatabaseError: the database cannot be opened, or has a daemon already.
        ListenError: there is no address to be asked on.
        ProviderError: a connection's settings cannot be used (its `ca_file`).
        ConfigError: an address under `notify.urls` means nothing.
    """
    senders(settings.notify.urls)
    metrics = Metrics()
    async with (
        open_runtime(settings, providers, as_daemon=True, meter=metrics) as runtime,
        Supervisor() as supervisor,
    ):
        daemon = Daemon(runtime, supervisor, start_logging, plugins, metrics, memory, inherited)
        for service in daemon.services():
            await supervisor.start(service)
        yield daemon
