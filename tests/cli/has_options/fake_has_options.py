"""A provider with options: where the movies are is for the user to say, and a PIN goes with every question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    hookimpl,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import ClientSession


class VaultOptions(BaseModel):
    """What a connection of this provider may say."""

    pin: SecretStr
    resource: str = Field(default="movie", description="what the server calls its items")


class Record(msgspec.Struct):
    """What is needed of an item."""

    id: int
    title: str
    path: str
    monitored: bool = False


class VaultApiManager(ArrApiManager[Record]):
    """Asks where its options say."""

    app_name = "Radarr"
    record_type = Record

    def __init__(self, session: ClientSession, server: ArrServer) -> None:
        options = server.options_as(VaultOptions)
        self.resource = options.resource
        self._pin = options.pin
        super().__init__(session, server)

    async def system_status(self) -> Any:
        """Only the right PIN opens."""
        if self._pin.get_secret_value() != "49152":
            raise ProviderRejectedError(f"the PIN {self._pin.get_secret_value()} is wrong")
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
