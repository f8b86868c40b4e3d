"""A provider with options: it opens with the right PIN only, and for the right edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from pydantic import BaseModel, Field, SecretStr

from trailarrd.plugin import (
    ArrApiManager,
    ArrServer,
    Media,
    MediaKind,
    Provider,
    ProviderRejectedError,
    RemotePath,
    SystemStatus,
    hookimpl,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import ClientSession


class VaultOptions(BaseModel):
    """What a connection of this provider may say."""

    pin: SecretStr
    edition: str = Field(default="plain", description="which edition of the vault it is")


class Record(msgspec.Struct):
    """What is needed of an item."""

    id: int
    title: str
    path: str
    monitored: bool = False


class VaultApiManager(ArrApiManager[Record]):
    """Opens as its options say."""

    app_name = "Radarr"
    resource = "movie"
    record_type = Record

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        super().__init__(session, server)
        self._options = server.options_as(VaultOptions)

    async def system_status(self) -> SystemStatus:
        """Only the right PIN opens, and the right edition."""
        if self._options.pin.get_secret_value() != "49152":
            raise ProviderRejectedError(f"the PIN {self._options.pin.get_secret_value()} is wrong")
        if self._options.edition != "deluxe":
            raise ProviderRejectedError(f"this is no {self._options.edition} vault")
        return await super().system_status()


def parse(record: Record) -> Media:
    """An item with what is needed of it."""
    path = RemotePath(record.path)
    return Media(arr_id=record.id, title=record.title, path=path, monitored_remotely=record.monitored)


@hookimpl
def trailarrd_providers() -> Iterator[Provider[Record]]:
    """The one provider of this plugin."""
    yield Provider(
        name="vault",
        media_kind=MediaKind("movie"),
        api_manager=VaultApiManager,
        parser=parse,
        options=VaultOptions,
    )
