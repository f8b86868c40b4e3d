"""The kit catches what it is for: every check has a mistake that it catches, and a good provider passes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.depth import IS_DEEP
from tests.testing.contract.mutants import (
    access,
    answers,
    facts,
    failures,
    host,
    library,
    live,
    loop,
    parser,
    records,
    registration,
    repetition,
    requests,
    secrets,
    size,
    webhooks,
)
from tests.testing.contract.mutants.healthy import BOOKARR, EVENTS, HEALTHY, SHORT, trial_of
from trailarrd.testing.contract import ProviderContract

READING = (access, requests, failures, answers, library, size, repetition, records, parser, facts)
MODULES = (*READING, webhooks, registration, live, secrets, loop, host)
MISTAKES = [mistake for module in MODULES for mistake in module.mistakes.all]
CAUGHT_BY = [(mistake, check) for mistake in MISTAKES for check in mistake.checks]
BY_OTHERS = pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: first-party plugins show the same")
CHECKS = {name for name in dir(ProviderContract) if name.startswith("test_")}


@pytest.fixture(autouse=True)
def _a_tenth_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what a parser may think about one record: the mistake thinks a little longer."""
    monkeypatch.setattr("trailarrd.testing.contract.parser._SLOW", 0.2)


@pytest.mark.usefixtures("left_tidy")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("mistake", "check"), CAUGHT_BY, ids=str)
def test_a_mistake_is_caught_by_the_check_that_is_meant_for_it(mistake: Any, check: str) -> None:
    with pytest.raises(pytest.fail.Exception) as caught:
        getattr(ProviderContract(), check)(trial_of(mistake.provider))
    happened, do, why = str(caught.value).strip().split("\n  ")
    assert happened.strip()
    assert do.startswith("what to do:  ")
    assert why.startswith("why:         ")
    assert mistake.says in f"{happened} {do}"


def test_every_check_catches_a_mistake() -> None:
    assert {check for _, check in CAUGHT_BY} == CHECKS


def test_there_are_as_many_checks_and_mistakes_as_were_promised() -> None:
    assert len(CHECKS) >= 150
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) >= 200


class TestBookarr(ProviderContract):
    """A stranger's provider with which nothing is wrong passes every check, written by hand or not."""

    @pytest.fixture(
        params=[HEALTHY, pytest.param(SHORT, marks=[pytest.mark.deep, BY_OTHERS])],
        ids=["by hand", "by ArrApiManager"],
    )
    def provider(self, request: pytest.FixtureRequest) -> Any:
        return request.param

    @pytest.fixture
    def dialect(self) -> Any:
        return BOOKARR

    @pytest.fixture
    def events(self) -> Any:
        return EVENTS
