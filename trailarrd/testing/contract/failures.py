"""Servers that do not answer, or say that they cannot."""

from typing import Any, Final, cast

from aiohttp import ClientSession

from trailarrd.plugin import (
    ApiManager,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    Timeouts,
)
from trailarrd.testing.asked import Phase
from trailarrd.testing.contract.calls import ITEM, LIBRARY, Outcome
from trailarrd.testing.contract.long_list import SEVERAL, LongList, places
from trailarrd.testing.contract.measure import longest_timer_of
from trailarrd.testing.contract.odd_answers import Trickle
from trailarrd.testing.contract.trial import HASTY, Trial
from trailarrd.testing.contract.verdict import must_raise, require
from trailarrd.testing.faults import Fault, Latency, LoginPage, Refusal, Reset, ServerError, Stall
from trailarrd.testing.library import SimulatedLibrary

_TRY_LATER: Final = "raise ProviderUnavailableError; `raise … from None` keeps headers out of the traceback"
_RETRIED: Final = "it is the error that is tried again by itself, without bothering the user"
_LATE: Final = 4.0
"""Seconds in which a time-out of 0.3 s must have ended a call, on the slowest machine."""

_BRISK: Final = Timeouts(connect=0.5, first_byte=0.5, stall=0.5)
_PAUSE: Final = 0.1
_PARTS: Final = 18
"""With the pauses between them they take longer than all three time-outs."""
_ATTEMPTS: Final = 3
"""A machine may be busy for longer than a pause; a total runs out each time."""


