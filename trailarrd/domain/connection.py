"""One configured Arr server."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol, TypeVar

from trailarrd.domain.guard import Guard
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.domain.paths import PathMapping
from trailarrd.domain.retry import Retry
from trailarrd.domain.secret import Secret
from trailarrd.domain.want import Want

OptionsT = TypeVar("OptionsT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait for an Arr server, in seconds.

    A list of 40,000 items may take a minute before its first byte, so the whole answer is bounded
    by its progress and never by a total.
    """

    connect: float = 5.0
    """Until the connection stands, TLS included."""
    first_byte: float = 120.0
    """Until the answer begins."""
    stall: float = 60.0
    """Between two pieces of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a server's list may hold before it is no library any more.

    A real item has about 6 kB and nests five levels deep; an answer without end must end somewhere.
    """

    items: int = 5_000_000
    """Of one list."""
    item_bytes: int = 32 * 2**20
    """Of one item; also what is held in memory at once, at most."""
    answer_bytes: int = 32 * 2**30
    """Of the whole list, as it is unpacked."""
    depth: int = 64
    """Levels below the item itself."""
    roots: int = 500
    """Root folders of one server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicLogin:
    """Whom HTTP's Basic authentication lets pass, in front of an Arr server."""

    user: Secret
    """Masked as a secret is, though no text is searched for it."""
    password: Secret
    """Sent to the server's host and told to nobody else."""

    @property
    def token(self) -> Secret:
        """Both, as they are sent."""
        pair = f"{self.user.reveal()}:{self.password.reveal()}"
        return Secret(b64encode(pair.encode()).decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrServer:
    """Where an Arr server is and how to talk to it: all that a plugin may know of a connection.

    A test makes its own::

        ArrServer(url="http://127.0.0.1:7878", api_key=Secret("0123456789abcdef"))
    """

    url: str
    """`http` or `https`, with the server's URL base if it has one, without a trailing slash."""
    api_key: Secret
    """Sent to the server and told to nobody else: `api_key.reveal()` in the header, and nowhere else."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    """Every wait for the server MUST end by them."""
    limits: Limits = field(default_factory=Limits)
    """How much its list may hold; `ArrApiManager` keeps to them."""
    verify_tls: bool = True
    """Whether its certificate must be valid. The session that the API manager gets sees to it."""
    ca_file: str | None = None
    """A PEM file with the authority that signed the server's certificate."""
    headers: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """For what stands in front of it, by name. The session sends them with each request to that server."""
    basic: BasicLogin | None = None
    """The same as a user and a password."""
    options: object = field(default=None, hash=False)
    """The plugin's own settings of this connection: an instance of `Provider.options`, or None."""

    @property
    def gate_headers(self) -> Mapping[str, Secret]:
        """All that is sent for what stands in front of it."""
        basic = {"Authorization": Secret(f"Basic {self.basic.token.reveal()}")} if self.basic else {}
        return {**self.headers, **basic}

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All that no text may show; the name of a user may be part of any."""
        basic = (self.basic.password, self.basic.token) if self.basic else ()
        return (self.api_key, *self.headers.values(), *basic)

    def options_as(self, kind: type[OptionsT]) -> OptionsT:
        """The plugin's own settings, typed: `server.options_as(MyOptions)`.

        Raises `TypeError` if they are of another kind, which cannot be for the model that the plugin's
        `Provider.options` names.
        """
        if not isinstance(self.options, kind):
            raise TypeError(f"the options are {type(self.options).__name__}, not {kind.__name__}")
        return self.options


class Schedule(Protocol):
    """Times at which a library is asked for."""

    def after(self, moment: datetime) -> datetime:
        """The first one after that moment, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What the core knows of one block under `connections:`; identified by its name."""

    name: str
    provider: str
    mode: MonitorMode = MonitorMode.MISSING
    path_mappings: tuple[PathMapping, ...] = ()
    interval: timedelta = timedelta(hours=1)
    """How often it is asked while all is well; with a schedule, how long a failure is waited for at most."""
    schedule: Schedule | None = None
    """When it is asked while all is well; None: by the interval."""
    retry: Retry = field(default_factory=Retry)
    trailer_guard: Guard = field(default_factory=Guard)
    """How many trailers may vanish at once."""
    want: Want = field(default_factory=Want)
    """Which items trailers are wanted of at all."""
