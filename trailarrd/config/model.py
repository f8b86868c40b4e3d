"""Every setting of trailarrd.yaml, with its default; the text below a setting is shown to users in editors.

What a value must be like is said here by its type; what settings say together is in `conflicts.py`.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

import pydantic

from trailarrd.config import conflicts, fields
from trailarrd.config.connections import INTERVAL, ConnectionDefaults, ConnectionSettings
from trailarrd.config.context import LoadContext, Provenance
from trailarrd.config.diagnostic import Address, FieldError
from trailarrd.config.download import DownloadSettings
from trailarrd.config.location import PREFIX
from trailarrd.config.masking import secrets_in
from trailarrd.config.notify import NotifySettings
from trailarrd.config.outline import DATABASE, DatabaseSettings, PluginSettings
from trailarrd.config.signs import Sign
from trailarrd.config.times import QuietWindows, Zone
from trailarrd.domain.guard import Guard
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.quiet import QuietHours
from trailarrd.domain.secret import Secret
from trailarrd.domain.times import TimesPolicy, TrustTimes
from trailarrd.schedule import zone_of

_GUARD: Final = Guard()
_EXAMPLE: Final = (
    "[{name: movies, provider: radarr, url: http://127.0.0.1:7878, api_key: !env RADARR_API_KEY}]"
)


SectionT = TypeVar("SectionT", bound=fields.Section)


class RefreshSettings(fields.Section):
    """How often each library is asked for."""

    interval: fields.Interval = INTERVAL
    """How often each library is asked for; at least 10s."""


class LogSettings(fields.Section):
    """What is logged, and how it looks."""

    level: fields.LogLevel = fields.LogLevel.INFO
    """From which severity on lines are written."""
    format: fields.LogFormat = fields.LogFormat.AUTO
    """What lines look like; auto is journald where systemd reads them, else console."""


class DiskSettings(fields.Section):
    """How trailers are looked for."""

    timeout: fields.Duration = timedelta(seconds=10)
    """How long a disk may take to answer; after that nothing is said of what is on it."""
    full_scan: fields.Duration = timedelta(days=7)
    """In which time every item's folder is listed once, whatever its times say."""
    trust_times: fields.Times = TrustTimes.AUTO
    """Whether a folder whose times stand still is unchanged: auto, always or never; or one for each path."""
    quiet_hours: QuietWindows = ()
    """When the disk is left alone, by the clock of timezone: 23:00-07:00, or a list of such."""

    def times(self) -> TimesPolicy:
        """Whose folder times are trusted."""
        if isinstance(self.trust_times, TrustTimes):
            return TimesPolicy(self.trust_times)
        paths = {LocalPath(path): word for path, word in self.trust_times.items() if path != fields.DEFAULT}
        return TimesPolicy(self.trust_times.get(fields.DEFAULT, TrustTimes.AUTO), paths)


class GuardSettings(fields.Section):
    """How much may be gone at once before it is held rather than removed."""

    max_items: fields.Count = _GUARD.max_items
    """So many items of a connection may always be removed at once."""
    max_fraction: fields.Fraction = _GUARD.max_fraction
    """So large a part of a connection may always be removed at once: 0.2 is a fifth."""

    def guard(self) -> Guard:
        return Guard(max_items=self.max_items, max_fraction=self.max_fraction)


class WebSettings(fields.Section):
    """What the web page shows."""

    posters: fields.Truth = True
    """Whether it shows the items' posters: asked of their own servers, kept beside the database."""


class HttpSettings(fields.Section):
    """Where trailarrd can be asked over HTTP, and how it treats who asks."""

    enabled: fields.Truth = True
    """false opens no port; the command line speaks with the daemon all the same."""
    listen: fields.Listen = "127.0.0.1:7979"
    """The address and port to listen on."""
    base_path: fields.BasePath = ""
    """Where it lies behind a reverse proxy, such as `/trailarrd`."""
    trusted_proxies: tuple[fields.Network, ...] = ()
    """Addresses or networks such as 172.16.0.0/12, whose word on the client's address counts."""
    rate_limit: fields.Count = 50
    """Requests a second that one client may make on average; 0 does not limit."""
    sockets: fields.Bound = 512
    """TCP connections that may be open at the same time."""
    sockets_per_client: fields.Bound = 32
    """Those of one client; not of `trusted_proxies` and a container's gateway, through which many come."""
    streams: fields.Bound = 100
    """Streams of events that may be open at the same time."""
    streams_per_key: fields.Bound = 8
    """Those of one API key or of one browser that has signed in."""

    @property
    def host(self) -> str:
        """The part of `listen` before the port, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `listen`."""
        return int(self.listen.rpartition(":")[2])


class DaemonSettings(fields.Section):
    """What this daemon does where several share a database on a server."""

    serves: Annotated[tuple[fields.Name, ...] | fields.Unsaid, pydantic.BeforeValidator(fields.said)] = None
    """The connections whose disks this host sees, by their names; if not given, all."""


