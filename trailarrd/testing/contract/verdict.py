"""How a check says that something is wrong: what happened, what to do, and why it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from trailarrd.plugin import ProviderError
    from trailarrd.testing.contract.calls import Call, Outcome


def fail(happened: str, *, do: str, why: str) -> NoReturn:
    """End the check; what the author reads is these three sentences and no traceback of the kit."""
    pytest.fail(f"{happened}\n\n  what to do:  {do}\n  why:         {why}\n", pytrace=False)


def require(holds: object, happened: str, *, do: str, why: str) -> None:
    """Go on if it holds."""
    if not holds:
        fail(happened, do=do, why=why)


def must_raise(
    call: Call, outcome: Outcome, *allowed: type[ProviderError], when: str, do: str, why: str
) -> None:
    """Go on if the call ended with one of these errors."""
    if not isinstance(outcome.error, allowed):
        names = " or ".join(error.__name__ for error in allowed)
        fail(f"{call} {outcome}, when {when}: it must raise {names}", do=do, why=why)
