"""What a server tells of itself while it happens: the hub of any *arr, read as hints."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from trailarrd.domain.media import is_arr_id
from trailarrd.errors import ProviderRejectedError
from trailarrd.plugin.provider import KEY_HEADER, Provider, WebhookHint

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterator, Mapping

    from aiohttp import ClientSession

    from trailarrd.domain.connection import ArrServer

CONNECTED: Final = WebhookHint(event="connected", whole=True)
"""What the hub tells first: whatever happened until now, it did not tell."""

_SILENCE: Final = 30.0
"""Seconds without a word after which a hub is dead."""
_COMMAND: Final = "command"
_ENDED: Final = ("completed", "failed", "aborted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrLive:
    """Reads the hub of a server of the *arr family; a provider says under which names it tells of items::

        Provider(..., live=ArrLive(item="movie", parts={"moviefile": "movieId"}))

    An item's own message says which one changed or went; that of a part only to which item it belongs, if
    it says it (a part that is deleted has 0 there). That of a command, once it has ended, at which items it
    was at work: those that its body has as `movieId`, as `movieIds`, or as `movieId` within a list. Commands
    look at disks, and move files, also where nothing changes for the server itself, so that no item's own
    message comes.
    """

    item: str
    """The name of messages about an item: `movie`, `series`, `artist`."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Names of messages about parts of an item, and the field with the item's id in them."""
    whole_library: Collection[str] = frozenset()
    """Names of commands after which all items may be others, if they name none: `RefreshMovie`."""
    key_header: str = KEY_HEADER
    """The header in which the server wants its key."""
    silence: float = _SILENCE
    """Seconds without a word after which the hub is taken for dead; half of it is between our own words."""

    async def __call__(self, session: ClientSession, server: ArrServer) -> AsyncGenerator[WebhookHint, None]:
        """Hints for as long as the hub is there, beginning with `CONNECTED`.

        Raises:
            ProviderUnavailableError: the hub cannot be reached, or was lost.
            ProviderRejectedError: it refuses the API key.
            ProviderResponseError: there is no such hub.
        """
        async with aclosing(self.overheard(session, server)) as messages:
            async for _, hint in messages:
                if hint:
                    yield hint

    async def overheard(
        self, session: ClientSession, server: ArrServer
    ) -> AsyncGenerator[tuple[Mapping[str, Any], WebhookHint | None], None]:
        """Every message, with the hint that it gives, for who wants to see how a server speaks.

        Raises the same.
        """
        from trailarrd.plugin.hub import messages_of  # noqa: PLC0415  # with aiohttp, for who listens

        wire = messages_of(session, server, key_header=self.key_header, silence=self.silence)
        async with aclosing(wire) as messages:
            async for message in messages:
                if message is None:
                    yield {}, CONNECTED
                else:
                    yield message, self._hint(message.get("name"), message.get("body"))

    def _hint(self, name: object, body: object) -> WebhookHint | None:
        """What a message is about; None for what is none of our business."""
        if not isinstance(body, dict):
            return None
        action, resource = body.get("action"), body.get("resource")
        if name == _COMMAND:
            return self._of_command(resource) if isinstance(resource, dict) else None
        id_field = "id" if name == self.item else self.parts.get(str(name))
        if id_field is None:
            return None
        if action == "sync":
            return WebhookHint(event=f"{name} sync", whole=True)
        arr_id = resource.get(id_field) if isinstance(resource, dict) else None
        if not is_arr_id(arr_id):
            return None
        deleted = name == self.item and action == "deleted"
        return WebhookHint(event=f"{name} {action}", arr_ids=frozenset({arr_id}), deleted=deleted)

    def _of_command(self, command: Mapping[str, Any]) -> WebhookHint | None:
        """What one that has ended is about: also one that failed may have moved something."""
        name, status, body = str(command.get("name")), command.get("status"), command.get("body")
        if status not in _ENDED or not isinstance(body, dict):
            return None
        arr_ids = frozenset(filter(is_arr_id, self._items_of(body)))
        if not arr_ids and name not in self.whole_library:
            return None
        return WebhookHint(event=f"{name} {status}", arr_ids=arr_ids, whole=not arr_ids)

    def _items_of(self, body: Mapping[str, Any]) -> Iterator[object]:
        one, many = f"{self.item}Id", f"{self.item}Ids"
        yield body.get(one)
        for name, value in body.items():
            if isinstance(value, list):
                yield from value if name == many else (_field(inner, one) for inner in value)


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


async def feed_of(provider: Provider[Any], server: ArrServer) -> AsyncGenerator[WebhookHint, None]:
    """What that server tells, by a session of its own.

    Raises:
        ProviderError: it cannot be heard, or not any more.
    """
    if provider.live is None:
        raise ProviderRejectedError(f"provider {provider.name} cannot listen: delete live")
    from trailarrd.plugin.session import open_session  # noqa: PLC0415  # with aiohttp

    async with open_session(server) as session, aclosing(provider.live(session, server)) as feed:
        async for hint in feed:
            yield hint
