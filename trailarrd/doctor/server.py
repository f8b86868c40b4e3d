"""One Arr server: the way to it, who answers, its library; also one that is not configured yet."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Final

from trailarrd import errors
from trailarrd.config import ConnectionSettings
from trailarrd.discovery.unloaded import lent_api_manager, why_not_loaded
from trailarrd.disk.search import starting_points
from trailarrd.doctor.roots import Library, RootExamination, cases_of
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code, Level
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.media import Media
from trailarrd.domain.paths import LocalPath, PathMapper, PathMapping, RemotePath
from trailarrd.domain.secret import Redactor
from trailarrd.plugin.live import feed_of
from trailarrd.plugin.provider import Provider, SystemStatus
from trailarrd.plugin.reach import Step, Way, reach
from trailarrd.plugin.session import open_session
from trailarrd.refresh.library import ProviderLibrary

_GOOD: Final = {Step.NAME: Code.NAME_OK, Step.PORT: Code.PORT_OK, Step.TLS: Code.TLS_OK}
_BAD: Final = {Step.NAME: Code.NAME_UNKNOWN, Step.PORT: Code.PORT_CLOSED, Step.TLS: Code.TLS_FAILED}
_SUSPECTED: Final = {
    errors.Suspect.ADDRESS: Code.SERVER_ADDRESS,
    errors.Suspect.APPLICATION: Code.SERVER_APPLICATION,
    errors.Suspect.CERTIFICATE: Code.TLS_UNTRUSTED,
    errors.Suspect.CLIENT_CERTIFICATE: Code.TLS_CLIENT_CERTIFICATE,
    errors.Suspect.EXPIRED: Code.TLS_EXPIRED,
    errors.Suspect.FORBIDDEN: Code.SERVER_FORBIDDEN,
    errors.Suspect.KEY: Code.SERVER_KEY,
    errors.Suspect.LOGIN: Code.SERVER_LOGIN,
    errors.Suspect.OTHER_NAME: Code.TLS_OTHER_NAME,
    errors.Suspect.TLS: Code.TLS_FAILED,
    errors.Suspect.TOO_OLD: Code.TLS_TOO_OLD,
    errors.Suspect.UNKNOWN_NAME: Code.TLS_UNKNOWN_NAME,
}
_DEADLINE: Final = 10.0
"""Seconds that a root folder, or a hub, may take to answer."""
_LEAST_LAST: Final = (errors.Suspect.KEY, None, errors.Suspect.APPLICATION, errors.Suspect.ADDRESS)
"""What the plugins suspect of a server that none of them knows, the most telling first."""


@dataclass
class ServerExamination:
    connection: ConnectionSettings
    provider: Provider[Any]
    redactor: Redactor
    _: KW_ONLY
    sparing: bool = False
    library: Library | None = field(default=None, init=False)
    """What it said, if it came to that."""

    async def findings(self) -> AsyncIterator[Finding]:
        """What is found on the way; after the first problem there is nothing more to find."""
        if reason := why_not_loaded(self.provider):
            yield self._finding(Code.PROVIDER_NOT_LOADED, reason)
            return
        server = self.connection.arr_server()
        try:
            async for finding in self._way(server):
                yield finding
                if finding.level is Level.PROBLEM:
                    return
            async with (
                open_session(server) as session,
                lent_api_manager(self.provider, session, server) as api,
            ):
                its_library = ProviderLibrary(self.provider, api, self.redactor, server.limits.roots)
                status = await its_library.system_status()
                yield self._finding(
                    Code.SERVER_OK, f"{status.app_name} {status.version}; the key is accepted"
                )
                self.library = await _library_of(its_library, sparing=self.sparing)
                if not self.library.roots:
                    yield self._finding(Code.ROOTS_NONE, f"{status.app_name} has no root folder")
        except (errors.ProviderError, errors.PluginError) as error:
            yield self._finding(_code_of(error), str(error))

    async def _way(self, server: ArrServer) -> AsyncIterator[Finding]:
        async for way in reach(server):
            yield self._finding(_code_of_way(way), way.said)
        if server.url.startswith("https:") and not server.verify_tls:
            yield self._finding(Code.TLS_UNVERIFIED, f"{server.url} is not verified")

    def _finding(self, code: Code, fact: str) -> Finding:
        return Finding.of(code, self.connection.name, self.redactor.clean(fact))


async def unheard_hub(provider: Provider[Any], server: ArrServer) -> str | None:
    """Why the server's hub cannot be heard; None if it greets us."""
    try:
        async with asyncio.timeout(_DEADLINE), aclosing(feed_of(provider, server)) as feed:
            await anext(feed)
    except TimeoutError:
        return f"its hub says nothing within {_DEADLINE:g} s"
    except Exception as error:  # noqa: BLE001  # a stranger's code
        return str(error) if isinstance(error, errors.ProviderError) else errors.summary(error)
    return None


