"""How a server is told where to post its events: what an API manager may have for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from trailarrd.domain.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTarget:
    """Where an Arr server shall post its events: trailarrd, as that server can reach it."""

    name: str
    """What it is called in the Arr server; unique there."""
    url: str
    """Without any secret in it."""
    username: str
    """For HTTP's Basic authentication, which every version of every server can send."""
    password: Secret
    """Goes with it."""


@runtime_checkable
class WebhookRegistrar(Protocol):
    """What an API manager MAY have beyond its contract: its server can be told where to post its events.

    `trailarrd webhook register` needs it. The errors are those of `ApiManager`.
    """

    async def put_webhook(self, target: WebhookTarget, *, tested: bool = True) -> None:
        """Make the server post its events there; called again, the same webhook is brought up to date.

        `tested` lets the server try whether it reaches the target, and MUST raise
        `ProviderResponseError` with the server's reason if it does not.
        """
        ...

    async def remove_webhook(self, target: WebhookTarget) -> bool:
        """Take that webhook away; whether there was one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredWebhook:
    """A webhook of ours as its server has it now."""

    url: str
    """Where it posts to; as the server shows it, so there may be a token in it."""
    off: tuple[str, ...] = ()
    """Of the events that it was made for, and that this server knows, those that are switched off."""


@runtime_checkable
class WebhookReader(Protocol):
    """What a `WebhookRegistrar` MAY have beside: it tells what became of the webhook that it has made.

    `trailarrd check` and the daemon, once a day, compare it with what was registered. The errors are those
    of `ApiManager`.
    """

    async def read_webhook(self, target: WebhookTarget) -> RegisteredWebhook | None:
        """The webhook of that name, or that posts there; None: the server has none. Changes nothing."""
        ...

    async def test_webhook(self, target: WebhookTarget) -> None:
        """Let the server post a Test by the webhook as it has it saved, with the secrets that only it knows.

        MUST raise `ProviderResponseError` with the server's reason if that does not arrive.
        """
        ...
