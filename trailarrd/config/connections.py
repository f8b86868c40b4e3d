"""The settings of one connection: a block under `connections:`, and what all of them have in common."""

from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final, Self

import pydantic

from trailarrd.config import conflicts, fields
from trailarrd.config.context import LoadContext
from trailarrd.config.times import CronExpression, Zone
from trailarrd.domain.connection import ArrServer, BasicLogin, Connection, Limits, Timeouts
from trailarrd.domain.guard import Guard
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.retry import Retry
from trailarrd.domain.want import Conditions, Want
from trailarrd.schedule import Cron, zone_of

INTERVAL: Final = timedelta(hours=1)
COMMON: Final = MappingProxyType({"interval": ("refresh", "interval"), "timezone": ("timezone",)})
"""By what a connection goes that says nothing itself, and where that stands."""

_TIMEOUTS: Final = Timeouts()
_LIMITS: Final = Limits()
_GUARD: Final = Guard()


class TimeoutSettings(fields.Section):
    """How long to wait for an Arr server."""

    connect: fields.Duration = timedelta(seconds=_TIMEOUTS.connect)
    """Until the connection stands."""
    first_byte: fields.Duration = timedelta(seconds=_TIMEOUTS.first_byte)
    """Until the answer begins."""
    stall: fields.Duration = timedelta(seconds=_TIMEOUTS.stall)
    """Between two pieces of the answer."""

    def timeouts(self) -> Timeouts:
        return Timeouts(**{name: length.total_seconds() for name, length in self})


class LimitSettings(fields.Section):
    """How much a server's list may hold before it is no library any more."""

    items: fields.Bound = _LIMITS.items
    """How many items the list may have."""
    item: fields.Size = pydantic.ByteSize(_LIMITS.item_bytes)
    """How large one item may be."""
    answer: fields.Size = pydantic.ByteSize(_LIMITS.answer_bytes)
    """How large the whole list may be."""
    depth: fields.Bound = _LIMITS.depth
    """How many levels one item may nest."""
    roots: fields.Bound = _LIMITS.roots
    """How many root folders the server may have."""

    def limits(self) -> Limits:
        return Limits(
            items=self.items,
            item_bytes=self.item,
            answer_bytes=self.answer,
            depth=self.depth,
            roots=self.roots,
        )


class RetrySettings(fields.Section):
    """How patient one refresh is with a server that is unavailable."""

    attempts: Annotated[int, pydantic.Field(ge=1, le=10)] = 3
    """How often it is asked in one refresh; 1 asks once."""
    max_wait: fields.Duration = timedelta(seconds=30)
    """The longest wait between two attempts."""

    def retry(self) -> Retry:
        return Retry(attempts=self.attempts, max_wait=self.max_wait.total_seconds())


class TrailerGuardSettings(fields.Section):
    """How many trailers may vanish at once before they are held to be there."""

    max_items: fields.Count = _GUARD.max_items
    """So many trailers of a connection may always vanish at once."""
    max_fraction: fields.Fraction = _GUARD.max_fraction
    """So large a part of a connection's trailers may always vanish at once: 0.2 is a fifth."""

    def guard(self) -> Guard:
        return Guard(max_items=self.max_items, max_fraction=self.max_fraction)


class ConditionSettings(fields.Section):
    """Facts of items; what is not given or an empty list does not matter."""

    tags: fields.Words = ()
    """The server's tags, by name."""
    genres: fields.Words = ()
    """In the server's words."""
    languages: fields.Words = ()
    """The original language by its English name: French."""
    certifications: fields.Words = ()
    """For which ages, in the server's words: PG-13."""
    years: fields.YearRange = None
    """1999, 1990-, -1980 or 1990-1999."""

    def conditions(self) -> Conditions:
        return Conditions(**dict(self))


class OnlySettings(ConditionSettings):
    """Every one of these must be met; of a list, one word is enough."""

    released: fields.Truth = False
    """Whether it must have come out to be watched at home."""


class NeverSettings(ConditionSettings):
    """None of these may be met."""


class WantSettings(fields.Section):
    """Which items trailers are wanted of at all, whatever monitor says; your own choice outranks it."""

    without_file: fields.Truth = False
    """Whether items are wanted that the server has no file of yet."""
    only: OnlySettings = OnlySettings()
    never: NeverSettings = NeverSettings()

    def want(self) -> Want:
        return Want(
            without_file=self.without_file, only=self.only.conditions(), never=self.never.conditions()
        )


class MappingSettings(fields.Section):
    """What the Arr server calls `remote` is `local` here."""

    remote: str = pydantic.Field(examples=["/movies"])
    """The folder as the Arr server shows it."""
    local: str = pydantic.Field(examples=["/mnt/media/movies"])
    """The same folder on this host."""

    def path_mapping(self) -> PathMapping:
        return PathMapping(RemotePath(self.remote), LocalPath(self.local))


