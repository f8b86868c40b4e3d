"""What passes between the daemon and systemd: notices one way, sockets and a watchdog the other."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, TypeAlias

_ALIVE: Final = "WATCHDOG"
_FIRST_SOCKET: Final = 3
"""The file descriptor of the first socket that is passed."""


class ServiceManager:
    """Tells the service manager how the daemon is; silent where there is none.

    A notice that cannot be sent is nobody's trouble: systemd itself looks after a daemon that is silent. One
    that systemd has no room for just now goes with the next one.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._watchdog = environ.get("WATCHDOG_USEC", "")
        self._watched = environ.get("WATCHDOG_PID", "")
        self._late: dict[str, str] = {}
        """The last notice of each name that there was no room for, in their order."""

    @property
    def is_heard(self) -> bool:
        return self._address[:1] in {"/", "@"}

    @property
    def watchdog(self) -> float | None:
        """After how many seconds without `alive` the daemon is ended; None if nobody watches."""
        if not self._watchdog.isdigit() or self._watched not in {"", str(os.getpid())}:
            return None
        return int(self._watchdog) / 1_000_000 or None

    def ready(self) -> None:
        self._send("READY=1")

    def reloading(self) -> None:
        """It reads its configuration anew; `ready` ends that."""
        # systemd compares the time with that of its own signal, so it must be of this very clock.
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def status(self, text: str) -> None:
        """What it does now, on one line."""
        self._send(f"STATUS={' '.join(text.split())}")

    def alive(self) -> None:
        self._send(f"{_ALIVE}=1")

    def _send(self, message: str) -> None:
        """Send it, after what there was no room for before; never waits."""
        if not self.is_heard:
            return
        name = message.partition("=")[0]
        self._late.pop(name, None)
        self._late[name] = message
        for name in list(self._late):
            if not self._sent(self._late[name]):
                break
            del self._late[name]
        self._late.pop(_ALIVE, None)  # by the next notice, it may be well no longer

    def _sent(self, message: str) -> bool:
        # An abstract address begins with a zero byte, which no environment variable can hold.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)
            try:
                sender.sendto(message.encode(), address)
            except BlockingIOError:
                return False
        return True


ListeningSocket: TypeAlias = socket.socket
"""One at which clients may knock already, whoever opened it."""


def passed_sockets(environ: Mapping[str, str]) -> tuple[socket.socket, ...]:
    """The listening sockets that systemd has opened for this process (`trailarrd.socket`), if it has.

    They stay open as long as the process lives: serve a `dup` of each, and a new server may follow an old
    one without a connection being refused.
    """
    count = environ.get("LISTEN_FDS", "")
    if environ.get("LISTEN_PID") != str(os.getpid()) or not count.isdigit():
        return ()
    return tuple(_taken(number) for number in range(_FIRST_SOCKET, _FIRST_SOCKET + int(count)))


def _taken(descriptor: int) -> socket.socket:
    passed = socket.socket(fileno=descriptor)
    passed.set_inheritable(False)
    return passed
