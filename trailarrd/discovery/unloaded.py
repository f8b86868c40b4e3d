"""In place of an API manager that there is none of: only its own connections fail, and say why."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from trailarrd.domain.media import UNKNOWN_KIND
from trailarrd.errors import PluginNotLoadedError
from trailarrd.plugin.provider import ApiManager, Provider

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from aiohttp import ClientSession

    from trailarrd.domain.connection import ArrServer

_CLOSE_WITHIN: Final = 5.0


@asynccontextmanager
async def lent_api_manager(
    provider: Provider[Any], session: ClientSession, server: ArrServer
) -> AsyncIterator[ApiManager[Any]]:
    """The same for one block, closed at its end."""
    api = make_api_manager(provider, session, server)
    try:
        yield api
    finally:
        await close_api_manager(api)


async def close_api_manager(api: object) -> None:
    """Its `aclose`, if it has one; what a stranger's code does there is nobody's trouble."""
    aclose = getattr(api, "aclose", None)
    if aclose is not None:
        with suppress(Exception):
            async with asyncio.timeout(_CLOSE_WITHIN):
                await aclose()


def make_api_manager(provider: Provider[Any], session: ClientSession, server: ArrServer) -> ApiManager[Any]:
    """The provider's API manager; if that fails, one that fails at each refresh, and no other connection."""
    try:
        return provider.api_manager(session, server)
    except Exception as error:  # noqa: BLE001  # whatever a stranger's code does is its connection's trouble
        return FailedApiManager(error)


def unloaded(name: str, reason: str) -> Provider[Any]:
    """A provider in place of one whose plugin was not loaded."""
    failed = FailedApiManager(PluginNotLoadedError(f"provider {name} is not loaded: {reason}"))
    return Provider(name=name, media_kind=UNKNOWN_KIND, api_manager=failed.itself, parser=failed.parse)


def why_not_loaded(provider: Provider[Any]) -> str | None:
    """What its connections will hear, if it only stands in for one that was not loaded."""
    failed = getattr(provider.api_manager, "__self__", None)
    return str(failed.error) if isinstance(failed, FailedApiManager) else None


class FailedApiManager:
    """Whatever it is asked, it says why there is no real one."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def itself(self, *_: object) -> FailedApiManager:
        """The same for each connection."""
        return self

    def parse(self, *_: object) -> NoReturn:
        """There are no records; it says why, too."""
        raise self.error.with_traceback(None)

    async def _fail(self, *_: object) -> NoReturn:
        self.parse()

    system_status = root_folders = media = _fail

    async def all_media(self) -> AsyncGenerator[Sequence[Any], None]:
        self.parse()
        yield ()
