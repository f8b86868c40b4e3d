"""Every setting of trailarrd.yaml, with its default.

Here a value is checked by itself; what takes a second look (other blocks, the disk, the installed
plugins) is in `checks.py`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
)

from trailarrd.config.fields import (
    Attempts,
    Bound,
    CaFile,
    Count,
    DatabaseUrl,
    Duration,
    Filled,
    Format,
    Fraction,
    Includes,
    Interval,
    Key,
    Level,
    LogFormat,
    LogLevel,
    Mode,
    Name,
    Options,
    ServerUrl,
    SomeSize,
    Text,
    Truth,
)
from trailarrd.config.http import BasePath, Listen, Network
from trailarrd.config.origin import Reading
from trailarrd.config.problem import FieldError
from trailarrd.config.secrets import secrets_in
from trailarrd.domain.connection import ArrServer, Connection, Limits, Timeouts
from trailarrd.domain.guard import RemovalGuard
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.config.origin import Origin
    from trailarrd.config.wording import Address
    from trailarrd.domain.secret import Secret

_INTERVAL: Final = timedelta(hours=1)
_TIMEOUTS: Final = Timeouts()
_LIMITS: Final = Limits()
_GUARD: Final = RemovalGuard()
_DATABASE: Final = "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db"
_CONNECTION: Final = (
    "[{name: movies, provider: radarr, url: http://127.0.0.1:7878, api_key: !env RADARR_API_KEY}]"
)


class Section(BaseModel):
    """A mapping in the file: knows all its keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DatabaseSettings(Section):
    """Where the truth is kept."""

    url: DatabaseUrl = Field(repr=False, examples=[_DATABASE])
    """The loader's default depends on the environment; see `location.py`."""
    backups: Count = 3
    """How many copies to keep that were made before the tables were brought up to date."""


class ConnectionName(Section, extra="ignore"):
    """A connection as far as its name."""

    name: Name = Field(examples=["movies"])


class PluginSettings(Section):
    """What installed plugins may do."""

    disabled: tuple[Filled, ...] = ()
    """Plugins, by their own or their distribution's name, that are not even imported."""


