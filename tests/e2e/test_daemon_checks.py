"""The daemon runs the doctor's checks at its start: problems are logged, and stop nobody."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from trailarrd.testing import Refusal
from trailarrd.testing.asked import Phase

if TYPE_CHECKING:
    from tests.e2e.conftest import Start
    from tests.household import Household


async def test_problems_are_logged_with_code_and_advice_and_the_rest_is_refreshed(
    household: Household, start: Start
) -> None:
    household.movies.server.fault = Refusal()
    daemon = await start()
    await daemon.until("check.finished")
    (problem,) = daemon.told("check.problem")
    assert (problem["code"], problem["about"], problem["level"]) == ("server-key", "movies", "error")
    assert problem["advice"].startswith("Copy the key once more")
    assert daemon.told("check.finished", problems=1, warnings=0)
    await daemon.until("refresh.finished", connection="series")
    assert (await daemon.stop(signal.SIGTERM))[0] == 0


async def test_no_server_is_asked_for_its_library_twice(household: Household, start: Start) -> None:
    daemon = await start()
    await daemon.until("check.finished", problems=0)
    await daemon.until("refresh.finished", times=2)
    await daemon.stop(signal.SIGTERM)
    for shelf in household.shelves.values():
        asked = [request.phase for request in shelf.server.requests]
        assert asked.count(Phase.LIST) == 1


async def test_after_a_reload_the_checks_run_again(household: Household, start: Start) -> None:
    daemon = await start()
    await daemon.until("check.finished", problems=0)
    text = household.config.read_text()
    household.config.write_text(text.replace(f'"{household.movies.folder}"', f'"{household.home}/gone"'))
    daemon.process.send_signal(signal.SIGHUP)
    await daemon.until("check.problem", code="root-missing", about="movies")
    assert (await daemon.stop(signal.SIGTERM))[0] == 0
