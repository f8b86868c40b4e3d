"""What commands say to the running daemon, if there is one: it alone should change what it works with."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

import click

from trailarrd.cli.context import Context, require_connection
from trailarrd.cli.output import tell
from trailarrd.cli.progress import working
from trailarrd.errors import DaemonError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from trailarrd.documents.health import Daemon
    from trailarrd.intercom import Intercom
    from trailarrd.store.store import Store

T = TypeVar("T")

_NOT_FOUND: Final = 404
_SOON: Final = 5.0
"""Seconds after which the database is asked instead."""


class Remote:
    """The daemon as commands speak with it."""

    def __init__(self, intercom: Intercom) -> None:
        self._intercom = intercom

    def is_there(self) -> bool:
        """Whether it still runs; a process that dies closes its lines before it stops listening."""
        for _ in range(10):
            if not self._intercom.is_answered():
                return False
            time.sleep(0.1)
        return True

    def ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: object = None,
        *,
        patience: float | None = 30.0,
    ) -> T:
        """What it answers; wrong usage if there is no such thing.

        Raises `DaemonError` if it refuses or does not answer.
        """
        try:
            with working("the running daemon is at it"):
                answer: T = self._intercom.ask(method, path, body, kind=kind, patience=patience)
        except DaemonError as error:
            if error.status == _NOT_FOUND:
                raise click.UsageError(f"{error}.") from None
            raise
        return answer

    def about(self, connection: str, method: str, path: str = "") -> int:
        """The same about one connection; how many items it was about."""
        from trailarrd.documents.connections import Count

        return self.ask(method, f"/connections/{quote(connection, safe='')}{path}", Count).items


def answer_of(context: Context, path: str, kind: type[T]) -> T | None:
    """What the running daemon says, which has all loaded that this takes; None: ask the database."""
    _ = context.outline
    if other := context.other_config:
        tell(f"the running daemon goes by {other}, and not by {context.path}: the database is asked")
        return None
    try:
        return context.intercom.ask("GET", path, kind=kind, patience=_SOON) if context.intercom else None
    except DaemonError:
        return None


def daemon_of(context: Context, *, aloud: bool = True) -> Remote | None:
    """The daemon of the database, which the user is told of unless not `aloud`; None if none runs.

    Raises:
        ConfigError: the configuration has mistakes.
        DaemonError: there is one, but it is another user's.
        UsageError: there is one, but it goes by another configuration.
    """
    intercom = context.intercom
    if intercom is None or not intercom.is_answered():
        return None
    _ = context.outline
    require_same_config(context)
    if aloud:
        tell("the running daemon does it")
    return Remote(intercom)


def who_runs(context: Context, living: Iterable[Daemon]) -> str:
    """Where no command reaches a daemon here: that none runs, or why, if one does as its database says."""
    from trailarrd.intercom import NO_FOLDER, socket_of

    living = list(living)
    here = [daemon.process for daemon in living if daemon.host == os.uname().nodename]
    if not here:
        return "no daemon runs here" if living else "no daemon runs"
    socket = socket_of(context.draft.database.url)
    why = f"nothing listens at {socket}" if socket else NO_FOLDER
    return f"{here[0]} runs here, but no command reaches it: {why}"


def require_same_config(context: Context) -> None:
    """Wrong usage if the running daemon goes by another configuration than the one that was named."""
    if other := context.other_config:
        raise click.UsageError(
            f"The running daemon goes by {other}, and not by {context.path}: it is not asked."
            " Name that file, or stop the daemon."
        )


async def change_connection(
    context: Context, name: str, path: str, here: Callable[[Store], Awaitable[int]]
) -> int:
    """Let the daemon change a connection, or do it `here` if none runs; how many items it was about."""
    if daemon := daemon_of(context):
        return daemon.about(name, "POST", path)
    async with context.store() as store:
        await require_connection(store, name)
        return await here(store)
