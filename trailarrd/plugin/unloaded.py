"""Stands in for a provider whose plugin was not loaded, so that only its own connections fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from trailarrd.domain.media import UNKNOWN_KIND
from trailarrd.errors import PluginError
from trailarrd.plugin.provider import Provider

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from aiohttp import ClientSession

    from trailarrd.domain.connection import ArrServer
    from trailarrd.domain.media import Media
    from trailarrd.domain.paths import RemotePath
    from trailarrd.plugin.provider import SystemStatus


def unloaded(name: str, reason: str) -> Provider[Any]:
    """A provider of that name that answers everything with the reason why it is not there."""

    def api_manager(_session: ClientSession, _server: ArrServer) -> _Unloaded:
        return _Unloaded(f"provider {name} is not loaded: {reason}")

    def parser(_record: object) -> Media:
        raise PluginError(f"provider {name} is not loaded: {reason}")

    return Provider(name=name, media_kind=UNKNOWN_KIND, api_manager=api_manager, parser=parser)


class _Unloaded:
    """An API manager that can only say why it is none."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def system_status(self) -> SystemStatus:
        self._refuse()

    async def root_folders(self) -> Sequence[RemotePath]:
        self._refuse()

    async def all_media(self) -> AsyncGenerator[Sequence[Any], None]:
        self._refuse()
        yield []

    async def media(self, arr_id: int) -> Any:  # noqa: ARG002  # the contract's signature
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise PluginError(self._reason)
