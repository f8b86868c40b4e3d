"""What the server tells while it happens; skipped if the provider does not listen."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from trailarrd.plugin import (
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    WebhookHint,
)
from trailarrd.testing.asked import Phase
from trailarrd.testing.contract.calls import Call, Outcome
from trailarrd.testing.contract.loop import cancelled
from trailarrd.testing.contract.secrets import shows_a_secret
from trailarrd.testing.contract.verdict import must_raise, require
from trailarrd.testing.faults import Latency, LoginPage, LoginRedirect, Refusal, Reset, ServerError
from trailarrd.testing.hub import News

if TYPE_CHECKING:
    from trailarrd.testing.contract.trial import Trial

_AT_ONCE: Final = 3.0


async def _first(hints: Any) -> object:
    async with aclosing(hints):
        return await anext(hints, None)


class Heard(NamedTuple):
    """What came from a hub until it closed."""

    hints: list[object]
    end: Outcome


async def _all(hints: Any) -> Heard:
    heard = []
    try:
        async with aclosing(hints):
            async for hint in hints:
                heard.append(hint)  # noqa: PERF401  # those before an error count
    except Exception as error:  # noqa: BLE001  # judged by the check
        return Heard(heard, Outcome(error=error))
    return Heard(heard, Outcome())


LIVE: Final = Call("live(session, server)", Phase.OTHER, _first)
_TO_THE_END: Final = Call("live(session, server)", Phase.OTHER, _all)


class LiveChecks:
    """Live: what a hub tells, and servers that have none or cannot be reached."""

    def test_live_begins_with_the_whole_library(self, trial: Trial) -> None:
        """The first hint of each connection is `whole`."""
        first = next(iter(_heard(trial).hints), None)
        require(
            isinstance(first, WebhookHint) and first.whole,
            f"the first that came from a hub was {first}",
            do="yield WebhookHint(event='connected', whole=True) as soon as the hub has greeted",
            why="what happened before, while nobody listened, was told to nobody",
        )

    def test_live_names_the_item(self, trial: Trial) -> None:
        """What a hub tells of an item gives a hint that names it, or is `whole`."""
        hints = _heard(trial).hints[1:]
        require(
            any(isinstance(one, WebhookHint) and (1 in one.arr_ids or one.whole) for one in hints),
            f"the hub told that {trial.dialect.resource} 1 was updated; what came was {hints}",
            do=f"read messages whose name is {trial.dialect.resource!r}, and the id in their resource",
            why="the core asks again for exactly the items that are named",
        )

    def test_a_hub_that_closes_is_worth_another_try(self, trial: Trial) -> None:
        """A hub that ends the connection raises `ProviderUnavailableError`."""
        must_raise(
            LIVE,
            _heard(trial).end,
            ProviderUnavailableError,
            when="the hub says that it closes",
            do="raise ProviderUnavailableError; never let the generator just end",
            why="a server that is updated closes its hub, and is there again in a minute",
        )

    def test_live_ends_by_an_error_only(self, trial: Trial) -> None:
        """A server that tells nothing live raises an error of the contract; `live` never just ends."""
        listening = _listening(trial)
        for fault in (None, Refusal(status=404), LoginPage(), LoginRedirect()):
            with trial.server(fault=fault) as server:
                must_raise(
                    LIVE,
                    listening.ask(server, LIVE),
                    ProviderResponseError,
                    ProviderRejectedError,
                    ProviderUnavailableError,
                    when=f"the server has no such thing ({fault})",
                    do="raise ProviderResponseError if what answers is not what you speak",
                    why="what has ended without a word is not listened to again, and nobody is told",
                )

    def test_live_with_a_wrong_key_is_rejected(self, trial: Trial) -> None:
        """HTTP 401 raises `ProviderRejectedError`."""
        listening = _listening(trial)
        with trial.server(fault=Refusal(status=401)) as server:
            must_raise(
                LIVE,
                listening.ask(server, LIVE),
                ProviderRejectedError,
                when="the server answers 401",
                do="raise ProviderRejectedError for the server's own 401: one with an empty body",
                why="the user has to act: asking again and again gets an address banned",
            )

    def test_live_is_worth_another_try(self, trial: Trial) -> None:
        """HTTP 503, a reset and a refused connection raise `ProviderUnavailableError`."""
        listening = _listening(trial)
        with trial.server() as server:
            outcomes = {}
            for fault in (ServerError(status=503), Reset()):
                server.fault = fault
                outcomes[str(fault)] = listening.ask(server, LIVE)
        outcomes["the connection is refused"] = listening.ask(server, LIVE)
        for when, outcome in outcomes.items():
            must_raise(
                LIVE,
                outcome,
                ProviderUnavailableError,
                when=when,
                do="raise ProviderUnavailableError; `raise … from None` keeps headers out of the traceback",
                why="it is the error after which it is tried again by itself",
            )

    def test_live_can_be_cancelled(self, trial: Trial) -> None:
        """`CancelledError` gets through at once."""
        listening = _listening(trial)
        with trial.server(fault=Latency(seconds=30)) as server:
            seconds = listening.run(server.url, cancelled(LIVE))
        require(
            seconds is not None and seconds < _AT_ONCE,
            "live(session, server) was cancelled, and went on",
            do="catch Exception, never BaseException, and let CancelledError through",
            why="the daemon could not be stopped",
        )

    def test_no_error_of_live_tells_the_key(self, trial: Trial) -> None:
        """No error of `live` has the API key in its text or its repr."""
        listening = _listening(trial)
        for fault in (None, Refusal(status=401), Refusal(status=404), ServerError(status=503), Reset()):
            with trial.server(fault=fault) as server:
                error = listening.ask(server, LIVE).error
            require(
                not shows_a_secret(trial, f"{error} {error!r}"),
                f"the {type(error).__name__} of live(session, server) tells the API key",
                do="say in your own words what happened, without headers and without the address's query",
                why="errors are shown on web pages, sent as notifications and pasted into forums",
            )


def _heard(trial: Trial) -> Heard:
    """All that comes from a hub that tells of one item and closes."""
    listening = _listening(trial)
    with trial.server(news=[News(trial.dialect.resource, "updated", {"id": 1})]) as server:
        heard: Heard = listening.get(server, _TO_THE_END)
    return heard


def _listening(trial: Trial) -> Trial:
    """The same with `live` where the API manager is otherwise: the call is then asked of its generator."""
    if trial.provider.live is None:
        pytest.skip("the provider does not listen")
    live: Any = trial.provider.live
    return replace(trial, provider=replace(trial.provider, api_manager=live))
