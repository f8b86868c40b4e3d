"""Where the daemon is asked: at the socket of this host's commands, and over the network."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path

import structlog

from trailarrd.config.model import HttpSettings
from trailarrd.daemon.supervisor import Service
from trailarrd.errors import DaemonError
from trailarrd.intercom import free_socket_of
from trailarrd.systemd import ListeningSocket, passed_sockets
from trailarrd.web.server import serve_commands, serve_network
from trailarrd.web.services import Services

log = structlog.get_logger()


class Doors:
    """Sockets that outlive a reload: what was passed, or found free, at the start stays."""

    def __init__(self, database_url: str, inherited: ListeningSocket | None = None) -> None:
        self._sockets = passed_sockets(os.environ)
        self._inherited = inherited
        self._of_commands = _free_socket(database_url)

    def services(self, asked: Services, settings: HttpSettings) -> Iterator[Service]:
        """What answers there."""
        if self._of_commands:
            run = partial(serve_commands, asked, self._of_commands)
            yield Service(name="intercom", run=run, essential=True)
        if settings.enabled:
            serve = partial(self._serve, asked, settings)
            yield Service(name="http", run=serve, essential=True, basis=settings)
        elif self._inherited:
            self._inherited.close()

    async def _serve(self, asked: Services, settings: HttpSettings, up: Callable[[], None]) -> None:
        inherited, self._inherited = self._inherited, None
        with closing(inherited) if inherited else nullcontext():
            passed = self._sockets or ([inherited] if inherited else [])
            await serve_network(asked, settings, up, passed=passed)


def _free_socket(database_url: str) -> Path | None:
    try:
        return free_socket_of(database_url)
    except DaemonError as error:
        log.warning("intercom.none", reason=str(error))
        return None
