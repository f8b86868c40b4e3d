"""Sockets to be asked on: of the network, and one beside the database for this host's own commands."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from trailarrd.errors import ListenError
from trailarrd.intercom import short_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BACKLOG: Final = 128


def listen(host: str, port: int) -> socket.socket:
    """A socket of the network; port 0 takes any that is free.

    Raises:
        ListenError: it cannot be had, and why.
    """
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host != "::"))
            opened.bind(address)
            opened.listen(_BACKLOG)
        except OSError:
            opened.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise ListenError(f"cannot listen on {shown}: {reason.lower()}; http.listen names another") from error
    return opened


def address_of(opened: socket.socket) -> str:
    name = opened.getsockname()
    if opened.family == socket.AF_UNIX:
        return str(name)
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def listen_beside(path: Path) -> Iterator[socket.socket]:
    """A Unix socket that only this user can open, deleted in the end; the caller is alone here.

    Raises:
        ListenError: it cannot be had, and why.
    """
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with opened:
        try:
            path.unlink(missing_ok=True)
            with short_name(path) as name:
                opened.bind(name)
            path.chmod(0o600)  # nobody can connect before it listens
            opened.listen(_BACKLOG)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ListenError(f"cannot listen on {path}: {reason}") from error
        try:
            yield opened
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)
