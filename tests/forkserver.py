"""`python -m trailarrd` without the half second of its imports: forked from a process that has done them.

What comes of it is a process like any other, with arguments, environment, directory, pipes, signals and
exit code of its own; that it starts from cold as well is shown in `tests/e2e/test_commands.py`.

Run as a program, this file is the process that forks: it takes one request after another from whoever
connects to the socket that it was given, all processes that test, and ends when the last of them has left.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import weakref
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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
    """A process that has imported everything, and forks; one for all the processes of a test run."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._channel = socket.socket(socket.AF_UNIX)
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", os.getpid())
        name = f"\0trailarrd-tests-{run}-{zlib.crc32(repr(sorted(environ.items())).encode()):x}"
        started: list[subprocess.Popen[bytes]] = []
        while not self._joined(name):
            started += _started(name, environ)
        weakref.finalize(self, _end, self._channel, started)

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

    def _joined(self, name: str) -> bool:
        try:
            self._channel.connect(name)
        except ConnectionRefusedError:
            return False
        return True


def _started(name: str, environ: Mapping[str, str]) -> list[subprocess.Popen[bytes]]:
    """The process that listens by that name from now on; none if another one is about to."""
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(name)
        except OSError:
            return []
        listener.listen()
        command = [sys.executable, __file__, str(listener.fileno())]
        return [
            subprocess.Popen(command, env=environ, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL)
        ]


@lru_cache
def _server(environ: frozenset[tuple[str, str]]) -> ForkServer:
    return ForkServer(dict(environ))


def server_for(environ: Mapping[str, str]) -> ForkServer:
    """The one whose Python was started with what it reads of such an environment, but its module path."""
    read = ("PYTHON", "LANG", "LC_")
    kept = {name: value for name, value in environ.items() if name.startswith(read) and name != _PLACES}
    return _server(frozenset(kept.items()))


def brings_its_own(environ: Mapping[str, str]) -> bool:
    """Whether such an environment has a trailarrd in it that is none of ours."""
    return any(Path(place, "trailarrd").exists() for place in _places(environ))


def _places(environ: Mapping[str, str]) -> list[str]:
    return [place for place in environ.get(_PLACES, "").split(os.pathsep) if place]


def _end(channel: socket.socket, started: list[subprocess.Popen[bytes]]) -> None:
    channel.close()
    for process in started:
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

    def end(self) -> None:
        """Those that still run have outlived a test run that was killed: nobody else would end them."""
        for pid in tuple(self._tell):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
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


def _requests(listener: socket.socket) -> Iterator[tuple[socket.socket, int, list[int]]]:
    """Who asks, how long the request is, and its descriptors; ends when all who ever asked have left."""
    clients: list[socket.socket] = []
    try:
        while True:
            for one in select.select([listener, *clients], [], [])[0]:
                if one is listener:
                    clients.append(listener.accept()[0])
                    continue
                head, descriptors, _, _ = socket.recv_fds(one, NUMBER.size, 3)
                if head:
                    yield one, NUMBER.unpack(head)[0], descriptors
                else:
                    one.close()
                    clients.remove(one)
            if not clients:
                return
    finally:
        for one in clients:  # in the new process, whose they are not
            one.close()


def _next_process(listener: socket.socket) -> dict[str, Any]:
    """Forks for whoever asks; returns in each process that comes of it, with what it was asked to be."""
    forks = Forks()
    for client, size, (out, err, tell) in _requests(listener):
        request: dict[str, Any] = json.loads(_exactly(client, size))
        pid = forks.add(tell)
        if not pid:
            os.dup2(out, 1)
            os.dup2(err, 2)
            return request
        for descriptor in (out, err):
            os.close(descriptor)
        client.sendall(NUMBER.pack(pid))
    listener.close()
    forks.end()
    sys.exit()


def _main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        _warm_up()
        request = _next_process(listener)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    sys.path[:1] = [request["folder"], *_places(os.environ)]
    sys.argv = ["trailarrd", *request["words"]]
    runpy.run_module("trailarrd", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
