"""No more files and sockets can be opened: health says so in time, and nothing that is stored is lost."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.crash.remains import Remains

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Start
    from tests.household import Household


async def test_a_daemon_outlives_that_nothing_can_be_opened_and_its_health_tells_of_it(
    household: Household, start: Start, run: Callable[..., Any]
) -> None:
    household.settings = "refresh: {interval: 10s}\n"
    household.write_config()
    daemon = await start()
    await daemon.until("refresh.finished", connection="movies", added=3)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def leave(descriptors: int) -> None:
        highest = max(int(one.name) for one in Path(f"/proc/{daemon.process.pid}/fd").iterdir())
        limits = (highest + 1 + descriptors if descriptors else 3, hard)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, limits)

    leave(0)
    household.movies.add("Delta", 2004)
    await daemon.until("database.unusable", within=40, connection="movies")
    leave(20)
    told = await run("status")
    assert (told.code, "refresh-not-stored" in told.out, "descriptors-low" in told.out) == (1, True, True)
    leave(200)
    await daemon.until("refresh.finished", within=40, connection="movies", added=1)
    async with asyncio.timeout(40):  # each connection has to store a refresh of its own
        while (await run("status")).code != 0:
            await asyncio.sleep(0.5)
    Remains(household.database).check()
