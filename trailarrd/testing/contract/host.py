"""The machine and the process that a plugin shares with the daemon."""

from __future__ import annotations

import asyncio
import gc
import io
import locale
import logging
import os
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    contextmanager,
    redirect_stderr,
    redirect_stdout,
    suppress,
)
from typing import TYPE_CHECKING, Any, Final, TypeVar
from unittest.mock import patch
from weakref import WeakSet

from aiohttp import ClientSession

from trailarrd.plugin import PosterSource, TagNames
from trailarrd.testing.contract.calls import LIBRARY, told
from trailarrd.testing.contract.forbidden import environment_noticed, files_noticed
from trailarrd.testing.contract.secrets import shows_a_secret
from trailarrd.testing.contract.verdict import require
from trailarrd.testing.faults import Refusal, ServerError

if TYPE_CHECKING:
    from trailarrd.plugin import ApiManager
    from trailarrd.testing.contract.trial import Trial
    from trailarrd.testing.server import SimulatedArr

SeenT = TypeVar("SeenT")

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_ODD_LEVEL: Final = 37
_ODD_SECONDS: Final = 4321.0
_A_MOMENT: Final = 0.05
_PATIENCE: Final = 2.0


class HostChecks:
    """Host: files, environment, output, the process's set-up, and what is left running."""

    def test_no_file_is_touched(self, trial: Trial) -> None:
        """After the first calls no file is read or written, and no program started."""
        touched = _watched(trial, files_noticed)
        require(
            not touched,
            f"the provider used {_some(touched)}",
            do="keep what you need in memory, and let the user say the rest under `options:`",
            why="the daemon may write only its database's folder, and a share that hangs would stop all",
        )

    def test_the_environment_is_not_read(self, trial: Trial) -> None:
        """No variable of the environment is read or written."""
        touched = _watched(trial, environment_noticed)
        require(
            not touched,
            f"the provider used the environment: {_some(touched)}",
            do="declare a pydantic model as Provider.options: trailarrd reads variables for it, too",
            why="a setting that is not in `trailarrd config show` is searched for in vain, and all"
            " connections share it",
        )

    def test_nothing_is_printed(self, trial: Trial) -> None:
        """Nothing is written to standard output or standard error."""
        written = _watched(trial, _output)
        text = written.getvalue().strip()
        require(
            not text,
            f"the provider printed {text[:60]!r}" if _is_harmless(trial, text) else "the provider printed",
            do="raise what is wrong; for yourself, logging.getLogger(__name__).debug",
            why="`trailarrd … --json` prints JSON, and whoever reads it would get your line in between",
        )

    def test_the_process_is_left_as_it_is(self, trial: Trial) -> None:
        """Logging, signal handlers, hooks, working folder and event loop are after the calls as before."""
        changed = _changed(trial)
        require(
            not changed,
            f"the provider changed {', '.join(changed)}",
            do="leave to the program what is the program's: no basicConfig, no signal.signal, no os.chdir",
            why="the daemon's own log, its end by a signal and all other plugins depend on it",
        )

    def test_nothing_is_left_running(self, trial: Trial) -> None:
        """After the calls there is no thread, task, session or socket that was not there before."""
        left = _left(trial)
        require(
            not left,
            f"the provider left behind {_some(left)}",
            do="await what you begin, within the call that began it; open nothing but by the given session",
            why="what runs on by itself fails where nobody looks, and a little more of it is there each hour",
        )

    def test_what_is_closed_leaves_the_session_open(self, trial: Trial) -> None:
        """`aclose`, if there is one, ends at once and without an error, and leaves the session open."""
        with trial.server() as server:

            async def then_closed(api: Any, session: ClientSession) -> str | None:
                if not hasattr(api, "aclose"):
                    return None
                await everything(trial, server, api)
                try:
                    async with asyncio.timeout(_PATIENCE):
                        await api.aclose()
                except Exception as error:  # noqa: BLE001  # told to the author
                    return f"raised {told(error)}"
                return "closed the session" if session.closed else None

            happened = trial.run(server.url, then_closed)
        require(
            happened is None,
            f"aclose() {happened}",
            do="end there what is yours alone, and wait for nothing",
            why="the session is the connection's, and the daemon has a few seconds to end",
        )


async def everything(trial: Trial, server: SimulatedArr, api: ApiManager[Any]) -> None:
    """All that a refresh does, with a server that is well, one that is not, and one that refuses."""
    for fault in (None, ServerError(status=503), Refusal(status=401)):
        server.fault = fault
        for call in trial.calls:
            try:
                found = await call.ask(api)
            except Exception:  # noqa: BLE001, S112  # whether it should is for other checks
                continue
            for record in found if call is LIBRARY else ():
                trial.parse(record)
        await _more(api)


async def _more(api: object) -> None:
    """What an API manager may have beyond its contract."""
    with suppress(Exception):
        if isinstance(api, TagNames):
            await api.tags()
    with suppress(Exception):
        if isinstance(api, PosterSource):
            await api.poster(1)


def _watched(trial: Trial, watch: Callable[[], AbstractContextManager[SeenT]]) -> SeenT:
    """What is seen of a second API manager, after a first one has loaded whatever is loaded once."""
    with trial.server() as server:

        async def work(first: ApiManager[Any], session: ClientSession) -> SeenT:
            await everything(trial, server, first)
            with watch() as seen:
                second = trial.provider.api_manager(session, trial.connection(server.url))
                await everything(trial, server, second)
            return seen

        return trial.run(server.url, work)