class FailureChecks:
    """Failures: statuses, time-outs, lost connections."""

    def test_no_such_api_is_no_empty_library(self, trial: Trial) -> None:
        """HTTP 404 raises `ProviderResponseError` or `ProviderRejectedError`; it is never an empty list."""
        with trial.server(fault=Refusal(status=404)) as server:
            for call in trial.calls:
                must_raise(
                    call,
                    trial.ask(server, call),
                    ProviderResponseError,
                    ProviderRejectedError,
                    when="the server answers 404 without any JSON",
                    do="raise ProviderResponseError; only media() may return None, if the server says so",
                    why="a wrong URL base answers 404: items would be taken for removed",
                )

    def test_a_server_error_is_worth_another_try(self, trial: Trial) -> None:
        """HTTP 500, 502, 503 and 504 raise `ProviderUnavailableError` from every method."""
        for status in (500, 502, 503, 504):
            self._must_be_unavailable(trial, ServerError(status=status), f"the server answers {status}")

    def test_too_many_requests_is_worth_another_try(self, trial: Trial) -> None:
        """HTTP 429 raises `ProviderUnavailableError`."""
        self._must_be_unavailable(trial, Refusal(status=429), "the server answers 429")

    def test_retry_after_is_passed_on(self, trial: Trial) -> None:
        """HTTP 503 with `Retry-After: 7` raises `ProviderUnavailableError` with `retry_after` 7."""
        with trial.server(fault=ServerError(status=503, retry_after="7")) as server:
            for call in trial.calls:
                outcome = trial.ask(server, call)
                told = getattr(outcome.error, "retry_after", None)
                require(
                    isinstance(outcome.error, ProviderUnavailableError) and told == 7,
                    f"the server says 503 and Retry-After: 7, and {call} {outcome}, retry_after {told}",
                    do="raise ProviderUnavailableError(message, retry_after=seconds)",
                    why="the server knows how long it needs; asking earlier makes that longer",
                )

    def test_a_retry_after_that_is_a_date_does_no_harm(self, trial: Trial) -> None:
        """HTTP 503 with a date in `Retry-After` raises `ProviderUnavailableError` as well."""
        fault = ServerError(status=503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
        self._must_be_unavailable(trial, fault, "the server answers 503 with a date in Retry-After")

    def test_every_error_says_what_happened(self, trial: Trial) -> None:
        """No error of the contract is without words, a time-out's neither."""
        silent = [Latency(seconds=120), Reset(), Refusal(), Refusal(status=404), ServerError(), LoginPage()]
        with trial.server() as server:
            for fault in silent:
                server.fault = fault
                for call in trial.calls:
                    error = trial.ask(server, call, timeouts=HASTY, within=_LATE).error
                    require(
                        error is None or str(error).strip(),
                        f"{call} raised a {type(error).__name__} without a word, with {fault}",
                        do="write what happened and what the user can do; str() of a TimeoutError is empty",
                        why="it is all that `trailarrd connections` can show to the user",
                    )

    def test_a_slow_answer_ends_in_time(self, trial: Trial) -> None:
        """A server that never begins to answer is given up after `timeouts.first_byte` seconds."""
        self._must_end_in_time(trial, Latency(seconds=120), "the server does not begin to answer")

    def test_an_answer_that_stands_still_ends_in_time(self, trial: Trial) -> None:
        """An answer that stops, in any batch, is given up after `timeouts.stall` seconds."""
        library = LongList(trial)
        before, _, _, border, *_, within_the_last, _ = places(trial, library)
        for place in (before, border, within_the_last):
            fault = Stall(seconds=120, at=place.at, phase=Phase.LIST)
            self._must_end_in_time(
                trial, fault, f"the answer stops {place.what}, of {SEVERAL} items", library
            )

    def test_an_answer_that_trickles_is_read_to_its_end(self, trial: Trial) -> None:
        """A list that takes longer than all time-outs together, and never stands still, comes whole."""
        fault = Trickle(seconds=_PAUSE, parts=_PARTS, phase=Phase.LIST)
        with trial.server(LongList(trial, _PARTS * 10), fault=fault) as server:
            outcome = Outcome()
            for _ in range(_ATTEMPTS):
                outcome = trial.ask(server, LIBRARY, timeouts=_BRISK)
                if outcome.error is None:
                    break
        require(
            outcome.error is None and len(cast("list[object]", outcome.value)) == _PARTS * 10,
            f"a list came for {_PARTS * _PAUSE:.1f} s, never standing still for the {_BRISK.stall:g} s of"
            f" timeouts.stall, and all_media() {outcome}",
            do="bound the wait for each piece, not all of them: no ClientTimeout(total=…), no asyncio.timeout"
            " around the whole list",
            why="a large library from a slow server takes minutes, and would never be read to its end",
        )

    def test_no_list_is_bounded_as_a_whole(self, trial: Trial) -> None:
        """While a list arrives piece by piece, no timer runs that was set before its first piece."""
        fault = Trickle(seconds=_PAUSE, parts=_PARTS // 2, phase=Phase.LIST)
        with trial.server(LongList(trial, _PARTS * 10), fault=fault) as server:

            async def timed(api: ApiManager[Any], _session: ClientSession) -> bool:
                work = LIBRARY.ask(api)
                return (await longest_timer_of(work, early=_PAUSE, late=_PAUSE * _PARTS / 3))[1]

            bounded = all(trial.run(server.url, timed) for _ in range(_ATTEMPTS))
        require(
            not bounded,
            "a time-out is set when the list is asked for, and still runs when half of it has come",
            do="begin a new asyncio.timeout(server.timeouts.stall) for each piece, and none around them",
            why="a large library from a slow server takes minutes, and would never be read to its end",
        )

    def test_a_refused_connection_is_worth_another_try(self, trial: Trial) -> None:
        """No server at the address raises `ProviderUnavailableError` from every method."""
        with trial.server() as server:
            pass
        for call in trial.calls:
            must_raise(
                call,
                trial.ask(server, call),
                ProviderUnavailableError,
                when="the connection is refused",
                do=_TRY_LATER,
                why=_RETRIED,
            )

    def test_a_reset_connection_is_worth_another_try(self, trial: Trial) -> None:
        """A connection that is reset before the answer raises `ProviderUnavailableError`."""
        self._must_be_unavailable(trial, Reset(), "the connection is reset")

    def test_a_connection_lost_within_the_list_is_worth_another_try(self, trial: Trial) -> None:
        """A connection that is reset within the list raises `ProviderUnavailableError`, in any batch."""
        library = LongList(trial)
        found = list(places(trial, library))
        with trial.server(library) as server:
            for place in dict.fromkeys([*found[::3], found[-2]]):
                server.fault = Reset(at=place.at, phase=Phase.LIST)
                must_raise(
                    LIBRARY,
                    trial.ask(server, LIBRARY),
                    ProviderUnavailableError,
                    when=f"the connection is reset {place.what}, of {SEVERAL} items",
                    do=_TRY_LATER,
                    why="what has not arrived would be taken for removed, however much has been yielded",
                )

    def test_an_item_that_cannot_be_asked_for_is_not_gone(self, trial: Trial) -> None:
        """`media` raises if it cannot know, and does not return None."""
        for fault in (ServerError(status=502), Refusal(status=404), Refusal(status=403), Reset()):
            with trial.server(fault=fault) as server:
                outcome = trial.ask(server, ITEM)
            require(
                outcome.error is not None,
                f"media(1) {outcome}, when the server does this: {fault}",
                do="return None only if the application itself says 404 in JSON, and raise otherwise",
                why="None means that the server has removed the item",
            )

    def _must_be_unavailable(self, trial: Trial, fault: Fault, when: str) -> None:
        with trial.server(fault=fault) as server:
            for call in trial.calls:
                must_raise(
                    call,
                    trial.ask(server, call),
                    ProviderUnavailableError,
                    when=when,
                    do=_TRY_LATER,
                    why=_RETRIED,
                )

    def _must_end_in_time(
        self, trial: Trial, fault: Fault, when: str, library: SimulatedLibrary | None = None
    ) -> None:
        calls = [call for call in trial.calls if fault.phase in (None, call.phase)]
        with trial.server(library, fault=fault) as server:
            for call in calls:
                outcome = trial.ask(server, call, timeouts=HASTY, within=_LATE)
                must_raise(call, outcome, ProviderUnavailableError, when=when, do=_TRY_LATER, why=_RETRIED)
