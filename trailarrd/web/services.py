"""All that the HTTP server may ask; the daemon hands it over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from aiohttp import web

from trailarrd.runtime.posters import Posters

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from trailarrd.announcer import Announcer
    from trailarrd.config import Settings
    from trailarrd.discovery.record import PluginRecord
    from trailarrd.doctor import Finding, ServerDetector
    from trailarrd.documents.config import Reloaded
    from trailarrd.documents.downloaders import DownloaderList, DownloaderVersion
    from trailarrd.documents.downloads import DownloadItem, DownloadList, DownloadResult
    from trailarrd.documents.services import ServiceItem
    from trailarrd.domain.claim import ClaimProgress
    from trailarrd.domain.report import RefreshReport
    from trailarrd.domain.sharing import Peer
    from trailarrd.domain.trailers import TrailerRules
    from trailarrd.domain.waiting import Why
    from trailarrd.log import Line
    from trailarrd.refresh.refresher import Refresher
    from trailarrd.store.store import Store
    from trailarrd.web.lag import LoopLag
    from trailarrd.web.metrics import Metrics


class PollerState(Protocol):
    @property
    def running_since(self) -> datetime | None:
        """None if no refresh is on."""

    @property
    def fetched(self) -> int:
        """Records that have arrived in it."""

    @property
    def due(self) -> datetime | None:
        """When the next one begins by itself; None while one is on, or if only the user can help."""

    @property
    def unstored(self) -> str | None:
        """Why the last one could not be stored, if it could not."""


class Poller(Protocol):
    @property
    def state(self) -> PollerState: ...

    @property
    def late_at(self) -> datetime:
        """When something is wrong if no refresh has ended well by then."""

    async def look_again(self, arr_ids: Collection[int]) -> None:
        """Look at the folders of these items; their server need not be asked."""

    def refresher(self) -> AbstractAsyncContextManager[Refresher]:
        """For work on single items; stays open for that block."""

    async def revisit(self, arr_ids: Collection[int]) -> None:
        """Ask for these items alone."""

    def request(self) -> Awaitable[RefreshReport]:
        """Refresh as soon as can be; all who ask before it begins get the same one. Need not be awaited."""


class Examination(NamedTuple):
    at: datetime | None = None
    """None before the first one has ended."""
    findings: Sequence[Finding] = ()


class WebhookReceiver(Protocol):
    refused: int
    """How many events came without the connection's token."""

    def post(self, event: Mapping[str, object] | None) -> str | None:
        """Take an event, None for one too large to be kept; what it is called, None if it cannot be read."""


class Desk(Protocol):
    """Downloads, for whoever asks: see `trailarrd.download.desk.Desk`."""

    @property
    def troubles(self) -> Sequence[tuple[str, str]]: ...

    async def listing(self, *, limit: int, skip: int = 0, why: Why | None = None) -> DownloadList: ...

    async def progress(self) -> Mapping[int, ClaimProgress]: ...

    async def some(self, ids: Sequence[int]) -> list[DownloadItem]: ...

    async def would(
        self, number: int, url: str | None = None, *, asks: bool = False, afar: bool = False
    ) -> DownloadItem | None: ...

    async def ask(
        self, ids: Sequence[int], url: str | None, *, now: bool, by: str, afar: bool
    ) -> DownloadResult: ...

    async def stop(self, ids: Sequence[int]) -> DownloadResult: ...

    async def retry(self, ids: Sequence[int], *, by: str) -> DownloadResult: ...

    async def forget_url(self, ids: Sequence[int]) -> DownloadResult: ...

    async def delete(self, ids: Sequence[int]) -> DownloadResult: ...

    async def downloaders(self) -> DownloaderList: ...

    async def update(self, name: str) -> DownloaderVersion | None: ...

    async def rollback(self, name: str) -> DownloaderVersion | None: ...


@dataclass(frozen=True, kw_only=True)
class Services:
    store: Store
    pollers: Callable[[], Mapping[str, Poller]]
    """By connection name, in the order of trailarrd.yaml as it is now."""
    receivers: Callable[[], Mapping[str, WebhookReceiver]] = dict
    """By connection name."""
    announcer: Announcer
    plugins: Sequence[PluginRecord]
    clock: Callable[[], datetime]
    """Now, in UTC."""
    settings: Callable[[], Settings]
    """What the daemon goes by now."""
    examined: Callable[[], Examination]
    """The last one that has ended."""
    examine: Callable[[], Awaitable[Examination]]
    """A new one."""
    reload: Callable[[], Awaitable[Reloaded]]
    """Reads the configuration anew; waits until it is in force or refused."""
    metrics: Metrics
    lag: LoopLag
    progress: dict[int, ClaimProgress] = field(default_factory=dict)
    """How far downloaders are, by item id; what a claim does not hold any more counts for nothing."""
    posters: Posters = field(default_factory=lambda: Posters(None))
    running: Callable[[], Sequence[ServiceItem]] = list
    """Parts of the daemon, and how each fares."""
    remembered: Callable[[], Iterable[Line]] = list
    """The last lines of the log, the oldest first."""
    broken: Callable[[], Mapping[str, str]] = dict
    """Parts of the daemon that crashed, and why."""
    daemons: Callable[[], Sequence[Peer] | None] = tuple
    """All of the database, where there can be more than one; None while it does not say which live."""
    differing: Callable[[], Mapping[str, str]] = dict
    """Connections of which another one's configuration says other things, and which process that is."""
    note: Callable[[], Mapping[str, str]] = dict
    """What the user must know of the configuration, such as that a newer one is refused."""

    detector: ServerDetector | None = None
    """Gets to know servers that are to be added; None: nothing can be."""
    desk: Callable[[], Desk | None] = lambda: None
    """Downloads; None: there is no `download:` in the configuration."""

    @property
    def rules(self) -> Mapping[str, TrailerRules]:
        """By provider, how the trailers of its items are named."""
        return {one.name: one.trailers for plugin in self.plugins for one in plugin.providers}


SERVICES: Final = web.AppKey("services", Services)