class Settings(fields.Section):
    """The whole file; what a section is for, its own model says."""

    include: fields.Includes = ()
    """Further files with the same keys, or patterns such as conf.d/*.yaml, relative to this file."""
    database: DatabaseSettings = pydantic.Field(examples=[f"{{url: {DATABASE}}}"])
    refresh: RefreshSettings = RefreshSettings()
    log: LogSettings = LogSettings()
    disk: DiskSettings = DiskSettings()
    http: HttpSettings = HttpSettings()
    web: WebSettings = WebSettings()
    removal_guard: GuardSettings = GuardSettings()
    removed_grace: fields.Duration = timedelta(days=30)
    """How long a removed item can still come back as itself."""
    history_retention: fields.Duration = timedelta(days=365)
    """How long events are kept."""
    timezone: Zone = None
    """Whose clock schedules and quiet hours mean, and people are shown; if not given, the host's."""
    watch_config: fields.Truth = False
    """Whether the daemon reads the file anew by itself when it has changed."""
    plugins: PluginSettings = PluginSettings()
    notify: NotifySettings = NotifySettings()
    download: Annotated[DownloadSettings | None, pydantic.BeforeValidator(fields.said)] = None
    defaults: ConnectionDefaults = ConnectionDefaults()
    connections: tuple[ConnectionSettings, ...] = pydantic.Field(examples=[_EXAMPLE])
    """The Arr servers."""
    daemon: DaemonSettings = DaemonSettings()

    _loaded: LoadContext = pydantic.PrivateAttr(default=LoadContext(Path("trailarrd.yaml")))

    @property
    def path(self) -> Path:
        """The file that said so."""
        return self._loaded.path

    @property
    def sources(self) -> frozenset[Path]:
        """All that they depend on, absolute: each file that was read, and folders where includes may appear.

        Once one of them changes, the settings may be others.
        """
        return self._loaded.sources

    @property
    def signs(self) -> Mapping[Path, Sign]:
        """How each source was when it was read, so that it can be seen whether it still is."""
        return self._loaded.signs

    @property
    def provenance(self) -> Mapping[Address, Provenance]:
        """Where each value comes from, by its address, as `("connections", 0, "url")`; no defaults."""
        return self._loaded.provenance

    @property
    def secrets(self) -> frozenset[Secret]:
        """Every secret in it, wherever it stands, and as it is sent."""
        sent = [secret for connection in self.connections for secret in connection.arr_server().secrets]
        return frozenset(secrets_in([self, sent]))

    @pydantic.field_validator("connections", mode="wrap")
    @classmethod
    def _fit_together(cls, data: object, handler: pydantic.ValidatorFunctionWrapHandler) -> object:
        return conflicts.beside(handler, data, conflicts.of_connections(data))

    @pydantic.field_validator("connections")
    @classmethod
    def _settle(
        cls, connections: tuple[ConnectionSettings, ...], info: pydantic.ValidationInfo
    ) -> tuple[ConnectionSettings, ...]:
        """At least one, each with the interval and time zone that it goes by."""
        if not connections:
            raise FieldError("is empty: there is no server to ask", hint=f"for example {_EXAMPLE}")
        refresh = info.data.get("refresh")
        if refresh is None:  # not valid, and reported as such
            return connections
        common = {"interval": refresh.interval, "timezone": info.data.get("timezone")}
        return tuple(_settled(connection, common) for connection in connections)

    @pydantic.field_validator("daemon", mode="wrap")
    @classmethod
    def _serves(
        cls, data: object, handler: pydantic.ValidatorFunctionWrapHandler, info: pydantic.ValidationInfo
    ) -> object:
        names = {connection.name for connection in info.data.get("connections", ())}
        return conflicts.beside(handler, data, conflicts.of_daemon(data, names))

    @property
    def served(self) -> tuple[ConnectionSettings, ...]:
        """The connections that this daemon may work at."""
        serves = self.daemon.serves
        return tuple(one for one in self.connections if serves is None or one.name in serves)

    def quiet_hours(self) -> QuietHours:
        return QuietHours(self.disk.quiet_hours, zone_of(self.timezone))

    def model_post_init(self, context: object) -> None:
        """Remember what the loader read, given to it as the context."""
        if isinstance(context, LoadContext):
            self._loaded = context


def _settled(connection: ConnectionSettings, common: Mapping[str, object]) -> ConnectionSettings:
    """With what it does not say itself."""
    missing = {key: value for key, value in common.items() if key not in connection.model_fields_set}
    return connection.model_copy(update=missing) if missing else connection


def from_environment(section: type[SectionT], name: str, environ: Mapping[str, str]) -> SectionT:
    """A section as far as single values in the environment say it, for who cannot read the file."""
    said: dict[str, str | None] = {}
    for key in section.model_fields:
        value = {key: environ.get(f"{PREFIX}{name}__{key}".upper())}
        with suppress(pydantic.ValidationError):
            section.model_validate(value)
            said |= value
    return section.model_validate(said)
