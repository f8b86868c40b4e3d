"""Getting to know a server of which only the address and the key are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trailarrd.discovery.unloaded import make_api_manager
from trailarrd.disk.search import starting_points
from trailarrd.doctor.roots import RootExamination, cases_of
from trailarrd.doctor.server import code_of, code_of_way, library_of
from trailarrd.domain.paths import PathMapper
from trailarrd.domain.secret import Redactor
from trailarrd.errors import PluginError, ProviderError, Suspect
from trailarrd.plugin.reach import reach
from trailarrd.plugin.session import open_session
from trailarrd.refresh.library import ProviderLibrary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trailarrd.documents.checks import Code
    from trailarrd.domain.connection import ArrServer
    from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
    from trailarrd.plugin.provider import Provider, SystemStatus

_DEADLINE: Final = 10.0
"""Seconds that a root folder may take to answer."""
_LEAST_LAST: Final = (Suspect.KEY, None, Suspect.APPLICATION, Suspect.ADDRESS)
"""What the plugins suspect of a server that none of them knows, the most telling first."""


class UnknownServerError(Exception):
    """Nobody knows the server; the code says what to look at."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedServer:
    """A server as it was found."""

    provider: Provider[Any]
    status: SystemStatus
    roots: Sequence[RemotePath]
    mappings: Sequence[PathMapping]
    """For the root folders that were found here under another path."""


class ServerDetector:
    """Detects servers, one after the other."""

    def __init__(self, providers: Mapping[str, Provider[Any]], home: str | None = None) -> None:
        self._providers = providers
        self._home = home

    async def detect(self, server: ArrServer, near: Sequence[LocalPath] = ()) -> DetectedServer:
        """Recognise the application and find its library on this host, first of all near those paths.

        Raises:
            UnknownServerError: it cannot be reached, refuses the key, or no plugin is for it.
        """
        redactor = Redactor([server.api_key])
        try:
            async for way in reach(server):
                if not way.ok:
                    raise UnknownServerError(code_of_way(way), way.said)
            async with open_session(server) as session:
                provider, its_library, status = await self._recognise(server, session, redactor)
                library = await library_of(its_library)
        except (ProviderError, PluginError) as error:
            raise UnknownServerError(code_of(error), redactor.clean(str(error))) from None
        cases = cases_of(library, PathMapper())
        known = [*near, *(case.local for case in cases if case.local)]
        starts = starting_points(known, self._home)
        examination = RootExamination(provider.name, cases, [], deadline=_DEADLINE, starts=starts)
        async for _ in examination.findings():
            pass
        return DetectedServer(
            provider=provider, status=status, roots=library.roots, mappings=examination.proposed
        )

    async def _recognise(
        self, server: ArrServer, session: Any, redactor: Redactor
    ) -> tuple[Provider[Any], ProviderLibrary, SystemStatus]:
        """The first provider that takes the server for its own."""
        refusals: list[ProviderError | PluginError] = []
        for provider in self._providers.values():
            its_library = ProviderLibrary(provider, make_api_manager(provider, session, server), redactor)
            try:
                return provider, its_library, await its_library.system_status()
            except (ProviderError, PluginError) as error:
                refusals.append(error)
        if not refusals:
            raise PluginError("no plugin is installed that could know it")
        raise min(refusals, key=_tells_little)


def _tells_little(error: ProviderError | PluginError) -> int:
    """By its place: a key that is refused tells most, that another API is not there least."""
    suspect = error.suspect if isinstance(error, ProviderError) else None
    return _LEAST_LAST.index(suspect) if suspect in _LEAST_LAST else 1
