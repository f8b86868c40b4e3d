"""What belongs to this host alone: configuration, database, plugins."""

from __future__ import annotations

import stat
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from trailarrd.config.masking import secrets_in
from trailarrd.discovery.record import PluginRecord, PluginStatus
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code
from trailarrd.domain.text import span
from trailarrd.store.backup import made_at, newest_backup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trailarrd.config import Settings
    from trailarrd.config.outline import DatabaseSettings
    from trailarrd.domain.database import Condition

_PLUGINS: Final = {
    PluginStatus.LOADED: Code.PLUGIN_OK,
    PluginStatus.SLOW: Code.PLUGIN_SLOW,
    PluginStatus.DISABLED: Code.PLUGIN_DISABLED,
}
_LEAST_FREE: Final = 200 * 1000**2
"""Bytes that should be left at least, and twice the database for a backup and a refresh."""


_MANY: Final = 20_000
"""Items in which a search takes long enough to be noticed."""
_NOTICEABLE: Final = timedelta(minutes=1)
"""By so much clocks may differ without a word."""


def _ahead(clock: timedelta) -> str:
    return f"{span(abs(clock))} {'ahead of' if clock > timedelta() else 'behind'}"


def of_settings(settings: Settings) -> Iterator[Finding]:
    """A configuration that can be used, and who else may read its secrets."""
    count = len(settings.connections)
    noun = "connection" if count == 1 else "connections"
    yield Finding.of(Code.CONFIG_OK, "configuration", f"{settings.path}: {count} {noun}")
    for path in _exposed(settings):
        yield Finding.of(Code.CONFIG_EXPOSED, "configuration", f"{path} can be read by everybody")


def _exposed(settings: Settings) -> list[Path]:
    """The files that the settings were read from, as far as others may read a secret in them."""
    secrets = [secret.reveal().encode(errors="replace") for secret in secrets_in(settings) if secret]
    found = []
    for path in sorted(settings.sources):
        with suppress(OSError):
            is_open = path.is_file() and path.stat().st_mode & stat.S_IROTH
            if is_open and any(secret in path.read_bytes() for secret in secrets):
                found.append(path)
    return found


def of_overlooked(files: Sequence[Path]) -> Iterator[Finding]:
    for file in files:
        fact = f"{file.absolute()} is there, too, and not read"
        yield Finding.of(Code.CONFIG_OVERLOOKED, "configuration", fact)


def of_plugins(plugins: Sequence[PluginRecord]) -> Iterator[Finding]:
    if not plugins:
        yield Finding.of(Code.PLUGINS_NONE, "plugins", "no plugin is installed")
    for plugin in plugins:
        fact = f": {plugin.reason}" if plugin.reason else f" offers {', '.join(map(str, plugin.offers))}"
        who = f"{plugin.name} ({plugin.distribution} {plugin.version})"
        code = _PLUGINS.get(plugin.status, Code.PLUGIN_NOT_LOADED)
        yield Finding.of(code, "plugins", who + fact)


def of_database(condition: Condition) -> Iterator[Finding]:
    """The database, as far as can be told without changing it."""
    for code, fact in _database(condition):
        yield Finding.of(code, "database", fact)


def of_backups(database: DatabaseSettings, now: datetime) -> Iterator[Finding]:
    """How old the newest copy beside the database is, and whether that is as old as the user wants it."""
    newest, every = newest_backup(database.url), database.backup_every
    if newest:
        age = now - made_at(newest)
        code = Code.DATABASE_BACKUP_OLD if every and age > 2 * every else Code.DATABASE_BACKUP
        yield Finding.of(code, "database", f"the newest copy, {newest}, is {span(age)} old")
    elif every:
        yield Finding.of(Code.DATABASE_BACKUP_OLD, "database", "there is no copy beside the database yet")


def _database(condition: Condition) -> Iterator[tuple[Code, str]]:
    place = condition.place
    if condition.trouble:
        yield Code.DATABASE_UNUSABLE, condition.trouble
        return
    if condition.not_writable and not condition.is_file:
        yield Code.DATABASE_BARRED, condition.not_writable
    elif condition.not_writable:
        yield Code.DATABASE_READ_ONLY, f"{condition.not_writable} cannot be written"
    if condition.exposed:
        yield Code.DATABASE_EXPOSED, f"everybody on this host may write {condition.exposed}"
    yield from ((Code.DATABASE_DAMAGED, f"{place}: {damage}") for damage in condition.damages[:10])
    yield from _revision(condition)
    if abs(condition.clock) > _NOTICEABLE:
        yield Code.DATABASE_CLOCK, f"the server's clock is {_ahead(condition.clock)} that of this host"
    if condition.unindexed >= _MANY:
        yield Code.DATABASE_SEARCH, f"words are looked for in each of {condition.unindexed} items"
    if condition.free is not None and condition.free < max(_LEAST_FREE, 2 * condition.size):
        yield Code.DATABASE_SPACE, f"{condition.free // 1000**2} MB are free beside {place}"


def _revision(condition: Condition) -> Iterator[tuple[Code, str]]:
    place = condition.place
    if not condition.exists and condition.is_file:
        yield Code.DATABASE_NEW, f"{place} is not there yet"
    elif not condition.exists:
        yield Code.DATABASE_NEW, f"{place} has no tables yet ({condition.server})"
    elif not condition.is_current:
        yield Code.DATABASE_OLDER, f"{place} is at revision {condition.revision}"
    elif not condition.damages:
        where = f" ({condition.server})" if condition.server else ""
        yield Code.DATABASE_OK, f"{place} is sound, at revision {condition.revision}{where}"
