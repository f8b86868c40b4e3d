"""Answers that cannot be used, and some that look odd and can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trailarrd.plugin import (
    ProviderError,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
)
from trailarrd.testing.answers import Ending
from trailarrd.testing.asked import Phase
from trailarrd.testing.content_faults import BrokenJson, CompactJson, CutGzip, TrailingGarbage
from trailarrd.testing.contract.calls import LIBRARY
from trailarrd.testing.contract.long_list import SEVERAL, LongList, places
from trailarrd.testing.contract.odd_answers import AnotherShape, AnotherStatus
from trailarrd.testing.contract.verdict import must_raise, require
from trailarrd.testing.faults import Fault, LoginPage, Truncated

if TYPE_CHECKING:
    from collections.abc import Callable

    from trailarrd.testing.contract.trial import Trial

_UNUSABLE: Final = "raise ProviderResponseError"
_NOTHING_COUNTS: Final = (
    "batches count only if the generator then ends normally; an end without an error says that all has come,"
    " and what has not is taken for removed"
)
_REMOVED: Final = "what is not in the answer would be taken for removed"


class AnswerChecks:
    """Answers: truncated, compressed, in HTML, of another shape."""

    def test_half_an_answer_is_an_error(self, trial: Trial) -> None:
        """A body that ends early raises, wherever it does and however much was yielded before."""
        for at in (0.0, 0.5, 0.99):
            self._must_fail(
                trial,
                Truncated(at=at),
                ProviderResponseError,
                ProviderUnavailableError,
                when=f"the body ends after {at:.0%}",
            )
        self._must_fail_anywhere(trial, lambda at: Truncated(at=at), "the body ends")

    def test_a_connection_closed_early_is_an_error(self, trial: Trial) -> None:
        """A body whose connection is closed early raises, as the library is not whole."""
        self._must_fail(
            trial,
            Truncated(at=0.5, ending=Ending.CLOSED),
            ProviderUnavailableError,
            ProviderResponseError,
            when="the connection is closed half-way through the body",
        )
        closed = Ending.CLOSED
        self._must_fail_anywhere(
            trial, lambda at: Truncated(at=at, ending=closed), "the connection is closed", every=3
        )

    def test_half_a_compressed_answer_is_an_error(self, trial: Trial) -> None:
        """A compressed body that ends early raises."""
        self._must_fail(
            trial,
            CutGzip(),
            ProviderUnavailableError,
            ProviderResponseError,
            when="the gzip stream ends half-way",
        )
        # no later: what is compressed ends with a sum, and the JSON is complete before it
        self._must_fail_anywhere(
            trial, lambda at: CutGzip(at=0.9 * at), "the gzip stream ends about", every=3
        )

    def test_a_web_page_is_an_error(self, trial: Trial) -> None:
        """HTML with status 200 raises `ProviderResponseError` or `ProviderRejectedError`."""
        self._must_fail(
            trial,
            LoginPage(),
            ProviderResponseError,
            ProviderRejectedError,
            when="a login page answers with status 200",
        )

    def test_broken_json_is_an_error(self, trial: Trial) -> None:
        """Bytes that are no JSON, anywhere within it, raise `ProviderResponseError`."""
        self._must_fail(trial, BrokenJson(), ProviderResponseError, when="the JSON is broken in the middle")
        self._must_fail_anywhere(
            trial, lambda at: BrokenJson(at=at), "the JSON is broken", every=2, but=ProviderUnavailableError
        )

    def test_something_after_the_json_is_an_error(self, trial: Trial) -> None:
        """Something after the end of the JSON raises `ProviderResponseError`."""
        self._must_fail(trial, TrailingGarbage(), ProviderResponseError, when="HTML follows the JSON")
        with trial.server(LongList(trial), fault=TrailingGarbage(phase=Phase.LIST)) as server:
            must_raise(
                LIBRARY,
                trial.ask(server, LIBRARY),
                ProviderResponseError,
                when=f"HTML follows a list of {SEVERAL} items",
                do=_UNUSABLE,
                why=_NOTHING_COUNTS,
            )

    def test_json_of_another_shape_is_an_error(self, trial: Trial) -> None:
        """Where a list is expected, `{}`, `null`, a number or a string raises `ProviderResponseError`."""
        for value in ({}, {"error": "no database"}, None, 0, "nothing"):
            with trial.server(fault=AnotherShape(value=value, phase=Phase.LIST)) as server:
                must_raise(
                    LIBRARY,
                    trial.ask(server, LIBRARY),
                    ProviderResponseError,
                    when=f"the answer is {value!r} instead of a list",
                    do=_UNUSABLE,
                    why="it looks like an empty library: " + _REMOVED,
                )

    def test_another_status_than_200_is_an_error(self, trial: Trial) -> None:
        """HTTP 206, 203 or 300 with a good list raises an error of the contract: it may be a part of it."""
        for status in (203, 206, 300):
            with trial.server(fault=AnotherStatus(status=status, phase=Phase.LIST)) as server:
                must_raise(
                    LIBRARY,
                    trial.ask(server, LIBRARY),
                    ProviderError,
                    when=f"a list comes with status {status}",
                    do="take only 200 for an answer: no `if response.ok`, no raise_for_status() alone",
                    why="206 is a part, as a cache may have it: " + _REMOVED,
                )

    def test_compact_json_is_as_good(self, trial: Trial) -> None:
        """The same JSON without any white space gives the same library."""
        library = trial.library(20)
        with trial.server(library) as server:
            usual = trial.read(server)
            server.fault = CompactJson()
            compact = trial.read(server, when="only the white space of its JSON is gone")
        require(
            usual == compact,
            "the library is another one when its JSON has no white space",
            do="let a JSON decoder read the answer, not its lines",
            why="proxies and other versions of the server write JSON in another layout",
        )

    def _must_fail_anywhere(
        self,
        trial: Trial,
        fault_at: Callable[[float], Fault],
        what: str,
        *,
        every: int = 1,
        but: type[ProviderError] | None = None,
    ) -> None:
        """Break a list of several batches at every place, or at each so many-th and in its last item."""
        library = LongList(trial)
        found = list(places(trial, library))
        allowed = [kind for kind in (ProviderUnavailableError, ProviderResponseError) if kind is not but]
        with trial.server(library) as server:
            for place in dict.fromkeys([*found[::every], found[-2]]):
                server.fault = fault_at(place.at)
                must_raise(
                    LIBRARY,
                    trial.ask(server, LIBRARY),
                    *allowed,
                    when=f"{what} {place.what}, of {SEVERAL} items",
                    do="let what breaks off raise, however much was yielded before it",
                    why=_NOTHING_COUNTS,
                )

    def _must_fail(self, trial: Trial, fault: Fault, *allowed: type[ProviderError], when: str) -> None:
        with trial.server(trial.library(50), fault=fault) as server:
            for call in trial.calls:
                must_raise(call, trial.ask(server, call), *allowed, when=when, do=_UNUSABLE, why=_REMOVED)
