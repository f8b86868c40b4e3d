"""Finds providers through entry points; a broken plugin becomes a record, never an exception."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from trailarrd.plugin import spec
from trailarrd.plugin.failed import unloaded
from trailarrd.plugin.provider import SLUG, Provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import EntryPoint


class PluginStatus(StrEnum):
    """What became of one entry point."""

    LOADED = "loaded"
    FAILED = "failed"
    CONFLICT = "conflict"
    """It offers a provider under a name that another plugin offers as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRecord:
    """One entry point of group `trailarrd`, and what became of it."""

    name: str
    distribution: str
    version: str
    status: PluginStatus
    reason: str | None = None
    """Why it was not loaded, for the user."""
    providers: tuple[Provider[Any], ...] = ()


def discover() -> list[PluginRecord]:
    """Load every installed plugin, each on its own, so that none can stop another."""
    points = sorted(entry_points(group=spec.GROUP), key=lambda point: (_distribution(point), point.name))
    return refuse_conflicts([_load(point) for point in points])


def providers_by_name(records: Iterable[PluginRecord]) -> dict[str, Provider[Any]]:
    """Every provider that a connection may name, loaded or not.

    What was not loaded fails with its reason whenever it is asked, so that only its own connections
    suffer. A plugin that could not even be imported is known by the name of its entry point.
    """
    found: dict[str, Provider[Any]] = {}
    for record in records:
        if record.status is PluginStatus.LOADED:
            found |= {provider.name: provider for provider in record.providers}
        else:
            names = [provider.name for provider in record.providers] or [record.name]
            stand_ins = {name: unloaded(name, record.reason or "") for name in names if SLUG.fullmatch(name)}
            found = stand_ins | found
    return found


def refuse_conflicts(records: list[PluginRecord]) -> list[PluginRecord]:
    """Refuse every plugin whose provider's name another one has too: neither is the right one by luck."""
    owners: dict[str, list[str]] = {}
    for record in records:
        for provider in record.providers:
            owners.setdefault(provider.name, []).append(f"{record.distribution} ({record.name})")
    return [_judge(record, owners) for record in records]


def _judge(record: PluginRecord, owners: dict[str, list[str]]) -> PluginRecord:
    for provider in record.providers:
        if len(owners[provider.name]) > 1:
            both = " and ".join(owners[provider.name])
            return replace(
                record,
                status=PluginStatus.CONFLICT,
                reason=f"provider {provider.name!r} is offered by {both}: uninstall one of them",
            )
    return record


def _load(point: EntryPoint) -> PluginRecord:
    found = PluginRecord(
        name=point.name,
        distribution=_distribution(point),
        version=point.dist.version if point.dist else "",
        status=PluginStatus.LOADED,
    )
    try:
        return replace(found, providers=tuple(_providers(point)))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a stranger's module does is its own trouble
        reason = f"{type(error).__name__}: {error}"
        return replace(found, status=PluginStatus.FAILED, reason=reason)


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown distribution"


def _providers(point: EntryPoint) -> Iterator[Provider[Any]]:
    """What the plugin's hook yields, from a plugin manager of its own.

    One manager for all would keep a half-registered plugin and lose the others' results when one raises.
    """
    manager = pluggy.PluginManager(spec.GROUP)
    manager.add_hookspecs(spec)
    manager.register(point.load(), name=point.name)
    manager.check_pending()
    answers = manager.hook.trailarrd_providers()
    if not answers:
        raise TypeError("implements no hook: mark trailarrd_providers with @hookimpl")
    for answer in answers:
        if inspect.isawaitable(answer):
            getattr(answer, "close", lambda: None)()
            raise TypeError("trailarrd_providers is async; hooks are plain functions")
        for provider in answer:
            if not isinstance(provider, Provider):
                raise TypeError(f"yields a {type(provider).__name__} instead of a Provider")
            yield provider
