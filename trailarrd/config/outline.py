"""The settings that every command needs, on their own: building the other models costs a tenth of a second.

Nothing here may load `model.py` or what it is made of.
"""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from trailarrd.config.diagnostic import FieldError
from trailarrd.config.fields import (
    Count,
    DatabaseUrl,
    Duration,
    Filled,
    ListenUrl,
    Name,
    Password,
    Section,
    Truth,
    Unsaid,
    said,
)
from trailarrd.domain.database import LEASE, DatabaseAddress

DATABASE: Final = "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db"
"""An example of a database's URL."""


def _needs_pooler(url: str | None, info: ValidationInfo) -> str | None:
    """It would mean nothing, and prepared statements would fail at random where a pooler is."""
    if url and info.data.get("pooler") is False:
        raise FieldError("is for a database behind a pooler", hint="say pooler: true, too, or leave it out")
    return url


class DatabaseSettings(Section):
    """Where the truth is kept."""

    url: DatabaseUrl = Field(repr=False, examples=[DATABASE])
    """A file for SQLite by its absolute path, with four slashes; by default in the state directory. Or a
    database on a PostgreSQL server, without the password."""
    password: Password | None = Field(None, examples=["!env DATABASE_PASSWORD"])
    """What the server wants to see of the user in `url`."""
    pooler: Truth = False
    """Whether a pooler such as PgBouncer stands before the server, which may change the session."""
    listen_url: Annotated[ListenUrl, AfterValidator(_needs_pooler)] = Field(None, repr=False)
    """The same database past that pooler, for what prolongs leases and hears of news."""
    lease: Annotated[Duration, Field(ge=timedelta(seconds=1))] = LEASE
    """How long a daemon of which the server does not hear keeps the connections that it works at."""
    backups: Count = 3
    """How many copies to keep; 0 makes none before the tables are brought up to date."""
    backup_every: Annotated[Duration | Unsaid, BeforeValidator(said)] = None
    """How often the daemon makes a copy; if not given, it makes none."""

    @property
    def address(self) -> DatabaseAddress:
        return DatabaseAddress(
            url=self.url,
            password=self.password,
            pooler=self.pooler,
            listen_url=self.listen_url,
            lease=self.lease,
        )


class ConnectionName(Section, extra="ignore"):
    name: Name = Field(examples=["movies"])


class PluginSettings(Section):
    """What installed plugins may do."""

    disabled: tuple[Filled, ...] = ()
    """Plugins, by their own or their distribution's name, that are not even imported."""


class Outline(Section, extra="ignore"):
    """The file as far as a command is concerned that only works with the database."""

    database: DatabaseSettings = Field(examples=[f"{{url: {DATABASE}}}"])
    plugins: PluginSettings = PluginSettings()
    timezone: str | None = None
    """Whose clock people are shown; whether there is such a zone is asked where it is needed."""
    connections: tuple[ConnectionName, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(connection.name for connection in self.connections)
