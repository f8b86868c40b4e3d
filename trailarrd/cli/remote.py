"""A command's word to the running daemon, if there is one: it alone should change what it works with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import click

from trailarrd.cli.output import tell
from trailarrd.errors import DaemonError

if TYPE_CHECKING:
    from trailarrd.cli.context import Context
    from trailarrd.domain.report import RefreshReport
    from trailarrd.intercom import Intercom


_NOT_FOUND: Final = 404


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

    def ask(self, method: str, path: str, body: object = None, *, patience: float | None = 30.0) -> Any:
        """What it answers; wrong usage if there is no such thing.

        Raises `DaemonError` if it refuses or does not answer.
        """
        try:
            return self._intercom.ask(method, path, body, patience=patience)
        except DaemonError as error:
            if error.status == _NOT_FOUND:
                raise click.UsageError(f"{error}.") from None
            raise

    def about(self, connection: str, method: str, path: str = "") -> Any:
        """The same about one connection; how many items it was about."""
        answer = self.ask(method, f"/connections/{quote(connection, safe='')}{path}")
        return answer["items"]


def daemon_of(context: Context) -> Remote | None:
    """The daemon of the database, which the user is told of; None if none runs.

    Raises:
        DaemonError: there is one, but it is another user's.
    """
    intercom = context.intercom
    if intercom is None or not intercom.is_answered():
        return None
    tell("the running daemon does it")
    return Remote(intercom)


def report_of(document: dict[str, Any]) -> RefreshReport:
    """A refresh's report as the daemon told it in JSON."""
    from trailarrd.domain.plan import TrailerCounts
    from trailarrd.domain.report import DoubtedRoot, ErrorKind, Outcome, RefreshError, RefreshReport
    from trailarrd.domain.roots import RootState

    error = document["error"]
    return RefreshReport(
        **{
            **document,
            "outcome": Outcome(document["outcome"]),
            "trailers": TrailerCounts(**document["trailers"]),
            "error": RefreshError(ErrorKind(error["kind"]), error["message"]) if error else None,
            "roots": tuple(
                DoubtedRoot(root["path"], RootState(root["state"]), root["items"])
                for root in document["roots"]
            ),
        }
    )