class Outline(Section, extra="ignore"):
    """The file as far as a command is concerned that only works with the database."""

    database: DatabaseSettings = Field(examples=[f"{{url: {_DATABASE}}}"])
    plugins: PluginSettings = PluginSettings()
    connections: tuple[ConnectionName, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What the configured connections are called."""
        return frozenset(connection.name for connection in self.connections)


class RefreshSettings(Section):
    """How often each library is asked for."""

    interval: Interval = _INTERVAL


class LogSettings(Section):
    """What is logged, and how it looks."""

    level: Level = LogLevel.INFO
    format: Format = LogFormat.AUTO


class DiskSettings(Section):
    """How trailers are looked for."""

    timeout: Duration = timedelta(seconds=10)
    """How long a disk may take to answer before its items are `unknown`."""
    full_scan: Duration = timedelta(days=7)
    """In which time every item's folder is listed once, whatever its times say."""


class GuardSettings(Section):
    """How much may be gone at once before it is held rather than removed."""

    max_items: Count = _GUARD.max_items
    max_fraction: Fraction = _GUARD.max_fraction

    def guard(self) -> RemovalGuard:
        """The same in the domain's words."""
        return RemovalGuard(max_items=self.max_items, max_fraction=self.max_fraction)


class HttpSettings(Section):
    """Where trailarrd can be asked over HTTP, and how it treats who asks."""

    enabled: Truth = True
    listen: Listen = "127.0.0.1:7979"
    base_path: BasePath = ""
    """Where it lies behind a reverse proxy, such as `/trailarrd`."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose word on the client's address counts."""
    rate_limit: Count = 50
    """Requests a second that one client may make on average; 0 does not limit."""

    @property
    def host(self) -> str:
        """The part of `listen` before the port, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `listen`."""
        return int(self.listen.rpartition(":")[2])


class TimeoutSettings(Section):
    """How long to wait for an Arr server."""

    connect: Duration = timedelta(seconds=_TIMEOUTS.connect)
    first_byte: Duration = timedelta(seconds=_TIMEOUTS.first_byte)
    stall: Duration = timedelta(seconds=_TIMEOUTS.stall)

    def timeouts(self) -> Timeouts:
        """The same in seconds."""
        return Timeouts(
            connect=self.connect.total_seconds(),
            first_byte=self.first_byte.total_seconds(),
            stall=self.stall.total_seconds(),
        )


class LimitSettings(Section):
    """How much a server's list may hold before it is no library any more."""

    items: Bound = _LIMITS.items
    item: SomeSize = _LIMITS.item_bytes
    answer: SomeSize = _LIMITS.answer_bytes
    depth: Bound = _LIMITS.depth

    def limits(self) -> Limits:
        """The same in the domain's words."""
        return Limits(items=self.items, item_bytes=self.item, answer_bytes=self.answer, depth=self.depth)


class RetrySettings(Section):
    """How patient one refresh is with a server that is unavailable."""

    attempts: Attempts = 3
    max_wait: Duration = timedelta(seconds=30)

    def retry(self) -> Retry:
        """The same in the domain's words."""
        return Retry(attempts=self.attempts, max_wait=self.max_wait.total_seconds())


class MappingSettings(Section):
    """What the Arr server calls `remote` is `local` here."""

    remote: Text = Field(examples=["/movies"])
    local: Text = Field(examples=["/mnt/media/movies"])

    def path_mapping(self) -> PathMapping:
        """The same in the domain's words."""
        return PathMapping(RemotePath(self.remote), LocalPath(self.local))


class ConnectionDefaults(Section):
    """What all connections have in common, unless one of them says otherwise."""

    monitor: Mode = MonitorMode.MISSING
    path_mappings: tuple[MappingSettings, ...] = ()
    interval: Interval = _INTERVAL
    """As given here, else `refresh.interval`."""
    timeouts: TimeoutSettings = TimeoutSettings()
    limits: LimitSettings = LimitSettings()
    retry: RetrySettings = RetrySettings()
    verify_tls: Truth = True
    ca_file: CaFile = None


class ConnectionSettings(ConnectionDefaults):
    """One Arr server: a block under `connections:`, known by its name."""

    name: Name = Field(examples=["movies"])
    provider: Filled = Field(examples=["radarr"])
    url: ServerUrl = Field(examples=["http://127.0.0.1:7878"])
    api_key: Key = Field(examples=["!env RADARR_API_KEY"])
    options: Options = None
    """The plugin's own settings, as its model has read them."""

    def arr_server(self) -> ArrServer:
        """All that a plugin may know of this connection."""
        return ArrServer(
            url=self.url,
            api_key=self.api_key,
            timeouts=self.timeouts.timeouts(),
            limits=self.limits.limits(),
            verify_tls=self.verify_tls,
            ca_file=self.ca_file,
            options=self.options,
        )

    def connection(self) -> Connection:
        """What the core knows of this connection."""
        return Connection(
            name=self.name,
            provider=self.provider,
            mode=self.monitor,
            path_mappings=tuple(mapping.path_mapping() for mapping in self.path_mappings),
            interval=self.interval,
            retry=self.retry.retry(),
        )


class Settings(Section):
    """The whole file."""

    include: Includes = ()
    """Further files that are read as if they stood here; the loader has done so."""
    database: DatabaseSettings = Field(examples=[f"{{url: {_DATABASE}}}"])
    refresh: RefreshSettings = RefreshSettings()
    log: LogSettings = LogSettings()
    disk: DiskSettings = DiskSettings()
    http: HttpSettings = HttpSettings()
    removal_guard: GuardSettings = GuardSettings()
    removed_grace: Duration = timedelta(days=30)
    """How long a removed item can still come back as itself."""
    history_retention: Duration = timedelta(days=365)
    watch_config: Truth = False
    """Whether the daemon reads the file anew by itself when it has changed."""
    plugins: PluginSettings = PluginSettings()
    defaults: ConnectionDefaults = ConnectionDefaults()
    """The loader has filled them into the connections."""
    connections: tuple[ConnectionSettings, ...] = Field(examples=[_CONNECTION])

    _reading: Reading = PrivateAttr(default=Reading(Path("trailarrd.yaml")))

    @property
    def path(self) -> Path:
        """The file that said so."""
        return self._reading.path

    @property
    def sources(self) -> frozenset[Path]:
        """All that they depend on, absolute: each file that was read, and folders where includes may appear.

        Once one of them changes, the settings may be others.
        """
        return self._reading.sources

    @property
    def origins(self) -> Mapping[Address, Origin]:
        """Where each value comes from, by its address, as `("connections", 0, "url")`; no defaults."""
        return self._reading.origins

    @property
    def secrets(self) -> frozenset[Secret]:
        """Every secret in it, wherever it stands."""
        return frozenset(secrets_in(self))

    @field_validator("connections")
    @classmethod
    def _settle(
        cls, connections: tuple[ConnectionSettings, ...], info: ValidationInfo
    ) -> tuple[ConnectionSettings, ...]:
        """At least one, each with the interval that it goes by."""
        if not connections:
            raise FieldError("is empty: there is no server to ask", hint=f"for example {_CONNECTION}")
        refresh = info.data.get("refresh")
        if refresh is None:  # not valid, and reported as such
            return connections
        return tuple(
            connection
            if "interval" in connection.model_fields_set
            else connection.model_copy(update={"interval": refresh.interval})
            for connection in connections
        )

    def model_post_init(self, context: object) -> None:
        """Remember what the loader read, given to it as the context."""
        if isinstance(context, Reading):
            self._reading = context