async def _library_of(its_library: ProviderLibrary, *, sparing: bool = False) -> Library:
    """The root folders, and the folders of the first batch of items, unless it is spared that.

    Raises as that does.
    """
    no_media: list[Media] = []
    roots = await its_library.root_folders()
    if sparing:
        return Library(roots, [])
    async with aclosing(its_library.media()) as batches:
        return Library(roots, [media.path for media in await anext(batches, no_media)])


def _code_of_way(way: Way) -> Code:
    if way.suspect:
        return _SUSPECTED[way.suspect]
    return (_GOOD if way.ok else _BAD)[way.step]


def _code_of(error: errors.ProviderError | errors.PluginError) -> Code:
    if isinstance(error, errors.PluginError):
        return Code.SERVER_PLUGIN
    if error.suspect:
        return _SUSPECTED[error.suspect]
    match error:
        case errors.ProviderUnavailableError():
            return Code.SERVER_UNAVAILABLE
        case errors.ProviderRejectedError():
            return Code.SERVER_REFUSES
    return Code.SERVER_ANSWER


class UnknownServerError(Exception):
    """Nobody knows the server; the code says what to look at."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedServer:
    url: str
    """As the server itself names it, if it does."""
    provider: Provider[Any]
    status: SystemStatus
    roots: Sequence[RemotePath]
    mappings: Sequence[PathMapping]
    """For the root folders that were found here under another path."""
    findings: Sequence[Finding] = ()
    """What was found of its root folders here: how many of its items' folders are there."""


class ServerDetector:
    def __init__(self, providers: Mapping[str, Provider[Any]], home: str | None = None) -> None:
        self._providers = providers
        self._home = home

    async def detect(
        self, server: ArrServer, near: Sequence[LocalPath] = (), *, may_name_another: bool = True
    ) -> DetectedServer:
        """Recognise the application and find its library on this host, first of all near those paths.

        The server may name another address of its own, with its URL base, which is taken then.

        Raises:
            UnknownServerError: it cannot be reached, refuses the key, or no plugin is for it.
        """
        try:
            return await self._detect(server, near)
        except (errors.ProviderError, errors.PluginError) as error:
            address = _address_in(error) if may_name_another else None
            if address is None:
                raise _unknown(server, error) from None
        return await self.detect(replace(server, url=address), near, may_name_another=False)

    async def _detect(self, server: ArrServer, near: Sequence[LocalPath]) -> DetectedServer:
        async for way in reach(server):
            if not way.ok:
                raise UnknownServerError(_code_of_way(way), way.said)
        async with open_session(server) as session, AsyncExitStack() as lent:
            provider, its_library, status = await self._recognise(server, session, lent)
            library = await _library_of(its_library)
        cases = cases_of(library, PathMapper())
        known = [*near, *(case.local for case in cases if case.local)]
        starts = starting_points(known, self._home)
        examination = RootExamination(provider.name, cases, [], deadline=_DEADLINE, starts=starts)
        findings = [one async for one in examination.findings()]
        return DetectedServer(
            url=server.url,
            provider=provider,
            status=status,
            roots=library.roots,
            mappings=examination.proposed,
            findings=findings,
        )

    async def _recognise(
        self, server: ArrServer, session: Any, lent: AsyncExitStack
    ) -> tuple[Provider[Any], ProviderLibrary, SystemStatus]:
        """The first provider that takes the server for its own."""
        redactor = Redactor(server.secrets)
        refusals: list[errors.ProviderError | errors.PluginError] = []
        for provider in self._providers.values():
            api = await lent.enter_async_context(lent_api_manager(provider, session, server))
            its_library = ProviderLibrary(provider, api, redactor)
            try:
                return provider, its_library, await its_library.system_status()
            except (errors.ProviderError, errors.PluginError) as error:
                refusals.append(error)
        if not refusals:
            raise errors.PluginError("no plugin is installed that could know it")
        raise min(refusals, key=_tells_little)


def _address_in(error: errors.ProviderError | errors.PluginError) -> str | None:
    """Where the server itself says that it is."""
    if isinstance(error, errors.ProviderError) and error.suspect is errors.Suspect.ADDRESS:
        return error.actual
    return None


def _unknown(server: ArrServer, error: errors.ProviderError | errors.PluginError) -> UnknownServerError:
    """Which of several plugins has said so is none of the user's business."""
    said = str(error)
    if isinstance(error, errors.ProviderError) and error.suspect is errors.Suspect.APPLICATION:
        said = f"{server.url} is {error.actual or 'another application'}, which no installed plugin is for"
    return UnknownServerError(_code_of(error), Redactor(server.secrets).clean(said))


def _tells_little(error: errors.ProviderError | errors.PluginError) -> int:
    """By its place: a key that is refused tells most, that another API is not there least."""
    suspect = error.suspect if isinstance(error, errors.ProviderError) else None
    return _LEAST_LAST.index(suspect) if suspect in _LEAST_LAST else 1
