"""Another configuration while the daemon runs: checked first, taken over whole or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from trailarrd.concurrency import in_thread
from trailarrd.errors import TrailarrdError, summary
from trailarrd.runtime.runtime import ConfigDiff

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from trailarrd.config import Settings
    from trailarrd.systemd import ServiceManager

log = structlog.get_logger()

NOTHING: Final = ConfigDiff([], [], [], [])
NOT_YET: Final = ("database", "plugins")
"""Settings that count from the next start on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigState:
    """Which configuration the daemon goes by."""

    settings: Settings
    read_at: datetime
    """When it was read."""
    refused_at: datetime | None = None
    """When a newer one was refused; None if what is in force is what was read last."""
    error: str | None = None
    """Why it was."""
    sources: frozenset[Path] = frozenset()
    """What was read last, whether it was refused or not; once one of them changes, it is worth reading."""
    restart_needed: tuple[str, ...] = ()
    """Settings that were changed, but count from the next start on only."""
    diff: ConfigDiff = NOTHING
    """What the last reload changed."""

    @property
    def note(self) -> dict[str, str]:
        """What the user must know of it; empty if that is nothing."""
        note = {}
        if self.error and self.refused_at:
            note = {
                "config_error": self.error,
                "config_refused_at": self.refused_at.isoformat(timespec="seconds"),
                "config_read_at": self.read_at.isoformat(timespec="seconds"),
            }
        if self.restart_needed:
            note["restart_needed"] = ", ".join(self.restart_needed)
        return note


class Reloader:
    """Reads the configuration anew when it is asked to, one time after the other."""

    def __init__(
        self,
        settings: Settings,
        *,
        load: Callable[[], Settings],
        renewed: Callable[[Settings], Settings],
        adopt: Callable[[Settings], Awaitable[ConfigDiff]],
        tell: Callable[[ConfigState], Awaitable[None]],
        clock: Callable[[], datetime],
        manager: ServiceManager,
    ) -> None:
        self._started_with = settings
        self._load = load
        self._renewed = renewed
        self._adopt = adopt
        self._tell = tell
        self._clock = clock
        self._manager = manager
        self._asked = asyncio.Event()
        self._aloud = False
        self._turn = asyncio.Lock()
        self.state = ConfigState(settings=settings, read_at=clock(), sources=settings.sources)

    def request(self, *, aloud: bool = True) -> None:
        """Reload soon; `aloud` says so in the log even if nothing has changed."""
        self._aloud = self._aloud or aloud
        self._asked.set()

    async def run(self) -> None:
        """Carry requests out, until cancelled; those that come meanwhile are one more."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            aloud, self._aloud = self._aloud, False
            await self.reload(aloud=aloud)

    async def reload(self, *, aloud: bool = True) -> ConfigState:
        """Read it now and go by it, unless it has mistakes; how that ended."""
        async with self._turn:
            self._manager.reloading()
            try:
                await self._reload(aloud=aloud)
            finally:
                self._manager.ready()
            return self.state

    async def renew(self) -> None:
        """Go by what files with nothing but a secret in them say now; all else stays as it was read."""
        async with self._turn:
            old = self.state.settings
            try:
                settings = await in_thread(partial(self._renewed, old), "secrets")
                diff = await self._adopt(settings) if settings != old else None
            except TrailarrdError as error:
                log.warning("secrets.unread", error=summary(error))
            else:
                self.state = replace(self.state, settings=settings)
                if diff:
                    log.info("config.reloaded", **diff._asdict())

    async def _reload(self, *, aloud: bool) -> None:
        at = self._clock()
        try:
            await self._accept(await in_thread(self._load, "config"), at, aloud=aloud)
        except TrailarrdError as error:
            await self._refuse(str(error), at, getattr(error, "sources", frozenset()), aloud=aloud)
        except Exception as error:
            log.exception("config.bug")
            await self._refuse(summary(error), at, frozenset(), aloud=aloud)

    async def _accept(self, settings: Settings, at: datetime, *, aloud: bool) -> None:
        diff = await self._adopt(settings)
        old = self.state
        later = tuple(name for name in NOT_YET if self._differs(name, settings))
        self.state = ConfigState(
            settings=settings, read_at=at, sources=settings.sources, restart_needed=later, diff=diff
        )
        if aloud or old.error or any(diff) or settings != old.settings:
            log.info("config.reloaded", **diff._asdict())
            await self._tell(self.state)
        if later and later != old.restart_needed:
            log.warning("config.restart_needed", settings=list(later))

    def _differs(self, name: str, settings: Settings) -> bool:
        return bool(getattr(settings, name) != getattr(self._started_with, name))

    async def _refuse(self, error: str, at: datetime, sources: frozenset[Path], *, aloud: bool) -> None:
        news = error != self.state.error
        old = self.state
        sources |= old.settings.sources
        self.state = replace(old, refused_at=at, error=error, sources=sources, diff=NOTHING)
        if news or aloud:
            log.error("config.refused", error=error)
            await self._tell(self.state)