@contextmanager
def _output() -> Iterator[io.StringIO]:
    written = io.StringIO()
    with redirect_stdout(written), redirect_stderr(written):
        yield written


def _is_harmless(trial: Trial, text: str) -> bool:
    return not shows_a_secret(trial, text)


# -- the process ----------------------------------------------------------------------------------


def _changed(trial: Trial) -> list[str]:
    with trial.server() as server:

        async def compared(_api: ApiManager[Any], session: ClientSession) -> list[str]:
            with _unusual():
                before = _state()
                api = trial.provider.api_manager(session, trial.connection(server.url))
                await everything(trial, server, api)
                after = _state()
            return [name for name in before if before[name] != after[name]]

        return trial.run(server.url, compared)


def _state() -> dict[str, object]:
    """What the program has set up, and a plugin must not."""
    root, ours, loop = logging.getLogger(), logging.getLogger("trailarrd"), asyncio.get_running_loop()
    return {
        "the logging of the program": (
            root.level, list(root.handlers), ours.level, list(ours.handlers), ours.propagate,
            root.manager.disable, logging.getLoggerClass(),
        ),
        "signal handlers": [signal.getsignal(getattr(signal, name, 0) or 1) for name in _SIGNALS],
        "sys.excepthook": (sys.excepthook, threading.excepthook),
        "sys.stdout or sys.stderr": (sys.stdout, sys.stderr),
        "the working folder": os.getcwd(),  # noqa: PTH109  # nothing else may be opened here
        "the environment": dict(os.environ),
        "the time-out of sockets": socket.getdefaulttimeout(),
        "the certificates of everybody": (ssl.create_default_context, ssl._create_default_https_context),  # noqa: SLF001  # what a plugin would exchange
        "the warnings' filters": list(warnings.filters),
        "the event loop": (loop.get_exception_handler(), loop.get_task_factory(), loop.get_debug()),
        "sys.setrecursionlimit": sys.getrecursionlimit(),
        "the garbage collector": (gc.isenabled(), gc.get_threshold()),
        "the locale": locale.setlocale(locale.LC_ALL),
    }  # fmt: skip


@contextmanager
def _unusual() -> Iterator[None]:
    """Settings that nobody else makes, so that one is noticed that was made before in the same way."""
    root, timeout, folder = logging.getLogger(), socket.getdefaulttimeout(), os.getcwd()  # noqa: PTH109  # as above
    level, disabled, hook = root.level, root.manager.disable, sys.excepthook
    with ExitStack() as stack:
        stack.callback(root.setLevel, level)
        stack.callback(setattr, root, "handlers", list(root.handlers))
        stack.callback(logging.disable, disabled)
        stack.callback(setattr, sys, "excepthook", hook)
        stack.callback(socket.setdefaulttimeout, timeout)
        stack.callback(os.chdir, folder)
        stack.callback(gc.set_threshold, *gc.get_threshold())
        stack.enter_context(patch.dict(os.environ))
        root.setLevel(_ODD_LEVEL)
        sys.excepthook = lambda *_error: None
        socket.setdefaulttimeout(_ODD_SECONDS)
        os.chdir(tempfile.gettempdir())
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)):
                stack.callback(signal.signal, number, signal.signal(number, _ignore))
        yield


def _ignore(*_signal: object) -> None:
    """A handler that nobody else has set."""


# -- what is left ---------------------------------------------------------------------------------


def _left(trial: Trial) -> list[str]:
    with trial.server() as server, _opened() as (sessions, sockets):
        threads = set(threading.enumerate())

        async def work(api: ApiManager[Any], session: ClientSession) -> list[str]:
            await everything(trial, server, api)
            await asyncio.sleep(_A_MOMENT)
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            strays = [one for one in sessions if one is not session and not one.closed]
            return [
                *(f"the task {task.get_name()} ({_code_of(task)})" for task in tasks),
                *("a ClientSession that is not closed" for _ in strays),
            ]

        left = trial.run(server.url, work)
        until = time.monotonic() + _PATIENCE
        while (more := set(threading.enumerate()) - threads) and time.monotonic() < until and not left:
            time.sleep(_A_MOMENT)
        left += [f"the thread {thread.name}" for thread in more]
        left += ["a socket that is not closed" for one in sockets if one.fileno() != -1]
    return left


def _code_of(task: asyncio.Task[Any]) -> str:
    return getattr(task.get_coro(), "__qualname__", "?")


@contextmanager
def _opened() -> Iterator[tuple[WeakSet[ClientSession], WeakSet[socket.socket]]]:
    """Collects the sessions and sockets that this thread opens meanwhile."""
    sessions, sockets = WeakSet[ClientSession](), WeakSet[socket.socket]()
    with _collected(ClientSession, sessions), _collected(socket.socket, sockets):
        yield sessions, sockets


@contextmanager
def _collected(kind: type[Any], found: WeakSet[Any]) -> Iterator[None]:
    real, mine = kind.__init__, threading.get_ident()

    def begun(self: Any, *args: Any, **options: Any) -> None:
        real(self, *args, **options)
        if threading.get_ident() == mine:
            found.add(self)

    with patch.object(kind, "__init__", begun):
        yield


def _some(things: list[str]) -> str:
    return ", ".join(sorted(set(things))[:4])
