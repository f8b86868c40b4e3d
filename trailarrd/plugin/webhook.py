"""The webhooks of any *arr: reading an event that one posts, and putting one of ours into a server.

While one is saved, the server posts a Test event to it and saves nothing if that fails. It counts a
webhook's failures and drops its events for a while; only a Test of the saved one ends that at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from trailarrd.domain.media import is_arr_id
from trailarrd.domain.secret import Redactor
from trailarrd.errors import ProviderResponseError
from trailarrd.plugin.answer import check, is_json
from trailarrd.plugin.provider import WebhookHint
from trailarrd.plugin.registration import RegisteredWebhook, WebhookTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trailarrd.plugin.client import ArrClient

_PATH: Final = "notification"
_POST: Final = 1
"""How the servers number the method of a webhook; 2 is PUT."""
_SAID: Final = 300
_NOT_REACHED: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)
"""A receiver that answers with an error, and one that cannot be reached at all."""
_CHANGE_NOTHING: Final = frozenset(
    {"Test", "Grab", "Health", "HealthRestored", "ApplicationUpdate", "ManualInteractionRequired"}
)
"""Events that leave every item as it was; those of a Test and a Grab show one all the same."""

_SHOWN: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrWebhook:
    """Reads the events of a server of the *arr family; a provider says where they name the item::

        Provider(..., webhook=ArrWebhook(item="movie"))

    Every event that shows an item is taken as news of it, also one that a later version of the server
    will bring: only asking again tells what became of it. One called `MovieDelete` says that it is gone.
    """

    item: str
    """The field with the item that an event is about: `movie`, `series`, `artist`."""
    change_nothing: frozenset[str] = frozenset()
    """Events after which nobody has to be asked anything, beside those that all *arr have.

    Those are `Test`, `Grab`, `Health`, `HealthRestored`, `ApplicationUpdate` and `ManualInteractionRequired`.
    """

    def __call__(self, event: Mapping[str, object]) -> WebhookHint:
        """What one event is about.

        Raises:
            ValueError: it has no name, or names no item although it must.
        """
        name = event.get("eventType")
        if not isinstance(name, str) or not name:
            raise ValueError("the event has no eventType")
        if name in _CHANGE_NOTHING or name in self.change_nothing:
            return WebhookHint(event=name)
        deleted = name.casefold() == f"{self.item}delete".casefold()
        arr_ids = frozenset({self._arr_id(name, event.get(self.item))})
        return WebhookHint(event=name, arr_ids=arr_ids, deleted=deleted)

    def _arr_id(self, name: str, item: object) -> int:
        arr_id = item.get("id") if isinstance(item, dict) else None
        if not is_arr_id(arr_id):
            raise ValueError(f"the event {name[:_SHOWN]!r} names no {self.item}")
        return arr_id


class _Field(msgspec.Struct):
    name: str
    value: Any = None


class _Notification(msgspec.Struct):
    id: int
    name: str = ""
    implementation: str = ""
    fields: list[_Field] = []

    @property
    def url(self) -> str:
        return next((str(field.value) for field in self.fields if field.name == "url"), "")

    def posts_to(self, url: str) -> bool:
        """A token may be the last part of the path; of a `url` that is a path alone, the host is unknown."""
        found = f"{self.url}/".find(f"{url}/")
        return found == 0 or (found > 0 and url.startswith("/"))


def _supports(switch: str) -> str:
    """What the server says of an event that it knows."""
    return f"supports{switch[:1].upper()}{switch[1:]}"


class _Failure(msgspec.Struct, rename="camel"):
    error_message: str = ""
    message: str = ""


class ArrNotifications:
    """The webhooks of one server of the *arr family."""

    def __init__(self, client: ArrClient, switches: Iterable[str]) -> None:
        self._client = client
        self._switches = tuple(switches)

    async def put(self, target: WebhookTarget, *, tested: bool) -> None:
        """Make the server post its events there; one that is there already becomes this one.

        Raises:
            ProviderResponseError: `tested`, and the server cannot reach the target; nothing was changed.
            ProviderError: as for any other question.
        """
        known = await self._find(target)
        if known is None and not tested:
            known = await self._save(None, _definition(target, dict.fromkeys(self._switches, False)))
        definition = _definition(target, dict.fromkeys(self._switches, True))
        saved = await self._save(known, definition, forced=not tested)
        if tested:
            await self._test(saved, definition)

    async def read(self, target: WebhookTarget) -> RegisteredWebhook | None:
        """Ours as the server has it now; None if it has none."""
        known = await self._find(target)
        if known is None:
            return None
        whole = await self._whole(known)
        off = (one for one in self._switches if whole.get(one) is False and whole.get(_supports(one), True))
        return RegisteredWebhook(url=known.url, off=tuple(off))

    async def test(self, target: WebhookTarget) -> None:
        """Have the saved one tried, by the password that the server has: sent masked, it stays as it is.

        Raises:
            ProviderResponseError: there is none, or the Test does not arrive.
            ProviderError: as for any other question.
        """
        known = await self._find(target)
        if known is None:
            raise ProviderResponseError(f"{self._client.app_name} has no webhook of ours")
        await self._test(known, await self._whole(known))

    async def _whole(self, known: _Notification) -> dict[str, Any]:
        whole: dict[str, Any] = await self._client.read(f"{_PATH}/{known.id}", dict[str, Any])
        return whole

    async def remove(self, target: WebhookTarget) -> bool:
        """Take it away; whether there was one."""
        known = await self._find(target)
        if known is None:
            return False
        await self._client.read(f"{_PATH}/{known.id}", dict[str, Any], method="DELETE")
        return True

    async def _find(self, target: WebhookTarget) -> _Notification | None:
        """Ours: by its name, which the server keeps unique, or by where it posts to."""
        listed: list[_Notification] = await self._client.read(_PATH, list[_Notification])
        hooks = [one for one in listed if one.implementation == "Webhook"]
        by_name = [one for one in hooks if one.name.casefold() == target.name.casefold()]
        return next(iter([*by_name, *(one for one in hooks if one.posts_to(target.url))]), None)

    async def _save(
        self, known: _Notification | None, definition: dict[str, Any], *, forced: bool = False
    ) -> _Notification:
        if known is None:
            return await self._ask("POST", _PATH, definition)
        query = {"forceSave": "true"} if forced else {}
        return await self._ask("PUT", f"{_PATH}/{known.id}", {**definition, "id": known.id}, query)

    async def _test(self, saved: _Notification, definition: dict[str, Any]) -> None:
        """Ends the time in which the server drops events because of earlier failures."""
        async with self._client.request(
            f"{_PATH}/test", method="POST", body={**definition, "id": saved.id}
        ) as response:
            if response.status != HTTPStatus.OK:
                await self._refuse(response)

    async def _ask(
        self, method: str, path: str, body: dict[str, Any], query: dict[str, str] | None = None
    ) -> _Notification:
        async with self._client.request(path, method=method, query=query, body=body) as response:
            if response.status in _NOT_REACHED and is_json(response):
                await self._refuse(response)
            await check(response, self._client.server)
            saved: _Notification = self._client.decode(path, await self._client.body(response), _Notification)
            return saved

    async def _refuse(self, response: Any) -> None:
        """The server's own words say best why it cannot reach us."""
        body = await self._client.body(response)
        url = f"{self._client.app_name} does not take the webhook"
        raise ProviderResponseError(f"{url}: {self._words(body)}")

    def _words(self, body: bytes) -> str:
        try:
            failures = msgspec.json.decode(body, type=list[_Failure] | _Failure)
        except (msgspec.MsgspecError, RecursionError):
            return "it does not say why"
        first = failures if isinstance(failures, _Failure) else next(iter(failures), _Failure())
        said = " ".join((first.error_message or first.message).split())
        return Redactor(self._client.server.secrets).clean(said)[:_SAID] or "it does not say why"


def _definition(target: WebhookTarget, switches: dict[str, bool]) -> dict[str, Any]:
    """As every version takes it: `headers` are unknown to older ones, and `tags` must not be missing."""
    fields = {
        "url": target.url,
        "method": _POST,
        "username": target.username,
        "password": target.password.reveal(),
    }
    return {
        "name": target.name,
        "implementation": "Webhook",
        "configContract": "WebhookSettings",
        "tags": [],
        "fields": [{"name": name, "value": value} for name, value in fields.items()],
        **switches,
    }