class BasicSettings(fields.Section):
    """A user and a password for what stands in front of the server, by HTTP's Basic authentication."""

    user: fields.User = pydantic.Field(examples=["trailarrd"])
    """Whom it lets pass."""
    password: fields.Password = pydantic.Field(examples=["!env PROXY_PASSWORD"])
    """Better taken from elsewhere by !env or !file."""

    def login(self) -> BasicLogin:
        return BasicLogin(user=self.user, password=self.password)


class ConnectionIdentity(fields.Section):
    """What no two connections have in common."""

    name: fields.Name = pydantic.Field(examples=["movies"])
    """Letters, digits, '-', '_' and '.', a letter or digit first; another name is another connection."""
    provider: fields.Filled = pydantic.Field(examples=["radarr"])
    """The plugin that talks to it; 'trailarrd plugins' lists them."""
    url: fields.ServerUrl = pydantic.Field(examples=["http://127.0.0.1:7878"])
    """http or https, host, port, and the server's URL base if it has one."""
    api_key: fields.Key = pydantic.Field(examples=["!env RADARR_API_KEY"])
    """From Settings, General, Security of the server; better taken from elsewhere by !env or !file."""
    external_url: fields.ExternalUrl = None
    """What people call it in a browser, for links to it; if not given, as url says."""


class ConnectionDefaults(fields.Section):
    """What all connections have in common, unless one of them says otherwise."""

    monitor: MonitorMode = MonitorMode.MISSING
    """Which items without a trailer shall get one."""
    path_mappings: tuple[MappingSettings, ...] = ()
    """Where the server's folders are on this host."""
    interval: fields.Interval = INTERVAL
    """How often this library is asked for; if not given, as refresh.interval says."""
    schedule: CronExpression = None
    """At which times this library is asked for, as a cron expression, instead of the interval."""
    timezone: Zone = None
    """Whose clock the schedule means; if not given, as timezone of the whole file says."""
    timeouts: TimeoutSettings = TimeoutSettings()
    limits: LimitSettings = LimitSettings()
    retry: RetrySettings = RetrySettings()
    trailer_guard: TrailerGuardSettings = TrailerGuardSettings()
    want: WantSettings = WantSettings()
    download: fields.Truth = True
    """false leaves its items out of what is downloaded by itself."""
    live: fields.Truth = True
    """Whether to listen to what the server tells of itself while it happens, where the provider can."""
    headers: fields.Headers = pydantic.Field(default_factory=dict)
    """For what stands in front of the server, by name, and sent to nobody else: secrets, all of them."""
    basic: Annotated[BasicSettings | None, pydantic.BeforeValidator(fields.said)] = None
    verify_tls: fields.Truth = True
    """false takes any certificate; ca_file is the better way."""
    ca_file: fields.CaFile = None
    """A PEM file with the authority that signed the server's certificate."""


class ConnectionSettings(ConnectionDefaults, ConnectionIdentity):
    """One Arr server: a block under `connections:`, known by its name."""

    options: Annotated[pydantic.BaseModel | None, pydantic.WithJsonSchema({"type": "object"})] = None
    """What the plugin alone understands."""

    @pydantic.field_validator("provider")
    @classmethod
    def _is_installed(cls, provider: str, info: pydantic.ValidationInfo) -> str:
        if isinstance(info.context, LoadContext) and info.context.providers:
            info.context.providers.check(provider)
        return provider

    @pydantic.field_validator("options", mode="before")
    @classmethod
    def _as_the_plugin_reads_them(
        cls, options: object, info: pydantic.ValidationInfo
    ) -> pydantic.BaseModel | None:
        known = info.context.providers if isinstance(info.context, LoadContext) else None
        return known.read(info.data["provider"], options) if known and "provider" in info.data else None

    @pydantic.model_validator(mode="wrap")
    @classmethod
    def _fits_together(cls, data: object, handler: pydantic.ValidatorFunctionWrapHandler) -> Self:
        found: Self = conflicts.beside(handler, data, conflicts.of_connection(data))
        return found

    def arr_server(self) -> ArrServer:
        """All that a plugin may know of this connection."""
        return ArrServer(
            url=self.url,
            api_key=self.api_key,
            timeouts=self.timeouts.timeouts(),
            limits=self.limits.limits(),
            verify_tls=self.verify_tls,
            ca_file=self.ca_file,
            headers=self.headers,
            basic=self.basic.login() if self.basic else None,
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
            schedule=Cron(self.schedule, zone_of(self.timezone)) if self.schedule else None,
            retry=self.retry.retry(),
            trailer_guard=self.trailer_guard.guard(),
            want=self.want.want(),
        )
