"""Good manners on the event loop, which all connections share."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from trailarrd.testing.asked import Phase
from trailarrd.testing.contract.calls import LIBRARY, STATUS, Call
from trailarrd.testing.contract.long_list import LongList
from trailarrd.testing.contract.measure import longest_turn_of
from trailarrd.testing.contract.verdict import fail, require
from trailarrd.testing.faults import Fault, Latency, ServerError, Stall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    from trailarrd.plugin import ApiManager
    from trailarrd.testing.contract.trial import Trial

_LATENCY: Final = 0.3
_TURN_AT_MOST: Final = 0.05
_MANY: Final = 5000
_ATTEMPTS: Final = 3
"""A machine may be busy for a moment; a call that blocks always blocks."""
_AT_ONCE: Final = 3.0
_A_MOMENT: Final = 0.02
_OFTEN: Final = 6
"""More often than the session has connections."""

_HALF: Final = Stall(seconds=30, at=0.5, phase=Phase.LIST)
"""Half of the list has come, and the rest does not."""


class LoopChecks:
    """Event loop: never blocked, cancelled at once, connections given back."""

    def test_the_event_loop_is_never_blocked(self, trial: Trial) -> None:
        """No call keeps others from their turn for 50 ms: not while the server thinks, not in a huge list."""

        async def watch(api: ApiManager[Any], _session: ClientSession) -> dict[Call, float]:
            return {call: await _longest_turn(api, call) for call in trial.calls}

        with trial.server(LongList(trial, _MANY), fault=Latency(seconds=_LATENCY)) as server:
            turns = trial.run(server.url, watch)
        for call, seconds in turns.items():
            require(
                seconds < _TURN_AT_MOST,
                f"nothing else could run for {seconds * 1000:.0f} ms of {call}",
                do="await the aiohttp session that you were given: no requests, no urllib, no time.sleep",
                why="all connections share one event loop; one slow server would stop them all",
            )

    def test_cancelling_ends_a_call(self, trial: Trial) -> None:
        """`CancelledError` gets through every method, before the answer as within it."""
        for call, fault in _waits(trial):
            with trial.server(trial.library(100), fault=fault) as server:
                seconds = trial.run(server.url, cancelled(call))
            if seconds is None:
                fail(
                    f"{call} was cancelled, and went on or returned something",
                    do="catch Exception, never BaseException, and let CancelledError through",
                    why="the daemon could not be stopped, and a refresh that was given up would go on",
                )
            require(
                seconds < _AT_ONCE,
                f"{call} took {seconds:.1f} s to end after it was cancelled",
                do="wait for nothing in `finally`",
                why="the daemon has a few seconds to end before the system kills it",
            )

    def test_cancelling_leaves_nothing_running(self, trial: Trial) -> None:
        """A call that is cancelled has ended: no task of it goes on."""
        for call, fault in _waits(trial):
            with trial.server(trial.library(100), fault=fault) as server:

                async def then_looked(api: ApiManager[Any], _session: ClientSession) -> int:
                    await _cancel(api, call)  # noqa: B023  # called within the loop
                    await asyncio.sleep(_A_MOMENT)
                    return len(asyncio.all_tasks()) - 1

                left = trial.run(server.url, then_looked)
            require(
                not left,
                f"{call} was cancelled, and {left} tasks of it go on",
                do="await what you ask for, without asyncio.shield and without a task of its own",
                why="what goes on uses the session after it is closed, and nobody hears of its errors",
            )

    def test_connections_are_given_back(self, trial: Trial) -> None:
        """A call that is cancelled within the answer leaves no connection of the session in use."""
        with trial.server(trial.library(100), fault=_HALF) as server:

            async def again_and_again(api: ApiManager[Any], _session: ClientSession) -> bool:
                for _ in range(_OFTEN):
                    await _cancel(api, LIBRARY)
                server.fault = None
                try:
                    await asyncio.wait_for(STATUS.ask(api), _AT_ONCE)
                except TimeoutError:
                    return False
                return True

            came = trial.run(server.url, again_and_again)
        require(
            came,
            f"after {_OFTEN} cancelled calls, system_status() did not come back within {_AT_ONCE:g} s",
            do="open each answer by `async with session.get(…) as response`",
            why="the session has four connections; when all are lost, the server can never be asked again",
        )

    def test_the_given_session_is_used(self, trial: Trial) -> None:
        """Every request goes through the session that the API manager is built with."""
        with trial.server() as server:

            async def marked(api: ApiManager[Any], session: ClientSession) -> None:
                session.headers["X-Given-Session"] = "yes"
                for call in trial.calls:
                    await call.ask(api)

            trial.run(server.url, marked)
        strays = [request for request in server.requests if "X-Given-Session" not in request.headers]
        require(
            not strays,
            f"{strays[:1]} did not go through the session",
            do="use the ClientSession that api_manager gets, and open none of your own",
            why="it knows the user's ca_file and verify_tls, and it is closed when the connection is",
        )

    def test_the_session_is_left_open(self, trial: Trial) -> None:
        """The API manager does not close the session, after an error neither: others use it after it."""
        with trial.server() as server:

            async def then_closed(api: ApiManager[Any], session: ClientSession) -> bool:
                for call in trial.calls:
                    await call.ask(api)
                return session.closed

            async def then_failed(api: ApiManager[Any], session: ClientSession) -> bool:
                for call in trial.calls:
                    with suppress(Exception):
                        await call.ask(api)
                return session.closed

            closed = trial.run(server.url, then_closed)
            server.fault = ServerError(status=503)
            closed = closed or trial.run(server.url, then_failed)
        require(
            not closed,
            "the session is closed after the calls",
            do="leave it open; no `async with self._session`",
            why="the next refresh of the connection would fail",
        )

    def test_building_an_api_manager_asks_nothing(self, trial: Trial) -> None:
        """`api_manager(session, server)` does no I/O: it neither asks nor begins anything."""
        with trial.server() as server:

            async def just_built(_api: ApiManager[Any], _session: ClientSession) -> int:
                tasks = len(asyncio.all_tasks())
                await asyncio.sleep(0.05)
                return tasks

            tasks = trial.run(server.url, just_built)
        require(
            not server.requests and tasks == 1,
            f"building the API manager sent {len(server.requests)} requests and began {tasks - 1} tasks",
            do="only keep session and server in __init__; ask when you are asked",
            why="it is built while the daemon starts, where nobody handles its errors",
        )


async def _longest_turn(api: ApiManager[Any], call: Call) -> float:
    """Of the best of some attempts."""
    least = math.inf
    for _ in range(_ATTEMPTS):
        least = min(least, (await longest_turn_of(call.ask(api)))[1])
        if least < _TURN_AT_MOST:
            break
    return least


def _waits(trial: Trial) -> list[tuple[Call, Fault]]:
    """Every place where a call may stand when it is cancelled."""
    before: list[tuple[Call, Fault]] = [(call, Latency(seconds=30)) for call in trial.calls]
    return [*before, (LIBRARY, _HALF)]


def cancelled(call: Call) -> Callable[[ApiManager[Any], ClientSession], Awaitable[float | None]]:
    """The seconds that the call takes to end when it is cancelled; None: it does not."""

    async def work(api: ApiManager[Any], _session: ClientSession) -> float | None:
        return await _cancel(api, call)

    return work


async def _cancel(api: ApiManager[Any], call: Call) -> float | None:
    """Seconds until a call that waits for its server had ended after it was cancelled; None: it did not."""
    task = asyncio.ensure_future(call.ask(api))
    await asyncio.wait([task], timeout=0.1)
    begun = time.monotonic()
    task.cancel()
    await asyncio.wait([task], timeout=2 * _AT_ONCE)
    if task.cancelled():
        return time.monotonic() - begun
    task.cancel()
    return None
