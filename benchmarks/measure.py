"""One real refresh in a process of its own: `measure.py CONFIG` prints one JSON object.

With `always` or `never` as a second word the library lies on a share whose folder times are trusted so.
The process has refreshed the empty library before, as a daemon has that is up.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import MEASURED, WARM_UP
from benchmarks.meter import Meter
from benchmarks.share import Share
from trailarrd import log
from trailarrd.config import load
from trailarrd.discovery.plugins import discover, providers_by_name
from trailarrd.disk.view import DiskView
from trailarrd.domain.planner import Planner
from trailarrd.domain.secret import Redactor
from trailarrd.refresh.library import ProviderLibrary
from trailarrd.refresh.scope import Scope
from trailarrd.runtime.memory import freeze_startup_objects
from trailarrd.runtime.runtime import open_runtime
from trailarrd.store.store import Store
from trailarrd.web.lag import LoopLag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PHASES: dict[str, list[tuple[type, str]]] = {
    "known": [(Store, "known")],
    "parse": [(ProviderLibrary, "_parse"), (Scope, "_place")],
    "look": [(DiskView, "look")],
    "compare": [(Planner, "match"), (Planner, "decide"), (Planner, "finish")],
    "apply": [(Store, "apply")],
}
"""What is timed by itself; the rest is asking, receiving and decoding."""


class Watch:
    """Times the phases of a refresh; a few calls a batch, so that it costs nothing itself."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.cpu: defaultdict[str, float] = defaultdict(float)
        """Of all threads."""
        for phase, places in PHASES.items():
            for owner, name in places:
                setattr(owner, name, self._timed(phase, getattr(owner, name)))

    @contextmanager
    def _time(self, phase: str) -> Iterator[None]:
        began, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.seconds[phase] += time.perf_counter() - began
            self.cpu[phase] += time.process_time() - cpu

    def _timed(self, phase: str, work: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(work):

            @wraps(work)
            async def later(*args: Any, **kwargs: Any) -> Any:
                with self._time(phase):
                    return await work(*args, **kwargs)

            return later

        @wraps(work)
        def now(*args: Any, **kwargs: Any) -> Any:
            with self._time(phase):
                return work(*args, **kwargs)

        return now


async def measure(config: Path, share: Share | None = None) -> dict[str, Any]:
    providers = providers_by_name(discover())
    settings = load(config, providers=providers, environ=os.environ)
    log.set_up(level="error", style="json", redactor=Redactor(settings.secrets))
    watch, lag = Watch(), LoopLag()
    async with open_runtime(settings, providers, roots=share.roots if share else None) as runtime:
        await runtime.slots[WARM_UP].refresher.refresh()
        freeze_startup_objects()
        watch.seconds.clear()
        watch.cpu.clear()
        watching = asyncio.create_task(lag.run())
        await asyncio.sleep(0.01)
        meter = Meter()
        report = await runtime.slots[MEASURED].refresher.refresh()
        used = meter.read()
        watching.cancel()
    if report.error:
        raise SystemExit(report.error.message)
    phases = {name: watch.cpu[name] for name in PHASES}
    phases["ask"] = used["cpu"] - sum(phases.values())
    calls = dict(share.calls) if share else {}
    return {
        **used,
        "block_ms": lag.worst * 1000,
        "phases": phases,
        "look": watch.seconds["look"],
        "did": _did(report),
        "calls": calls,
    }


def _did(report: Any) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("added", "updated", "unchanged", "removed")}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1]), *map(Share, sys.argv[2:])))))
