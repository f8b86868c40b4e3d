"""Webhooks that the server is told to make; skipped if the provider cannot tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from trailarrd.plugin import (
    ProviderRejectedError,
    ProviderResponseError,
    RegisteredWebhook,
    Secret,
    WebhookReader,
    WebhookRegistrar,
    WebhookTarget,
)
from trailarrd.testing.asked import Phase
from trailarrd.testing.contract.calls import Call, Outcome
from trailarrd.testing.contract.secrets import shows_a_secret
from trailarrd.testing.contract.verdict import must_raise, require
from trailarrd.testing.faults import Fault, Refusal, Reset, ServerError
from trailarrd.testing.notifications import Notifications, value_of

if TYPE_CHECKING:
    from trailarrd.testing.contract.trial import Trial

_PASSWORD: Final = "b0a7c0de5ca1ab1e0ddba11caf3babe5"  # noqa: S105  # opens nothing
_TARGET: Final = WebhookTarget(
    name="trailarrd of the kit",
    url="http://trailarrd.invalid:7979/hooks/kit",
    username="trailarrd",
    password=Secret(_PASSWORD),
)
_SOMEBODYS: Final = {
    "id": 1,
    "name": "Somebody's",
    "implementation": "Webhook",
    "onGrab": True,
    "fields": [{"name": "url", "value": "http://elsewhere.invalid/"}],
}
_REASON: Final = "Unable to send test message"


class _NoRegistrarError(Exception):
    """The API manager is no `WebhookRegistrar`."""


async def _put_once(api: Any) -> None:
    if not isinstance(api, WebhookRegistrar):
        raise _NoRegistrarError
    await api.put_webhook(_TARGET)


async def _put_twice(api: Any) -> None:
    await api.put_webhook(_TARGET)
    await api.put_webhook(_TARGET)


async def _put_and_remove_twice(api: Any) -> tuple[bool, bool]:
    await api.put_webhook(_TARGET)
    return await api.remove_webhook(_TARGET), await api.remove_webhook(_TARGET)


PUT: Final = Call("put_webhook(target)", Phase.OTHER, _put_once)
_PUT_TWICE: Final = Call("put_webhook(target), twice", Phase.OTHER, _put_twice)
_REMOVE: Final = Call("remove_webhook(target), twice", Phase.OTHER, _put_and_remove_twice)


class _NoReaderError(Exception):
    """The API manager is no `WebhookReader`."""


async def _read(api: Any) -> RegisteredWebhook | None:
    if not isinstance(api, WebhookReader):
        raise _NoReaderError
    return await api.read_webhook(_TARGET)


async def _put_and_read(api: Any) -> RegisteredWebhook | None:
    await api.put_webhook(_TARGET)
    return await _read(api)


async def _put_and_test(api: Any) -> None:
    await api.put_webhook(_TARGET)
    await api.test_webhook(_TARGET)


async def _test(api: Any) -> None:
    await api.test_webhook(_TARGET)


_READ: Final = Call("read_webhook(target)", Phase.OTHER, _read)
_PUT_AND_READ: Final = Call("put_webhook(target) and read_webhook(target)", Phase.OTHER, _put_and_read)
_PUT_AND_TEST: Final = Call("put_webhook(target) and test_webhook(target)", Phase.OTHER, _put_and_test)
_TEST: Final = Call("test_webhook(target)", Phase.OTHER, _test)


class RegistrationChecks:
    """Registration: a webhook made, brought up to date and taken away through the server's own API."""

    def test_a_webhook_is_registered_once(self, trial: Trial) -> None:
        """`put_webhook`, twice, leaves one webhook that posts to the target, with events switched on."""
        _registers(trial)
        held = _held()
        with trial.server(notifications=held) as server:
            trial.get(server, _PUT_TWICE)
        ours = [one for one in held.saved.values() if value_of(one, "url") == _TARGET.url]
        switched = [name for one in ours for name, value in one.items() if name.startswith("on") and value]
        require(
            len(ours) == 1 and len(held.saved) == 2 and switched,  # with somebody's
            f"the server has {len(held.saved) - 1} webhooks of ours; switched on: {switched or 'nothing'}",
            do="look for one of that name or address first, and change that",
            why="users register again after each move, and each event would come several times",
        )

    def test_a_webhook_is_taken_away(self, trial: Trial) -> None:
        """`remove_webhook` takes ours away and no other; True if there was one, then False."""
        _registers(trial)
        held = _held()
        with trial.server(notifications=held) as server:
            answers = trial.get(server, _REMOVE)
        left = [one["name"] for one in held.saved.values()]
        require(
            answers == (True, False) and left == [_SOMEBODYS["name"]],
            f"remove_webhook returned {answers}; left on the server are {left}",
            do="delete the webhook of the target's name or address, and say whether there was one",
            why="a webhook that stays posts for ever with a token that is no longer known",
        )

    def test_a_webhook_that_does_not_arrive_is_an_error(self, trial: Trial) -> None:
        """A server that cannot reach the target raises `ProviderResponseError` with the server's reason."""
        _registers(trial)
        outcome = _put(trial, _held(reaches=False))
        must_raise(
            PUT,
            outcome,
            ProviderResponseError,
            when="the server's test of the webhook fails",
            do="let the server test it before it is saved, and raise what it says",
            why="the user would wait for events that never come",
        )
        require(
            _REASON in str(outcome.error),
            f"the server says why: {_REASON!r}; the error does not: {outcome.error}",
            do="put errorMessage or message of the server's answer into the error's text",
            why="only the server knows what it could not reach",
        )

    def test_a_webhook_is_read_as_the_server_has_it(self, trial: Trial) -> None:
        """`read_webhook` gives None, then where ours posts to, and which of its events are switched off."""
        _reads(trial)
        held = _held()
        with trial.server(notifications=held) as server:
            nothing, made = trial.get(server, _READ), trial.get(server, _PUT_AND_READ)
            ours = next((one for one in held.saved.values() if value_of(one, "url") == _TARGET.url), {})
            switch = next((name for name, value in ours.items() if name.startswith("on") and value), "on")
            ours[switch] = False
            changed = trial.get(server, _READ)
        expected = RegisteredWebhook(url=_TARGET.url)
        require(
            (nothing, made, changed) == (None, expected, replace(expected, off=(switch,))),
            f"read_webhook returned {nothing}, {made} after it was made, {changed} without {switch}",
            do="compare the webhook of that name or address with what put_webhook switches on",
            why="a webhook that somebody changed in the server tells nothing, and nobody would notice",
        )

    def test_a_webhook_that_is_lost_is_an_error(self, trial: Trial) -> None:
        """`test_webhook` raises `ProviderResponseError` with the server's reason if its Test is lost."""
        _reads(trial)
        held = _held()
        with trial.server(notifications=held) as server:
            trial.get(server, _PUT_AND_TEST)
            held.reaches = False
            outcome = trial.ask(server, _TEST)
        must_raise(
            _TEST,
            outcome,
            ProviderResponseError,
            when="the Test of the saved webhook does not arrive",
            do="let the server test the webhook as it has it saved, and raise what it says",
            why="only the server knows the token that it posts, and whom it reaches",
        )

    def test_no_error_of_a_registration_tells_a_secret(self, trial: Trial) -> None:
        """No error of `put_webhook` has the API key or the target's password in its text or its repr."""
        _registers(trial)
        faults = (Refusal(status=401), ServerError(status=503), Reset())
        outcomes = [_put(trial, _held(), fault) for fault in faults]
        outcomes.append(_put(trial, _held(reaches=False)))
        for outcome in outcomes:
            told = f"{outcome.error} {outcome.error!r}"
            require(
                not shows_a_secret(trial, told) and _PASSWORD not in told,
                f"the {type(outcome.error).__name__} of put_webhook tells a secret",
                do="say in your own words what happened, and never repeat what was sent",
                why="errors are shown on web pages, sent as notifications and pasted into forums",
            )


def _put(trial: Trial, held: Notifications, fault: Fault | None = None) -> Outcome:
    with trial.server(notifications=held, fault=fault) as server:
        return trial.ask(server, PUT)


def _held(*, reaches: bool = True) -> Notifications:
    """What a server holds before: a webhook of somebody else."""
    return Notifications(saved={1: dict(_SOMEBODYS)}, reaches=reaches)


def _reads(trial: Trial) -> None:
    """Skip a provider that does not tell what became of its webhook."""
    _registers(trial)
    with trial.server(notifications=Notifications()) as server:
        if isinstance(trial.ask(server, _READ).error, _NoReaderError):
            pytest.skip("the provider reads no webhooks")


def _registers(trial: Trial) -> None:
    """Skip a provider that has no such methods, or refuses without asking the server."""
    with trial.server(notifications=Notifications()) as server:
        error = trial.ask(server, PUT).error
        refuses = isinstance(error, ProviderRejectedError) and not server.requests
    if refuses or isinstance(error, _NoRegistrarError):
        pytest.skip("the provider registers no webhooks")
