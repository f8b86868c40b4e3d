"""What the daemon's own looks at its world have found: at the start, after a reload, when asked, each day."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from trailarrd.discovery.plugins import downloaders_by_name
from trailarrd.doctor import Finding, Subject, examine, examine_webhooks, log_findings
from trailarrd.runtime.runtime import Runtime, utc_now
from trailarrd.web.services import Examination

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from trailarrd.daemon.push import PushSources
    from trailarrd.discovery.record import PluginRecord

_WEBHOOKS_FIRST: Final = 60.0
_WEBHOOKS_EVERY: Final = 86_400.0
"""Seconds to the first and between two later looks at the webhooks that were registered."""


class Examiner:
    """Keeps what was found last; `served` are the connections that this daemon works at."""

    def __init__(
        self,
        runtime: Runtime,
        push: PushSources,
        plugins: Sequence[PluginRecord],
        served: Callable[[], Collection[str]],
    ) -> None:
        self._runtime = runtime
        self._push = push
        self._plugins = plugins
        self._served = served
        self._examined = Examination()
        self._of_webhooks: Sequence[Finding] = ()

    async def examine(self, *, thorough: bool = False) -> Examination:
        """Once at the start and after each reload; what is found is logged and stops nobody."""
        subject = self._subject(thorough=thorough)
        found = await log_findings(examine(subject, now=utc_now()))
        if thorough:
            self._of_webhooks = await examine_webhooks(subject, now=utc_now())
        self._examined = Examination(utc_now(), found)
        return self.findings()

    def findings(self) -> Examination:
        """What was found last, by whichever look."""
        names = {connection.name for connection in self._runtime.settings.connections}
        webhooks = [one for one in self._of_webhooks if one.area in names]
        found = [*self._examined.findings, *webhooks]
        areas = list(dict.fromkeys(one.area for one in found))
        return self._examined._replace(findings=sorted(found, key=lambda one: areas.index(one.area)))

    async def look_at_webhooks(self) -> None:
        """Once the servers reach us, and then once a day; a server is asked to post a test by its own."""
        pause = _WEBHOOKS_FIRST
        while True:
            await asyncio.sleep(pause)
            names = frozenset(self._served())
            self._of_webhooks = await examine_webhooks(self._subject(), now=utc_now(), names=names)
            pause = _WEBHOOKS_EVERY

    def _subject(self, *, thorough: bool = False) -> Subject:
        settings = self._runtime.settings
        return Subject(
            providers=self._runtime.providers,
            downloaders=downloaders_by_name(self._plugins),
            settings=settings,
            database=settings.database.address,
            store=self._runtime.store,
            sparing=True,
            thorough=thorough,
            unheard=self._push.unheard,
            arrived=self._push.arrived,
            quiet=self._runtime.roots.quiet(),
        )
