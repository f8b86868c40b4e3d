"""The webhook that was registered in one Arr server: whether that still posts its events, and to here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from trailarrd import errors
from trailarrd.discovery.unloaded import lent_api_manager
from trailarrd.documents.checks import Finding
from trailarrd.documents.codes import Code
from trailarrd.domain.secret import Redactor, Secret
from trailarrd.plugin.registration import RegisteredWebhook, WebhookReader, WebhookTarget
from trailarrd.plugin.session import open_session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from trailarrd.config import ConnectionSettings
    from trailarrd.plugin.provider import Provider


class Arrivals(NamedTuple):
    """Events of one connection that have come here."""

    taken: int = 0
    refused: int = 0
    """Without its token."""


@dataclass(frozen=True, slots=True)
class WebhookExamination:
    connection: ConnectionSettings
    provider: Provider[Any]
    redactor: Redactor
    url: str | None
    """Where it was told to post; None: nobody has noted that."""
    arrived: Callable[[], Arrivals] | None = None
    """What has arrived here until now, for who can tell."""

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
        shown, before = self._shown(found.url), self._arrivals()
        lost = await _lost(api, target)
        after = self._arrivals()
        if lost is None and self.arrived and after.taken == before.taken:
            lost = f"the server posted a test to {shown}, and none came here"
        if lost is None:
            return self._of(Code.WEBHOOK_OK, f"a test that the server posted to {shown} arrived")
        wrong = "; it came here with a token that is not ours" if after.refused > before.refused else ""
        return self._of(Code.WEBHOOK_LOST, f"{lost}{wrong}")

    def _arrivals(self) -> Arrivals:
        return self.arrived() if self.arrived else Arrivals()

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


async def _lost(api: WebhookReader, target: WebhookTarget) -> str | None:
    """Why the server's own Test did not arrive, if it says so."""
    try:
        await api.test_webhook(target)
    except errors.ProviderResponseError as error:
        return str(error)
    return None
