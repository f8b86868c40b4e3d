"""In place of an API manager that there is none of: only its own connections fail, and say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from trailarrd.domain.media import UNKNOWN_KIND
from trailarrd.errors import PluginNotLoadedError
from trailarrd.plugin.provider import Provider

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from aiohttp import ClientSession

    from trailarrd.domain.connection import ArrServer
    from trailarrd.domain.paths import RemotePath
    from trailarrd.plugin.provider import ApiManager, SystemStatus


def make_api_manager(provider: Provider[Any], session: ClientSession, server: ArrServer) -> ApiManager[Any]:
    """The provider's API manager; if that fails, one that fails at each refresh, and no other connection."""
    try:
        return provider.api_manager(session, server)
    except Exception as error:  # noqa: BLE001  # whatever a stranger's code does is its connection's trouble
        return FailedApiManager(error)


def unloaded(name: str, reason: str) -> Provider[Any]:
    """A provider in place of one whose plugin was not loaded."""
    absent = _Absent(f"provider {name} is not loaded: {reason}")
    return Provider(name=name, media_kind=UNKNOWN_KIND, api_manager=absent.api_manager, parser=absent.parser)


def why_not_loaded(provider: Provider[Any]) -> str | None:
    """What its connections will hear, if it only stands in for one that was not loaded."""
    absent = getattr(provider.api_manager, "__self__", None)
    return absent.message if isinstance(absent, _Absent) else None


class _Absent:
    """The two halves of a provider that there is none of."""

    def __init__(self, message: str) -> None:
        self.message = message

    def api_manager(self, _session: ClientSession, _server: ArrServer) -> FailedApiManager:
        """One that fails whatever it is asked."""
        return FailedApiManager(PluginNotLoadedError(self.message))

    def parser(self, _record: object) -> NoReturn:
        """There are no records."""
        raise PluginNotLoadedError(self.message)


class FailedApiManager:
    """Whatever it is asked, it says why there is no real one."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def system_status(self) -> SystemStatus:
        """Say why."""
        self._fail()

    async def root_folders(self) -> Sequence[RemotePath]:
        """Say why."""
        self._fail()

    async def all_media(self) -> AsyncGenerator[Sequence[Any], None]:
        """Say why."""
        self._fail()
        yield ()

    async def media(self, arr_id: int) -> object:  # noqa: ARG002  # the contract's signature
        """Say why."""
        self._fail()

    def _fail(self) -> NoReturn:
        raise self._error.with_traceback(None)
