"""In place of an API manager that there is none of: only its own connections fail, and say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from trailarrd.domain.media import UNKNOWN_KIND
from trailarrd.errors import PluginError
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

    def api_manager(_session: ClientSession, _server: ArrServer) -> FailedApiManager:
        return FailedApiManager(PluginError(f"provider {name} is not loaded: {reason}"))

    def parser(_record: object) -> NoReturn:
        raise PluginError(f"provider {name} is not loaded: {reason}")

    return Provider(name=name, media_kind=UNKNOWN_KIND, api_manager=api_manager, parser=parser)


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
