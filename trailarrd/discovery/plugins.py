"""Loads every installed plugin; one in trouble becomes a record, never an exception."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from trailarrd import __version__
from trailarrd.discovery.installed import InstalledPlugin, installed_plugins, is_called
from trailarrd.discovery.loading import load
from trailarrd.discovery.record import PluginRecord, PluginStatus
from trailarrd.discovery.unloaded import unloaded
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.downloader import Downloader
from trailarrd.plugin.provider import SLUG, Provider

_DISABLED: Final = "plugins.disabled in trailarrd.yaml names it"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLimits:
    """How long a plugin may take to be imported and asked for what it offers, in seconds."""

    slow: float = 3.0
    """From here on the user hears of it."""
    longest: float = 20.0
    """Then it is left behind. Generous: a first import on a small machine under load takes seconds."""


def discover(disabled: Collection[str] = (), *, limits: LoadLimits | None = None) -> list[PluginRecord]:
    """Load every installed plugin, each on its own, so that none can stop another.

    `disabled` are names of plugins or distributions that are not even imported.
    """
    records = [_record(plugin, disabled, limits or LoadLimits()) for plugin in installed_plugins()]
    return _refuse_conflicts(records)


def without_secrets(records: Iterable[PluginRecord], redactor: Redactor) -> list[PluginRecord]:
    """The same to be shown: an exception of a plugin may quote a key that it found somewhere."""
    return [
        replace(record, reason=redactor.clean(record.reason)) if record.reason else record
        for record in records
    ]


def named_in_vain(disabled: Collection[str], records: Iterable[PluginRecord]) -> list[str]:
    """Those names of disabled plugins that no installed plugin has: spelt wrong, or uninstalled since."""
    known = [(record.name, record.distribution) for record in records]
    return [name for name in disabled if not any(is_called(name, *names) for names in known)]


def providers_by_name(records: Iterable[PluginRecord]) -> dict[str, Provider[Any]]:
    """Every provider that a connection may name, loaded or not.

    What was not loaded fails with its reason whenever it is asked, so that only its own connections
    suffer. A plugin that could not even be imported is known by the name of its entry point.
    """
    found: dict[str, Provider[Any]] = {}
    for record in records:
        if record.status.usable:
            found |= {provider.name: provider for provider in record.providers}
        else:
            names = [provider.name for provider in record.providers] or [record.name]
            stand_ins = {name: unloaded(name, record.reason or "") for name in names if SLUG.fullmatch(name)}
            found = stand_ins | found
    return found


def downloaders_by_name(records: Iterable[PluginRecord]) -> dict[str, Downloader]:
    """Every downloader that can be used, by its name."""
    return {
        downloader.name: downloader
        for record in records
        if record.status.usable
        for downloader in record.downloaders
    }


def _record(plugin: InstalledPlugin, disabled: Collection[str], limits: LoadLimits) -> PluginRecord:
    record = PluginRecord(
        name=plugin.point.name,
        distribution=plugin.distribution,
        version=plugin.version,
        status=PluginStatus.LOADED,
    )
    if plugin.is_named(disabled):
        return replace(record, status=PluginStatus.DISABLED, reason=_DISABLED)
    if wanted := plugin.wants_other_than(__version__):
        reason = f"it was made for {wanted}, and this is {__version__}: install a version of it that fits"
        return replace(record, status=PluginStatus.INCOMPATIBLE, reason=reason)
    return _loaded(record, plugin, limits)


def _loaded(record: PluginRecord, plugin: InstalledPlugin, limits: LoadLimits) -> PluginRecord:
    loading = load(plugin.point, limits.longest)
    if loading.error:
        return replace(record, status=loading.status, reason=loading.error)
    record = replace(record, offers=loading.offers)
    if loading.seconds >= limits.slow:
        reason = f"it took {loading.seconds:.1f} s to load: at import and in its hook a plugin does no I/O"
        return replace(record, status=PluginStatus.SLOW, reason=reason)
    return record


def _refuse_conflicts(records: list[PluginRecord]) -> list[PluginRecord]:
    """Refuse every plugin whose offer's name another one has too: neither is the right one by luck."""
    owners: dict[tuple[str, str], list[str]] = {}
    for record in records:
        for offer in record.offers:
            owner = f"{record.distribution} ({record.name})"
            owners.setdefault((offer.kind, offer.name), []).append(owner)
    return [_judge(record, owners) for record in records]


def _judge(record: PluginRecord, owners: dict[tuple[str, str], list[str]]) -> PluginRecord:
    for kind, name in ((offer.kind, offer.name) for offer in record.offers):
        if len(owners[kind, name]) > 1:
            reason = (
                f"{kind} {name!r} is offered by {' and by '.join(owners[kind, name])}: "
                "uninstall one of them, or name it under plugins.disabled"
            )
            return replace(record, status=PluginStatus.CONFLICT, reason=reason)
    return record
