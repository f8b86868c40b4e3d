"""Services are started in order, stopped in reverse, and a crash is neither the end nor a secret."""

from __future__ import annotations

import asyncio
import errno
import gc
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from trailarrd.daemon.supervisor import Service, Supervisor, at_once
from trailarrd.domain.retry import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


@dataclass
class Stage:
    """Notes what the services on it do."""

    notes: list[str] = field(default_factory=list)

    def service(self, name: str, *, basis: object = None, delay: float = 0.0) -> Service:
        async def run(up: Callable[[], None]) -> None:
            await asyncio.sleep(delay)
            self.notes.append(f"{name} up")
            up()
            try:
                await asyncio.sleep(3600)
            finally:
                self.notes.append(f"{name} stopped")

        return Service(name=name, run=run, basis=basis)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def crashing(times: int, crashes: list[float], *, essential: bool = False) -> Service:
    """Crashes so many times before it is up."""

    async def run(up: Callable[[], None]) -> None:
        if len(crashes) < times:
            crashes.append(asyncio.get_running_loop().time())
            raise OSError(f"crash {len(crashes)}")
        up()
        await asyncio.sleep(3600)

    return Service(name="shaky", run=run, essential=essential)


async def until_up(supervisor: Supervisor, name: str) -> None:
    async with asyncio.timeout(5):
        while not any(one.up for one in supervisor.running if one.service.name == name):
            await asyncio.sleep(0.005)


async def test_each_begins_when_the_one_before_is_of_use_and_they_end_in_reverse(stage: Stage) -> None:
    async with Supervisor() as supervisor:
        await supervisor.start(stage.service("store", delay=0.02))
        await supervisor.start(stage.service("web"))
        assert [one.service.name for one in supervisor.running] == ["store", "web"]
        assert all(one.up for one in supervisor.running)
    assert stage.notes == ["store up", "web up", "web stopped", "store stopped"]


async def test_a_crash_is_told_with_its_traceback_and_followed_by_a_start_ever_later() -> None:
    crashes: list[float] = []
    with capture_logs() as logs:
        async with Supervisor(backoff=Backoff(0.02, 60.0)) as supervisor:
            await supervisor.start(crashing(3, crashes))
            (shaky,) = supervisor.running
            assert (shaky.up, shaky.crashes, shaky.error) == (False, 1, "OSError: crash 1")
            await until_up(supervisor, "shaky")
            assert shaky.crashes == 3
    gaps = [later - sooner for sooner, later in pairwise(crashes)]
    assert [gap >= wait for gap, wait in zip(gaps, (0.02, 0.04), strict=True)] == [True, True]
    told = [(line["event"], line["service"], line["again_in_s"], line["exc_info"]) for line in logs]
    assert told == [("service.crashed", "shaky", wait, True) for wait in (0.02, 0.04, 0.08)]


async def test_who_was_steady_begins_with_the_shortest_wait_again() -> None:
    crashes: list[float] = []

    async def run() -> None:
        await asyncio.sleep(0.02)
        crashes.append(1.0)
        raise OSError("now and then")

    async with Supervisor(backoff=Backoff(0.01, 60.0), steady=0.01) as supervisor:
        await supervisor.start(Service(name="old", run=at_once(run)))
        (old,) = supervisor.running
        async with asyncio.timeout(5):
            while len(crashes) < 4:
                await asyncio.sleep(0.005)
        assert old.crashes <= 1


async def test_without_an_essential_service_nothing_starts(stage: Stage) -> None:
    async with Supervisor() as supervisor:
        await supervisor.start(stage.service("store"))
        with pytest.raises(OSError, match="crash 1"):
            await supervisor.start(crashing(1, [], essential=True))
    assert stage.notes == ["store up", "store stopped"]


async def test_an_essential_service_that_crashes_later_is_started_again() -> None:
    starts: list[int] = []

    async def run(up: Callable[[], None]) -> None:
        starts.append(1)
        up()
        if len(starts) == 1:
            await asyncio.sleep(0.01)
            raise OSError("late")
        await asyncio.sleep(3600)

    async with Supervisor(backoff=Backoff(0.01, 60.0)) as supervisor:
        await supervisor.start(Service(name="web", run=run, essential=True))
        async with asyncio.timeout(5):
            while len(starts) < 2:
                await asyncio.sleep(0.005)


async def test_a_new_arrangement_touches_only_what_is_different(stage: Stage) -> None:
    async with Supervisor() as supervisor:
        await supervisor.arrange([stage.service("a", basis=1), stage.service("b", basis=1)])
        await supervisor.arrange(
            [stage.service("a", basis=1), stage.service("b", basis=2), stage.service("c")]
        )
        assert stage.notes == ["a up", "b up", "b stopped", "b up", "c up"]
        await supervisor.arrange([stage.service("c")])
        assert stage.notes[5:] == ["b stopped", "a stopped"]
    assert stage.notes[7:] == ["c stopped"]


async def test_who_is_no_longer_wanted_may_end_what_he_is_at() -> None:
    over = asyncio.Event()
    finished = asyncio.Event()

    async def run() -> None:
        await over.wait()
        await asyncio.sleep(0.02)
        finished.set()

    async with Supervisor() as supervisor:
        await supervisor.arrange([Service(name="poller", run=at_once(run), retire=over.set)])
        await supervisor.arrange([])
        assert (supervisor.running, finished.is_set()) == ([], False)
        await asyncio.wait_for(finished.wait(), 5)


