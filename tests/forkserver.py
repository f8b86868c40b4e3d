"""`python -m trailarrd` without the half second of its imports: forked from a process that has done them.

What comes of it is a process like any other, with arguments, environment, directory, pipes, signals and
exit code of its own; that it starts from cold as well is shown in `tests/e2e/test_commands.py`.

Run as a program, this file is the process that forks: it takes one request after another from the socket
that it was given, and ends when that is closed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

NUMBER: Final = struct.Struct("i")
_PLACES: Final = "PYTHONPATH"
_NEEDED_LATER: Final = ("alembic.command", "sqlalchemy.dialects.sqlite.aiosqlite", "rich.table")
"""What the program imports while it works."""


class Born(NamedTuple):
    """A process that now runs."""

    pid: int
    ending: int
    """A pipe that tells its exit code, as `subprocess` has it, when it has ended."""


class ForkServer:
    """A process that has imported everything, and forks."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=environ,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._channel = ours
        weakref.finalize(self, _end, ours, process)

    def fork(self, words: Sequence[str], environ: Mapping[str, str], folder: str, out: int, err: int) -> Born:
        """`python -m trailarrd WORDS` with this environment in this folder, writing to these descriptors."""
        request = json.dumps({"words": words, "environ": dict(environ), "folder": folder}).encode()
        ending, tell = os.pipe()
        try:
            socket.send_fds(self._channel, [NUMBER.pack(len(request))], [out, err, tell])
            self._channel.sendall(request)
        finally:
            os.close(tell)
        return Born(NUMBER.unpack(_exactly(self._channel, NUMBER.size))[0], ending)


@lru_cache(maxsize=3)
def _server(environ: frozenset[tuple[str, str]]) -> ForkServer:
    return ForkServer(dict(environ))


def server_for(environ: Mapping[str, str]) -> ForkServer:
    """The one whose Python was started with what it reads of such an environment, but its module path."""
    read = ("PYTHON", "LANG", "LC_", "PATH")
    kept = {name: value for name, value in environ.items() if name.startswith(read) and name != _PLACES}
    return _server(frozenset(kept.items()))


def brings_its_own(environ: Mapping[str, str]) -> bool:
    """Whether such an environment has a trailarrd in it that is none of ours."""
    return any(Path(place, "trailarrd").exists() for place in _places(environ))


def _places(environ: Mapping[str, str]) -> list[str]:
    return [place for place in environ.get(_PLACES, "").split(os.pathsep) if place]


def _end(channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
    channel.close()
    process.wait()


def _exactly(channel: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        piece = channel.recv(size - len(got))
        if not piece:
            raise EOFError("the fork server has ended")
        got += piece
    return got


# -- in the process that forks ----------------------------------------------------------------------


class Forks:
    """The processes that still run, and the pipes to tell their ends by."""

    def __init__(self) -> None:
        self._tell: dict[int, int] = {}
        signal.signal(signal.SIGCHLD, self._ended)

    def add(self, tell: int) -> int:
        """Fork; in the new process it returns 0, and nothing is left of all this."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if pid := os.fork():
            self._tell[pid] = tell
        else:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (tell, *self._tell.values()):
                os.close(descriptor)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        return pid

    def wait(self) -> None:
        """Until all have ended."""
        while self._tell:
            time.sleep(0.01)  # the signal interrupts it

    def _ended(self, _number: int, _frame: FrameType | None) -> None:
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                tell = self._tell.pop(pid)
                with suppress(BrokenPipeError):
                    os.write(tell, NUMBER.pack(os.waitstatus_to_exitcode(status)))
                os.close(tell)


def _warm_up() -> None:
    import trailarrd  # not needed where the tests are

    root = Path(trailarrd.__file__).parent
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if not {"testing", "template", "migrations", "__main__", "__init__"} & set(parts):
            importlib.import_module(".".join(["trailarrd", *parts]))
    for name in _NEEDED_LATER:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _next_process(channel: socket.socket) -> dict[str, Any]:
    """Forks for whoever asks; returns in each process that comes of it, with what it was asked to be."""
    forks = Forks()
    while True:
        head, (out, err, tell), _, _ = _request(channel, forks)
        request: dict[str, Any] = json.loads(_exactly(channel, NUMBER.unpack(head)[0]))
        pid = forks.add(tell)
        if not pid:
            os.dup2(out, 1)
            os.dup2(err, 2)
            return request
        for descriptor in (out, err):
            os.close(descriptor)
        channel.sendall(NUMBER.pack(pid))


def _request(channel: socket.socket, forks: Forks) -> tuple[bytes, list[int], int, Any]:
    taken = socket.recv_fds(channel, NUMBER.size, 3)
    if not taken[0]:
        forks.wait()
        sys.exit()
    return taken


def _main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        _warm_up()
        request = _next_process(channel)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    sys.path[:1] = [request["folder"], *_places(os.environ)]
    sys.argv = ["trailarrd", *request["words"]]
    runpy.run_module("trailarrd", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
