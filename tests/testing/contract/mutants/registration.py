"""Mistakes of those who tell a server where to post its events."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from tests.testing.contract.mutants.healthy import ShortApiManager
from tests.testing.contract.mutants.mistake import Mistakes
from trailarrd.plugin import ProviderError, ProviderResponseError, RegisteredWebhook, WebhookTarget

mistakes = Mistakes()


@mistakes.api("test_a_webhook_is_registered_once")
class RegistersEachTime(ShortApiManager):
    made = 0

    async def put_webhook(self, target: WebhookTarget, *, tested: bool = True) -> None:
        self.made += 1
        another = replace(target, name=f"{target.name} {self.made}", url=f"{target.url}?{self.made}")
        await super().put_webhook(another, tested=tested)


@mistakes.api("test_a_webhook_is_registered_once")
class SwitchesNothingOn(ShortApiManager):
    webhook_switches: ClassVar[tuple[str, ...]] = ("download",)


@mistakes.api("test_a_webhook_is_taken_away")
class SaysThatItIsGone(ShortApiManager):
    async def remove_webhook(self, target: WebhookTarget) -> bool:
        return True


@mistakes.api("test_a_webhook_is_taken_away")
class TakesAllAway(ShortApiManager):
    async def remove_webhook(self, target: WebhookTarget) -> bool:
        await super().remove_webhook(replace(target, name="Somebody's"))
        return await super().remove_webhook(target)


@mistakes.api("test_a_webhook_that_does_not_arrive_is_an_error")
class IsContentAnyway(ShortApiManager):
    async def put_webhook(self, target: WebhookTarget, *, tested: bool = True) -> None:
        with suppress(ProviderResponseError):
            await super().put_webhook(target, tested=tested)


@mistakes.api("test_a_webhook_that_does_not_arrive_is_an_error")
class DoesNotSayWhy(ShortApiManager):
    async def put_webhook(self, target: WebhookTarget, *, tested: bool = True) -> None:
        try:
            await super().put_webhook(target, tested=tested)
        except ProviderResponseError:
            raise ProviderResponseError("the webhook was refused") from None


@mistakes.api("test_a_webhook_is_read_as_the_server_has_it")
class RemembersWhatItMade(ShortApiManager):
    async def read_webhook(self, target: WebhookTarget) -> RegisteredWebhook | None:
        return RegisteredWebhook(url=target.url)


@mistakes.api("test_a_webhook_that_is_lost_is_an_error")
class TestsNothing(ShortApiManager):
    async def test_webhook(self, target: WebhookTarget) -> None:
        pass


@mistakes.api("test_no_error_of_a_registration_tells_a_secret")
class QuotesWhatItSent(ShortApiManager):
    async def put_webhook(self, target: WebhookTarget, *, tested: bool = True) -> None:
        try:
            await super().put_webhook(target, tested=tested)
        except ProviderError as error:
            sent = f"{target.url} {target.username}:{target.password.reveal()}"
            raise ProviderResponseError(f"{error}: {sent}") from None
