"""What commands share: the configuration, the plugins, the store, the event loop, exit codes."""

from __future__ import annotations

import asyncio
import functools
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import click

from trailarrd import config
from trailarrd.cli.output import iso
from trailarrd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine
    from datetime import tzinfo
    from pathlib import Path

    from trailarrd.config.outline import Outline
    from trailarrd.discovery.record import PluginRecord
    from trailarrd.domain.secret import Redactor
    from trailarrd.intercom import Intercom
    from trailarrd.plugin.provider import Provider
    from trailarrd.store.store import Store

P = ParamSpec("P")
R = TypeVar("R")

_UTC: Final = "trailarrd.utc"
"""Where click keeps whether a command was told `--utc`."""
ITEM_ID: Final = click.IntRange(min=1, max=2**63 - 1)
"""What the ID of an item may be: the database counts from 1, and to no more than this."""


class ExitCode(IntEnum):
    """What a command's end means to scripts and to systemd."""

    OK = 0
    TROUBLE = 1
    """At least one connection failed, or something was held, quarantined or not visible."""
    USAGE = 2
    DATABASE = 75
    """EX_TEMPFAIL: the database cannot be used now."""
    CONFIG = 78
    """EX_CONFIG: only the user can mend it, so a restart does not help."""


class Context:
    """The configuration named on the command line, read when a command first needs it."""

    def __init__(self, explicit: str | None, *, utc: bool = False) -> None:
        self.explicit = explicit
        """What `--config` says."""
        self.utc = utc
        """What `--utc` says."""

    @property
    def overlooked(self) -> list[Path]:
        """Configurations that are there and do not count, as another is found before them."""
        from trailarrd.config.location import overlooked

        return overlooked(self.explicit, os.environ)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def clock(self, moment: datetime) -> str:
        """A moment by the clock of `timezone`, or the host's; in ISO 8601 with `--utc`."""
        if self.utc:
            return iso(moment)
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    @functools.cached_property
    def _zone(self) -> tzinfo | None:
        from trailarrd.schedule import zone_of

        try:
            return zone_of(self.outline.timezone)
        except (ConfigError, ValueError):  # told by whoever needs it more
            return None

    @functools.cached_property
    def plugins(self) -> list[PluginRecord]:
        from trailarrd.discovery.plugins import discover

        return discover(self.disabled_plugins)

    @functools.cached_property
    def disabled_plugins(self) -> Collection[str]:
        """As the configuration says; what is wrong with that is told by whoever needs the rest of it."""
        try:
            return self.outline.plugins.disabled
        except ConfigError:
            return ()

    @functools.cached_property
    def providers(self) -> dict[str, Provider[Any]]:
        from trailarrd.discovery.plugins import providers_by_name

        return providers_by_name(self.plugins)

    @functools.cached_property
    def settings(self) -> config.Settings:
        """The whole configuration, checked; `ConfigError` names every mistake in it."""
        path = config.find_config(self.explicit, os.environ)
        return config.load(path, providers=self.providers, environ=os.environ)

    @functools.cached_property
    def redactor(self) -> Redactor:
        """Takes the configuration's secrets out of what strangers say; without one none are known."""
        from trailarrd.domain.secret import Redactor

        try:
            return Redactor(self.settings.secrets)
        except ConfigError:
            return Redactor()

    @functools.cached_property
    def outline(self) -> Outline:
        """The configuration as far as a command needs it that asks no Arr server."""
        return config.load_outline(config.find_config(self.explicit, os.environ), environ=os.environ)

    @functools.cached_property
    def intercom(self) -> Intercom | None:
        """The line to the daemon of the database, which may or may not run; None if there can be none."""
        from trailarrd.intercom import Intercom, socket_of

        path = socket_of(self.outline.database.url)
        return Intercom(path) if path else None

    def start_logging(self, *, level: str | None = None) -> None:
        """Log to stderr as the configuration says, without any of its secrets."""
        from trailarrd import log
        from trailarrd.schedule import zone_of

        log.set_up(
            level=level or self.settings.log.level,
            style=self.settings.log.format,
            redactor=self.redactor,
            zone=zone_of(self.settings.timezone),
        )

    @asynccontextmanager
    async def store(self, *, create: bool = False) -> AsyncIterator[Store]:
        """The database, for a command that asks or tells it something without any Arr server.

        `create` makes a missing one.
        """
        from trailarrd.store.store import Store

        database = self.outline.database
        async with Store.open(database.url, create=create, backups=database.backups) as store:
            yield store


async def require_connection(store: Store, name: str) -> None:
    """Wrong usage if no connection of that name is stored."""
    if name not in {row.name for row in await store.connections()}:
        raise click.UsageError(f"No connection {name!r}; see 'trailarrd connections'.")


utc_option: Final = click.option(
    "--utc",
    is_flag=True,
    expose_value=False,
    callback=lambda context, _parameter, value: context.find_root().meta.update({_UTC: value}),
    help="Times in UTC as ISO 8601, for scripts; else by the clock of timezone, or the host's.",
)


def command_body(
    body: Callable[Concatenate[Context, P], Coroutine[Any, Any, R]],
) -> Callable[P, R]:
    """Makes an async function the body of a click command, with the Context as its first argument.

    click would call an async function and throw the coroutine away.
    """

    @functools.wraps(body)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        root = click.get_current_context().find_root()
        context = Context(root.obj, utc=root.meta.get(_UTC, False))
        return asyncio.run(body(context, *args, **kwargs))

    return run
