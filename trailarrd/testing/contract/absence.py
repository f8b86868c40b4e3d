"""Items that are gone for certain; skipped if the API manager cannot tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from trailarrd.plugin import AbsenceWitness
from trailarrd.testing.answers import document, empty, page
from trailarrd.testing.asked import Phase
from trailarrd.testing.contract.calls import Call
from trailarrd.testing.contract.verdict import require
from trailarrd.testing.dialects import NoSuchItem
from trailarrd.testing.faults import Fault

if TYPE_CHECKING:
    from trailarrd.testing.answers import Answer
    from trailarrd.testing.asked import Asked
    from trailarrd.testing.contract.trial import Trial

_MISSING: Final = 404
"""An id that a page of any web server names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _InFront(Fault):
    """Something in front of the server that answers for it."""

    instead: Answer

    def apply(self, _answer: Answer, _asked: Asked) -> Answer:
        return self.instead


_OTHERS: Final = (
    document({"message": "404 page not found"}, status=404),
    document({"error": "Not Found", "status": 404}, status=404),
    page("404 Not Found", status=404),
    empty(404),
)
"""What proxies say of a path that they do not know."""


def _absent(arr_id: int) -> Call:
    return Call(f"is_absent({arr_id})", Phase.ITEM, lambda api: _ask(api, arr_id))


async def _ask(api: Any, arr_id: int) -> object:
    return await api.is_absent(arr_id) if isinstance(api, AbsenceWitness) else None


class AbsenceChecks:
    """Absence: which answers say that an item is gone, and which only look so."""

    def test_an_item_that_is_gone_is_absent(self, trial: Trial) -> None:
        """`is_absent` is True for a 404 as the applications sign it, and False for an item that is there."""
        _witnesses(trial)
        for kind in NoSuchItem:
            signed = replace(trial, dialect=replace(trial.dialect, no_such_item=kind))
            with signed.server() as server:
                answers = signed.get(server, _absent(_MISSING)), signed.get(server, _absent(1))
            require(
                answers[1] is False and (answers[0] is True or kind is not trial.dialect.no_such_item),
                f"is_absent returned {answers} for an item that is gone and one that is there",
                do="take the 404 with the application's own sign for its word",
                why="an item that is there must stay, whatever somebody says",
            )

    def test_no_other_404_is_an_absence(self, trial: Trial) -> None:
        """`is_absent` is never True for a 404 that a proxy can give."""
        _witnesses(trial)
        for instead in _OTHERS:
            with trial.server(fault=_InFront(instead=instead)) as server:
                outcome = trial.ask(server, _absent(_MISSING))
            require(
                outcome.value is not True,
                f"is_absent {outcome} for a 404 that is not the application's: {instead.body()}",
                do="ask for a sign that only the application gives: its header, or the id in its own words",
                why="a proxy that is set up anew would remove items, one after the other",
            )


def _witnesses(trial: Trial) -> None:
    with trial.server() as server:
        if trial.ask(server, _absent(1)).value is None:
            pytest.skip("the API manager does not tell for certain that an item is gone")