async def test_a_service_that_does_not_stop_is_named_and_left_behind() -> None:
    over = asyncio.Event()

    async def stubborn() -> None:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue

    with capture_logs() as logs:
        async with Supervisor(stop_timeout=0.05) as supervisor:
            await supervisor.start(Service(name="stubborn", run=at_once(stubborn)))
    assert logs == [{"event": "service.stuck", "log_level": "error", "service": "stubborn"}]
    over.set()
    await asyncio.sleep(0.01)


async def test_a_service_is_started_again_however_often_it_crashes() -> None:
    starts: list[int] = []

    async def run(up: Callable[[], None]) -> None:
        starts.append(1)
        if len(starts) <= 1100:
            raise OSError("again")
        up()
        await asyncio.sleep(3600)

    with capture_logs():
        async with Supervisor(backoff=Backoff(1e-6, 2e-6)) as supervisor:
            await supervisor.start(Service(name="shaky", run=run))
            await until_up(supervisor, "shaky")
            assert [(one.crashes, one.up) for one in supervisor.running] == [(1100, True)]
            assert supervisor.broken == {}


async def returns() -> None:
    pass


async def waits_for_what_is_cancelled() -> None:
    waited_for = asyncio.get_running_loop().create_future()
    waited_for.cancel()
    await waited_for


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise OSError("no words")


async def fails_without_words() -> None:
    raise UnspeakableError


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (returns, "EndedError: it returned, though nobody has ended it"),
        (waits_for_what_is_cancelled, "EndedError: what it waited for was cancelled"),
        (fails_without_words, "UnspeakableError: its text cannot be shown"),
    ],
)
async def test_a_service_that_ends_though_nobody_has_ended_it_has_crashed(
    run: Callable[[], Coroutine[Any, Any, None]], reason: str
) -> None:
    with capture_logs() as logs:
        async with Supervisor(backoff=Backoff(0.001, 0.002)) as supervisor:
            await supervisor.start(Service(name="odd", run=at_once(run)))
            (odd,) = supervisor.running
            async with asyncio.timeout(5):
                while odd.crashes < 3 or odd.up:
                    await asyncio.sleep(0)
            assert supervisor.broken == {"odd": reason}
    assert {line["event"] for line in logs} == {"service.crashed"}


async def test_a_service_that_somebody_else_cancels_is_told_and_shown() -> None:
    with capture_logs() as logs:
        async with Supervisor() as supervisor:
            await supervisor.start(Service(name="odd", run=at_once(asyncio.Event().wait)))
            (odd,) = supervisor.running
            assert odd.task
            odd.task.cancel()
            await asyncio.wait([odd.task])
            await asyncio.sleep(0)
            said = "EndedError: it was cancelled, though nobody has ended it"
            assert (odd.state, supervisor.broken) == ("lost", {"odd": said})
    assert [(line["event"], line["service"]) for line in logs] == [("service.lost", "odd")]


async def test_a_service_that_has_its_work_done_may_return() -> None:
    with capture_logs() as logs:
        async with Supervisor() as supervisor:
            await supervisor.start(Service(name="doctor", run=at_once(returns), once=True))
            await asyncio.sleep(0.01)
            assert supervisor.broken == {}
    assert logs == []


class Overflowing(Backoff):
    def after(self, failures: int, jitter: float = 1.0) -> float:
        raise OverflowError("(34, 'Numerical result out of range')")


async def test_a_mistake_in_how_we_go_about_a_crash_is_told_and_shown_too() -> None:
    with capture_logs() as logs:
        async with Supervisor(backoff=Overflowing(1.0, 60.0)) as supervisor:
            await supervisor.start(crashing(1, []))
            assert supervisor.broken == {"shaky": "OverflowError: (34, 'Numerical result out of range')"}
    assert [(line["event"], line["service"]) for line in logs] == [("service.lost", "shaky")]


async def test_a_task_that_nobody_awaits_is_told_and_shown_when_it_fails() -> None:
    async def fail() -> None:
        raise OSError("unseen")

    with capture_logs() as logs:
        async with Supervisor() as supervisor:
            forgotten = asyncio.create_task(fail(), name="drain movies")
            await asyncio.wait({forgotten})
            del forgotten
            gc.collect()
            assert supervisor.broken == {"drain movies": "OSError: unseen"}
    assert [(line["event"], line["task"], line["reason"]) for line in logs] == [
        ("task.lost", "drain movies", "OSError: unseen")
    ]


async def test_what_asyncio_says_a_hundred_times_a_second_is_one_line() -> None:
    """As it does for each of those that knock while no more descriptor can be had."""
    loop = asyncio.get_running_loop()
    out = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "none")}
    with capture_logs() as logs:
        async with Supervisor() as supervisor:
            for _ in range(128):
                loop.call_exception_handler(out)
            assert supervisor.broken == {}
    assert [(line["event"], line["error"]) for line in logs] == [("descriptors.none", "Too many open files")]
