"""The webhook that was registered in one Arr server: whether that still posts its events, and to here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trailarrd import errors
from trailarrd.discovery.unloaded import lent_api_manager
from trailarrd.documents.checks import Code, Finding
from trailarrd.domain.secret import Redactor, Secret
from trailarrd.plugin.provider import RegisteredWebhook, WebhookReader, WebhookTarget
from trailarrd.plugin.session import open_session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from trailarrd.config import ConnectionSettings
    from trailarrd.plugin.provider import Provider


@dataclass(frozen=True, slots=True)
class WebhookExamination:
    connection: ConnectionSettings
    provider: Provider[Any]
    redactor: Redactor
    url: str | None
    """Where it was told to post; None: nobody has noted that."""
    arrived: Callable[[], int] | None = None
    """How many events have arrived here, for who can tell."""

    async def findings(self) -> AsyncIterator[Finding]:
        """What is found; nothing where the provider cannot read its server's webhooks."""
        try:
            server = self.connection.arr_server()
            async with (
                open_session(server) as session,
                lent_api_manager(self.provider, session, server) as api,
            ):
                if isinstance(api, WebhookReader):
                    yield await self._finding(api)
        except errors.ProviderError:
            return  # of its server others tell
        except Exception as error:  # noqa: BLE001  # a stranger's code
            yield self._of(Code.SERVER_PLUGIN, errors.summary(error))

    async def _finding(self, api: WebhookReader) -> Finding:
        target = WebhookTarget(
            name=f"trailarrd {self.connection.name}",
            url=self.url or f"/hooks/{self.connection.name}",
            username="",
            password=Secret(""),
        )
        found = await api.read_webhook(target)
        if found is None:
            where = f" that posts to {self.url}" if self.url else " of ours by its name"
            code = Code.WEBHOOK_MISSING if self.url else Code.WEBHOOK_UNKNOWN
            return self._of(code, f"the server has no webhook{where}")
        if self.url and found.url.rstrip("/") != self.url and not found.url.startswith(f"{self.url}/"):
            return self._of(
                Code.WEBHOOK_ELSEWHERE, f"it posts to {self._shown(found.url)} instead of {self.url}"
            )
        if found.off:
            return self._of(Code.WEBHOOK_OFF, f"it does not tell of {', '.join(found.off)}")
        return await self._tested(api, target, found)

    async def _tested(self, api: WebhookReader, target: WebhookTarget, found: RegisteredWebhook) -> Finding:
        """The token is masked in all that a server shows: only its own Test tells if it is the right one."""
        before = self.arrived() if self.arrived else 0
        try:
            await api.test_webhook(target)
        except errors.ProviderResponseError as error:
            return self._of(Code.WEBHOOK_LOST, str(error))
        if self.arrived and self.arrived() == before:
            fact = f"the server posted a test to {self._shown(found.url)}, and none came here"
            return self._of(Code.WEBHOOK_LOST, fact)
        return self._of(Code.WEBHOOK_OK, f"a test that the server posted to {self._shown(found.url)} arrived")

    def _shown(self, url: str) -> str:
        """The address without what may be a token in it."""
        try:
            parts = urlsplit(url)
            place = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        except ValueError:
            return "no valid address"
        base, found, _ = parts.path.partition(f"/hooks/{self.connection.name}")
        return place + (base + found if found else "/…" if parts.path.strip("/") else "")

    def _of(self, code: Code, fact: str) -> Finding:
        return Finding.of(code, self.connection.name, self.redactor.clean(fact))
