"""What the server tells while it happens; skipped if the provider does not listen."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote_plus

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
from trailarrd.testing.contract.trial import KEY
from trailarrd.testing.contract.verdict import must_raise, require
from trailarrd.testing.faults import Latency, LoginPage, LoginRedirect, Refusal, Reset, ServerError
from trailarrd.testing.hub import NOISE, News, command

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from trailarrd.testing.contract.trial import Trial

_AT_ONCE: Final = 3.0
_SOON: Final = 10.0
"""Seconds in which a listener has noticed that its hub closed: longer, and it goes back to it for ever."""
_A_MOMENT: Final = 0.05


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
            do=f"read messages whose name is {trial.dialect.resource!r}, and the id in their resource; pass"
            " over all others, such as the first, which tells the version and has no action",
            why="the core asks again for exactly the items that are named",
        )

    def test_a_deleted_item_is_told_apart(self, trial: Trial) -> None:
        """An item that is deleted is named, and one that is updated is never called deleted."""
        resource = trial.dialect.resource
        hints = _hints(trial, News(resource, "deleted", {"id": 1}), News(resource, "updated", {"id": 2}))
        named = any(1 in one.arr_ids or one.whole for one in hints)
        wrong = [one for one in hints if one.deleted and 1 not in one.arr_ids]
        require(
            named and not wrong,
            f"the hub told that item 1 was deleted and item 2 updated; what came was {hints}",
            do="set deleted where the action is 'deleted', and only there",
            why="an item that is called deleted is removed as soon as its server confirms it",
        )

    def test_noise_asks_for_nothing(self, trial: Trial) -> None:
        """What a hub tells of queue, health and tasks gives no hint."""
        hints = _hints(trial, *NOISE)
        require(
            not [one for one in hints if one.whole or one.arr_ids],
            f"queue, health and tasks were told of; what came was {hints}",
            do="read the messages of items and of their parts, and pass over all others",
            why="they come all day, and each would ask for the whole library",
        )

    def test_a_deleted_part_ends_nothing(self, trial: Trial) -> None:
        """A deleted part, with 0 for its item's id, is passed over or `whole`, and what follows is read."""
        resource = trial.dialect.resource
        parts = {f"{resource}file": f"{resource}Id", **getattr(trial.provider.live, "parts", {})}
        told = [News(name, "deleted", {"id": 9, field: 0}) for name, field in parts.items()]
        hints = _hints(trial, *told, News(resource, "updated", {"id": 1}))
        require(
            any(1 in one.arr_ids or one.whole for one in hints),
            f"{sorted(parts)} 9 was deleted, and item 1 updated; what came was {hints}",
            do="pass over an id that is not 1 or greater",
            why="the servers do not say any more to which item a deleted part belonged",
        )

    def test_a_command_that_ended_names_its_items(self, trial: Trial) -> None:
        """A command that completed or failed gives a hint that names its items, or is `whole`."""
        resource = trial.dialect.resource
        one, many = {f"{resource}Id": 1}, {f"{resource}Ids": [1]}
        for news in (command("Rescan", one), command("Refresh", many), command("Move", one, "failed")):
            hints = _hints(trial, news)
            require(
                any(1 in hint.arr_ids or hint.whole for hint in hints),
                f"a command ended that was about item 1 ({news.resource}); what came was {hints}",
                do="read the messages named 'command': their status, and the ids in their resource's body",
                why="a trailer that somebody put into a folder changes nothing for the server but this",
            )

    def test_a_command_without_items_ends_nothing(self, trial: Trial) -> None:
        """A command that has begun, or whose list of items is null or empty, is passed over or `whole`."""
        resource = trial.dialect.resource
        told = (
            command("Refresh", {f"{resource}Ids": None}),
            command("Refresh", {f"{resource}Ids": []}),
            command("Rescan", {f"{resource}Id": 2}, "started"),
        )
        hints = _hints(trial, *told, News(resource, "updated", {"id": 1}))
        require(
            any(1 in one.arr_ids or one.whole for one in hints),
            f"commands without items ended, and item 1 was updated; what came was {hints}",
            do="take a list that is null for an empty one",
            why="the commands of every night look so",
        )

    def test_what_is_told_again_is_heard_again(self, trial: Trial) -> None:
        """A message that comes twice ends nothing, and the same one later is heard anew."""
        resource = trial.dialect.resource
        first, gone = News(resource, "updated", {"id": 1}), News(resource, "deleted", {"id": 2})
        ended = command("Rescan", {f"{resource}Id": 3})
        hints = _hints(trial, first, first, gone, gone, ended, ended, first)
        heard = [one for one in hints if one.arr_ids or one.whole]
        require(
            any(2 in one.arr_ids or one.whole for one in heard)
            and (1 in heard[-1].arr_ids or heard[-1].whole),
            f"items 1, 2, 3 were told of, twice each, and then 1 again; what came was {hints}",
            do="remember nothing of what was told: the core asks once for what is named twice",
            why="servers send doubles all day, and one of them is the next change",
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

    def test_live_leaves_nothing_running(self, trial: Trial) -> None:
        """A listener that is cancelled, or closed, has ended: no task of it goes on."""
        listening = _listening(trial)
        with trial.server(news=(News(trial.dialect.resource, "updated", {"id": 1}),)) as server:

            async def then_looked(live: Any, _session: ClientSession) -> int:
                await _first(live)
                await asyncio.sleep(_A_MOMENT)
                return len(asyncio.all_tasks()) - 1

            left = listening.run(server.url, then_looked)
        require(
            not left,
            f"live(session, server) was closed after its first hint, and {left} tasks of it go on",
            do="end in `finally` what you began: task.cancel()",
            why="it is begun anew whenever the hub was lost, and a little more of it is there each time",
        )

    def test_the_key_of_live_is_in_no_address(self, trial: Trial) -> None:
        """No address that `live` asks has the API key in it."""
        listening = _listening(trial)
        with trial.server(news=(News(trial.dialect.resource, "updated", {"id": 1}),)) as server:
            listening.ask(server, _TO_THE_END)
        told = [request.path for request in server.requests if KEY in unquote_plus(request.target)]
        require(
            not told,
            f"the request to {', '.join(told)} has the API key in its address",
            do="send it as a header: no access_token=, no apikey=",
            why="addresses are written down in the logs of servers and proxies, and in error messages",
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


def _hints(trial: Trial, *news: News) -> list[WebhookHint]:
    """What comes from a hub that tells this, but for its first hint."""
    return [one for one in _heard(trial, *news).hints[1:] if isinstance(one, WebhookHint)]


def _heard(trial: Trial, *news: News) -> Heard:
    """All that comes from a hub that tells this, or of one item, and closes."""
    listening = _listening(trial)
    told = news or (News(trial.dialect.resource, "updated", {"id": 1}),)
    with trial.server(news=told) as server:
        outcome = listening.ask(server, _TO_THE_END, within=_SOON)
    return outcome.value if isinstance(outcome.value, Heard) else Heard([], outcome)


def _listening(trial: Trial) -> Trial:
    """The same with `live` where the API manager is otherwise: the call is then asked of its generator."""
    if trial.provider.live is None:
        pytest.skip("the provider does not listen")
    live: Any = trial.provider.live
    return replace(trial, provider=replace(trial.provider, api_manager=live))
