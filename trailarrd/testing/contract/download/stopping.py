"""The end, whenever it comes: by cancelling, and by the death of trailarrd."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trailarrd.testing.contract.download.trial import NAME
from trailarrd.testing.contract.verdict import fail, require

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.plugin import Progress
    from trailarrd.testing.contract.download.trial import DownloadTrial

_AT_ONCE: Final = 5.0
_KILLED_WITHIN: Final = 2.0
_STARTED_WITHIN: Final = 30.0
_MOMENTS: Final[tuple[tuple[str, Callable[[Progress], bool]], ...]] = (
    ("at the first thing that it told", lambda _: True),
    ("when bytes had come", lambda one: bool(one.done)),
)


class StoppingChecks:
    """Stopping: whenever it is cancelled, nothing of it goes on; and nothing outlives trailarrd."""

    def test_cancelling_ends_it(self, trial: DownloadTrial) -> None:
        """`CancelledError` gets through within 5 seconds: at once, in the middle, and when it comes twice."""
        for when, moment in _MOMENTS:
            for times in (1, 2):
                seconds = trial.within(_cancelled(trial, moment, times))
                require(
                    seconds is not None and seconds < _AT_ONCE,
                    f"cancelled {when}, {times} times, it "
                    + (
                        "went on or returned something" if seconds is None else f"took {seconds:.1f} s to end"
                    ),
                    do="let CancelledError through, and wait in `finally` for what ends at once, as a process"
                    " that was killed",
                    why="the daemon could not be stopped",
                )

    def test_cancelling_leaves_nothing(self, trial: DownloadTrial) -> None:
        """After that there is no task of it, no thread, no process, and no open file in its folder."""
        threads, processes = _threads(), descendants(os.getpid())
        for when, moment in _MOMENTS:
            tasks = trial.within(_left_after(trial, moment))
            left = {
                "tasks": tasks,
                "threads": len(_threads() - threads),
                "processes": len(descendants(os.getpid()) - processes),
                "open files": len(_open_below(trial.home)),
            }
            require(
                not any(count > 0 for count in left.values()),
                f"cancelled {when}, it left {', '.join(f'{n} {what}' for what, n in left.items() if n > 0)}",
                do="end in `finally` whatever you have begun: `async with`, and killpg for a process",
                why="its folder is thrown away, and what goes on writes into nothing, or into the next one",
            )

    def test_nothing_outlives_trailarrd(self, trial: DownloadTrial) -> None:
        """When trailarrd itself is killed, no process of a download is left after 2 seconds."""
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # a fork beside threads: it only asks the site
            parent = os.fork()
        if not parent:
            _download_and_stay(trial, write)
        os.close(write)
        try:
            begun, _, _ = select.select([read], [], [], _STARTED_WITHIN)
            processes = descendants(parent)
        finally:
            os.kill(parent, signal.SIGKILL)
            os.waitpid(parent, 0)
            os.close(read)
        if not begun:
            fail(
                f"in another process it told nothing within {_STARTED_WITHIN:g} s",
                do="keep nothing of an event loop, a thread or a process between two downloads",
                why="a download has to work wherever it runs",
            )
        left = _alive_after(processes, _KILLED_WITHIN)
        for process in left:
            os.kill(process, signal.SIGKILL)
        require(
            not left,
            f"{len(left)} of its processes go on {_KILLED_WITHIN:g} s after trailarrd was killed",
            do="give each process a pipe of ours as its stdin, and let it die when that ends",
            why="it would fill a disk with nobody to stop it",
        )


async def _cancelled(trial: DownloadTrial, moment: Callable[[Progress], bool], times: int) -> float | None:
    """Seconds until it had ended; None: it did not, or returned something. 0: it was over before."""
    reached = asyncio.Event()
    task = asyncio.ensure_future(_slowly(trial, lambda one: reached.set() if moment(one) else None))
    waits = asyncio.ensure_future(reached.wait())
    await asyncio.wait([task, waits], return_when=asyncio.FIRST_COMPLETED)
    waits.cancel()
    if task.done():
        return 0.0
    begun = time.monotonic()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([task], timeout=2 * _AT_ONCE)
    if task.cancelled():
        return time.monotonic() - begun
    task.cancel()
    return None


async def _left_after(trial: DownloadTrial, moment: Callable[[Progress], bool]) -> int:
    """How many tasks go on after it was cancelled."""
    await _cancelled(trial, moment, 1)
    await asyncio.sleep(0.02)
    return len(asyncio.all_tasks()) - 1


async def _slowly(trial: DownloadTrial, tell: Callable[[Progress], None]) -> object:
    """A download that takes its time, where the site can see to that."""
    slow = f"{trial.site.url}/slow/{NAME}"
    return await trial.bring(slow if trial.asks_sites else trial.good, tell=tell)


def _download_and_stay(trial: DownloadTrial, heard: int) -> None:
    """In a process of its own, which is killed."""
    try:
        asyncio.run(_slowly(trial, lambda _: _write(heard)))
        _write(heard)
        time.sleep(_STARTED_WITHIN)
    finally:
        os._exit(1)


def _write(pipe: int) -> None:
    os.write(pipe, b".")


def _threads() -> set[threading.Thread]:
    """All but those in which the kit's own site answers."""
    return {one for one in threading.enumerate() if "process_request" not in one.name}


def descendants(of: int) -> set[int]:
    """The processes that it began, and those that they did; none where the system does not tell."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(_stat(folder)[1])
        except OSError:  # it has ended meanwhile
            continue
    found, new = set[int](), {of}
    while new := {process for process, parent in parents.items() if parent in new} - found:
        found |= new
    return found


def _alive_after(processes: set[int], seconds: float) -> list[int]:
    until = time.monotonic() + seconds
    while (alive := [one for one in processes if _is_alive(one)]) and time.monotonic() < until:
        time.sleep(0.02)
    return alive


def _is_alive(process: int) -> bool:
    """Whether it does anything yet; what nobody has waited for is dead, too."""
    try:
        return _stat(Path(f"/proc/{process}"))[0] not in "ZX"
    except OSError:
        return False


def _stat(folder: Path) -> list[str]:
    """Its state, its parent and more; the name before them may hold anything."""
    return (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def _open_below(folder: Path) -> list[str]:
    found = []
    for one in Path("/proc/self/fd").glob("*"):
        try:
            found.append(str(one.readlink()))
        except OSError:  # closed meanwhile
            continue
    return [name for name in found if name.startswith(f"{folder}/")]
