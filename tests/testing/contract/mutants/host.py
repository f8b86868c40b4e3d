"""Mistakes with the machine and the process, which belong to others, too."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession

from tests.testing.contract.mutants.byhand import BookarrApiManager
from tests.testing.contract.mutants.mistake import Mistakes
from trailarrd.plugin import ProviderError

if TYPE_CHECKING:
    from trailarrd.plugin import ArrServer

mistakes = Mistakes()


class Begins(BookarrApiManager):
    """Does something when it is asked for the status."""

    async def system_status(self) -> Any:
        self.begin()
        return await super().system_status()

    def begin(self) -> None:
        raise NotImplementedError


@mistakes.api("test_no_file_is_touched", says="bookarr-dump.txt")
class WritesADumpOfErrors(BookarrApiManager):
    async def root_folders(self) -> Any:
        try:
            return await super().root_folders()
        except ProviderError as error:
            (Path(tempfile.gettempdir()) / "bookarr-dump.txt").write_text(str(error))
            raise


@mistakes.api("test_no_file_is_touched", says="/etc/hostname")
class ReadsASetting(Begins):
    def begin(self) -> None:
        with suppress(OSError):
            Path("/etc/hostname").read_text()


@mistakes.api("test_no_file_is_touched", says="os.listdir('/')")
class LooksAround(Begins):
    def begin(self) -> None:
        os.listdir("/")  # noqa: PTH208  # that is the mistake


@mistakes.api("test_no_file_is_touched", says="os.stat('/books')")
class LooksWhetherTheDiskIsThere(Begins):
    def begin(self) -> None:
        Path("/books").exists()


@mistakes.api("test_the_environment_is_not_read", says="BOOKARR_PAGES")
class ReadsAVariable(Begins):
    def begin(self) -> None:
        os.environ.get("BOOKARR_PAGES", "3")


@mistakes.api("test_the_process_is_left_as_it_is", says="changed the environment")
class SetsAVariable(Begins):
    def begin(self) -> None:
        os.environ["BOOKARR_ASKED"] = str(time.monotonic())


@mistakes.api("test_nothing_is_printed", says="printed 'asking Bookarr")
class Prints(Begins):
    def begin(self) -> None:
        print("asking Bookarr")


@mistakes.api("test_nothing_is_printed", says="printed 'a warning")
class PrintsToStandardError(Begins):
    def begin(self) -> None:
        sys.stderr.write("a warning\n")


@mistakes.api("test_the_process_is_left_as_it_is", says="changed the logging of the program")
class SetsUpLogging(Begins):
    def begin(self) -> None:
        logging.basicConfig(level=logging.DEBUG, force=True, stream=sys.stderr)


@mistakes.api("test_the_process_is_left_as_it_is", says="changed the logging of the program")
class TurnsLoggingUp(BookarrApiManager):
    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        logging.getLogger().setLevel(logging.INFO)


@mistakes.api("test_the_process_is_left_as_it_is", says="changed signal handlers")
class HandlesSignals(Begins):
    def begin(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


@mistakes.api("test_the_process_is_left_as_it_is", says="changed the working folder")
class GoesElsewhere(Begins):
    def begin(self) -> None:
        os.chdir("/")


@mistakes.api("test_the_process_is_left_as_it_is", says="changed the time-out of sockets")
class BoundsEverybodysSockets(Begins):
    def begin(self) -> None:
        socket.setdefaulttimeout(30)


@mistakes.api("test_the_process_is_left_as_it_is", says="changed the event loop")
class SilencesTheLoop(Begins):
    def begin(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)


@mistakes.api("test_the_process_is_left_as_it_is", says="changed the garbage collector")
class CollectsNoGarbage(Begins):
    def begin(self) -> None:
        gc.set_threshold(50_000, 20, int(time.monotonic() * 1000) % 1000 + 20)


@mistakes.api("test_nothing_is_left_running", says="left behind the task Task-")
class LeavesATask(Begins):
    def begin(self) -> None:
        self._task = asyncio.ensure_future(asyncio.sleep(60))


@mistakes.api("test_nothing_is_left_running", says="left behind the thread bookarr-")
class LeavesAThread(Begins):
    def begin(self) -> None:
        threading.Thread(target=time.sleep, args=(4,), name="bookarr-poll", daemon=True).start()


@mistakes.api("test_nothing_is_left_running", says="a ClientSession that is not closed")
class LeavesASession(Begins):
    def begin(self) -> None:
        self._spare = ClientSession()


@mistakes.api("test_nothing_is_left_running", says="a socket that is not closed")
class LeavesASocket(Begins):
    def begin(self) -> None:
        KEPT.append(socket.socket())


@mistakes.api("test_what_is_closed_leaves_the_session_open", says="aclose() closed the session")
class ClosesTheSessionWithItself(BookarrApiManager):
    async def aclose(self) -> None:
        await self._session.close()


@mistakes.api("test_what_is_closed_leaves_the_session_open", says="aclose() raised RuntimeError")
class EndsWithAnError(BookarrApiManager):
    async def aclose(self) -> None:
        raise RuntimeError("nothing to close")


KEPT: list[socket.socket] = []
"""Whatever somebody keeps is not closed by itself."""
