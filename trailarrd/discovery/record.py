"""One installed plugin: what became of it, and what it offers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from trailarrd.plugin.downloader import Downloader
from trailarrd.plugin.provider import Provider


class Offer(NamedTuple):
    """One thing that a plugin offers: by its kind and its name there is only one."""

    kind: str
    """As `trailarrd.plugin.spec.HOOKS` has it: `provider`, `downloader`."""
    value: Any

    @property
    def name(self) -> str:
        """What trailarrd.yaml calls it."""
        name: str = self.value.name
        return name

    @property
    def options(self) -> type[Any] | None:
        """The pydantic model of what trailarrd.yaml may say of it; None if that is nothing."""
        options: type[Any] | None = self.value.options
        return options

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class PluginStatus(StrEnum):
    """What became of one entry point."""

    LOADED = "loaded"
    SLOW = "slow"
    """Loaded, but it kept everybody waiting."""
    DISABLED = "disabled"
    """trailarrd.yaml says so; nothing of it was imported."""
    INCOMPATIBLE = "incompatible"
    """It was made for another version of trailarrd."""
    FAILED = "failed"
    CONFLICT = "conflict"
    """It offers something under a name that another plugin offers as well."""

    @property
    def usable(self) -> bool:
        return self in _USABLE


_USABLE: Final = frozenset({PluginStatus.LOADED, PluginStatus.SLOW})


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRecord:
    """One entry point of group `trailarrd`, and what became of it."""

    name: str
    distribution: str
    version: str
    status: PluginStatus
    reason: str | None = None
    """Why it is not simply loaded, for the user."""
    offers: tuple[Offer, ...] = ()

    @property
    def is_disabled(self) -> bool:
        """Whether the user has left it out: that is no trouble."""
        return self.status is PluginStatus.DISABLED

    @property
    def providers(self) -> tuple[Provider[Any], ...]:
        """Those of its offers that connections can have."""
        return tuple(offer.value for offer in self.offers if isinstance(offer.value, Provider))

    @property
    def downloaders(self) -> tuple[Downloader, ...]:
        """Those of its offers that bring trailers."""
        return tuple(offer.value for offer in self.offers if isinstance(offer.value, Downloader))
