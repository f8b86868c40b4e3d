"""What a server tells of its own accord, as an author of a plugin wants to see it: `plugins listen`."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from trailarrd.cli.output import print_line, tell
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Redactor
from trailarrd.errors import ProviderError, summary
from trailarrd.plugin.live import ArrLive
from trailarrd.plugin.provider import Provider, WebhookHint
from trailarrd.plugin.session import open_session
from trailarrd.testing.posted import posted

_SHOWN: Final = 400
"""Characters of a message."""


@dataclass(frozen=True, slots=True)
class Overhearing:
    server: ArrServer
    provider: Provider[Any]
    redactor: Redactor

    async def run(self, port: int | None) -> None:
        """Print all that is told until cancelled; without a `port`, until the hub is lost.

        Raises:
            ProviderError: the hub cannot be heard, and there is no `port`.
            ListenError: the port cannot be had.
        """
        if port is None:
            await self._hear_hub()
            return
        async with posted(port) as events:
            tell(f"events are taken at port {port}")
            hub = asyncio.create_task(self._hear_hub())
            hub.add_done_callback(_tell_end)
            try:
                while True:
                    self._show_event(await events.get())
            finally:
                hub.cancel()

    async def _hear_hub(self) -> None:
        live = self.provider.live
        if not isinstance(live, ArrLive):
            tell(f"provider {self.provider.name} has no ArrLive: what its server tells is shown as it comes")
            live = ArrLive(item="")
        async with (
            open_session(self.server) as session,
            aclosing(live.overheard(session, self.server)) as messages,
        ):
            async for message, hint in messages:
                body = message.get("body")
                action = body.get("action") if isinstance(body, dict) else None
                name = " ".join(str(one) for one in (message.get("name"), action) if one)
                self._show("hub", name or "connected", _made_of(hint), body)

    def _show_event(self, content: bytes) -> None:
        try:
            event = msgspec.json.decode(content, type=dict[str, Any])
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            self._show("webhook", "what is no JSON object", "refused", content.decode(errors="replace"))
            return
        self._show("webhook", str(event.get("eventType")), self._made_of_event(event), event)

    def _made_of_event(self, event: Mapping[str, object]) -> str:
        if self.provider.webhook is None:
            return "nothing, as its provider reads no events"
        try:
            return _made_of(self.provider.webhook(event))
        except Exception as error:  # noqa: BLE001  # an author's code, which he wants to see fail
            return f"the whole library is asked for, as it cannot be read: {summary(error)}"

    def _show(self, way: str, name: str, made: str, body: object) -> None:
        now = datetime.now().astimezone()
        print_line(self.redactor.clean(f"{now:%H:%M:%S} {way:7} {name}: {made}"))
        if body:
            text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
            print_line(self.redactor.clean(f"         {text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}"))


def _made_of(hint: WebhookHint | None) -> str:
    """What follows from it."""
    if hint is None or not (hint.arr_ids or hint.whole):
        return "nothing"
    if hint.whole:
        return "the whole library is asked for"
    items = ", ".join(map(str, sorted(hint.arr_ids)))
    return (
        f"item {items} is gone, if the server confirms it" if hint.deleted else f"item {items} is asked for"
    )


def _tell_end(hub: asyncio.Task[None]) -> None:
    if not hub.cancelled() and (error := hub.exception()):
        tell(str(error) if isinstance(error, ProviderError) else summary(error))
