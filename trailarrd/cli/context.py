"""What commands share: the configuration, the plugins, the store, the event loop, exit codes."""

from __future__ import annotations

import asyncio
import functools
import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import click

from trailarrd import config
from trailarrd.cli.output import iso, tell
from trailarrd.errors import ConfigError, ConfigTimeoutError, DaemonError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine

    from trailarrd.config.outline import Outline
    from trailarrd.discovery.record import PluginRecord
    from trailarrd.documents.config_source import ConfigSource
    from trailarrd.domain.secret import Redactor
    from trailarrd.intercom import Intercom
    from trailarrd.plugin.downloader import Downloader
    from trailarrd.plugin.provider import Provider
    from trailarrd.store.store import Store

P = ParamSpec("P")
R = TypeVar("R")

_PATIENCE: Final = 2.0
"""Seconds for the daemon to say what it goes by; the files can be read here as well."""
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
        self._now: Callable[[], datetime] = functools.partial(datetime.now, UTC)

    @property
    def overlooked(self) -> list[Path]:
        """Configurations that are there and do not count, as another is found before them."""
        from trailarrd.config.location import overlooked

        return overlooked(self.explicit, os.environ)

    @property
    def now(self) -> datetime:
        """As all that share the database have it, once a command has opened that."""
        return self._now()

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
            return self.draft.plugins.disabled
        except ConfigTimeoutError:  # who needs the rest would wait as long once more
            raise
        except ConfigError:
            return ()

    @functools.cached_property
    def providers(self) -> dict[str, Provider[Any]]:
        from trailarrd.discovery.plugins import providers_by_name

        return providers_by_name(self.plugins)

    @functools.cached_property
    def downloaders(self) -> dict[str, Downloader]:
        from trailarrd.discovery.plugins import downloaders_by_name

        return downloaders_by_name(self.plugins)

    @functools.cached_property
    def settings(self) -> config.Settings:
        """The whole configuration, checked; `ConfigError` names every mistake in it."""
        return config.load(
            self.path, providers=self.providers, environ=os.environ, downloaders=self.downloaders
        )

    @functools.cached_property
    def visible(self) -> config.Settings | None:
        """The same as far as it can be had here, without a mistake: see `load_visible`."""
        return config.load_visible(
            self.path, providers=self.providers, environ=os.environ, downloaders=self.downloaders
        )

    def must_be_usable(self) -> None:
        """Raises `ConfigError` as `settings` does."""
        self.settings  # noqa: B018  # a property that reads and checks

    @functools.cached_property
    def redactor(self) -> Redactor:
        """Takes the configuration's secrets out of what strangers say; without one none are known."""
        from trailarrd.domain.secret import Redactor

        try:
            return Redactor(self.visible.secrets if self.visible else ())
        except ConfigError:
            return Redactor()

    @functools.cached_property
    def path(self) -> Path:
        """The configuration file."""
        return config.find_config(self.explicit, os.environ)

    @functools.cached_property
    def outline(self) -> Outline:
        """The configuration as far as a command needs it that asks no Arr server.

        Raises `ConfigError` for a mistake anywhere in it. What the running daemon has read, and nobody has
        touched since, has none.
        """
        draft = self.draft
        if not self.is_the_daemons:
            try:
                _ = self.visible
            except ConfigError:
                if self.daemons_source:
                    tell("the running daemon goes on with the configuration that it read before")
                raise
        return draft

    def require_no_mistake(self) -> None:
        """Raise `ConfigError` if there is a configuration, and it has mistakes; for who does without one."""
        try:
            _ = self.path
        except ConfigError:
            return
        _ = self.outline

    @functools.cached_property
    def draft(self) -> Outline:
        """The outline alone, whatever is wrong with the rest."""
        return config.load_outline(self.path, environ=os.environ)

    @functools.cached_property
    def intercom(self) -> Intercom | None:
        """The line to the daemon of the database, which may or may not run; None if there can be none."""
        from trailarrd.intercom import Intercom, socket_of

        path = socket_of(self.draft.database.url)
        return Intercom(path) if path else None

    @functools.cached_property
    def daemons_source(self) -> ConfigSource | None:
        """The files that the running daemon goes by; None if none runs, or it does not say so."""
        from trailarrd.documents.config_source import ConfigSource

        try:
            if self.intercom is None or not self.intercom.is_answered():
                return None
            found: ConfigSource = self.intercom.ask(
                "GET", "/config/source", kind=ConfigSource, patience=_PATIENCE
            )
        except DaemonError:  # another user's, a busy one, or one of another version
            return None
        return found

    @property
    def other_config(self) -> str | None:
        """The configuration that the running daemon goes by, if it is another one than was named here."""
        source = self.daemons_source
        return source.path if source and Path(source.path).resolve() != self.path.resolve() else None

    @property
    def is_the_daemons(self) -> bool:
        """Whether the daemon has read these very files, as they are, and no variable here changes them."""
        from trailarrd.config.location import names_a_setting
        from trailarrd.config.signs import are_as_signed

        source = self.daemons_source
        return (
            source is not None
            and self.other_config is None
            and are_as_signed(source.signs)
            and not any(map(names_a_setting, os.environ))
        )

    def daemons_note(self) -> dict[str, str]:
        """What the running daemon tells every other process."""
        from trailarrd.domain.paths import database_file
        from trailarrd.store.locks import noted_beside

        file = database_file(self.outline.database.url)
        return noted_beside(Path(file)) if file else {}

    def start_logging(self, *, level: str | None = None) -> None:
        """Log to stderr as the configuration says, without any of its secrets."""
        from trailarrd import log
        from trailarrd.domain.secret import Redactor
        from trailarrd.schedule import zone_of

        log.set_up(
            level=level or self.settings.log.level,
            style=self.settings.log.format,
            redactor=Redactor(self.settings.secrets),
            zone=zone_of(self.settings.timezone),
        )

    @asynccontextmanager
    async def store(self, *, create: bool = False) -> AsyncIterator[Store]:
        """The database, for a command that asks or tells it something without any Arr server.

        `create` makes a missing one.
        """
        from trailarrd.store.store import Store

        database = self.outline.database
        async with Store.open(database.address, create=create, backups=database.backups) as store:
            self._now = store.now
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
