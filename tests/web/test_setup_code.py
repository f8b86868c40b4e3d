"""The code of a first start: long, once, for half an hour, in five tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from structlog.testing import capture_logs

from trailarrd.web.setup.code import SetupCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def codes(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(line["code"]) for line in logs if line["event"] == "setup.code"]


def test_it_lets_one_browser_in_and_is_good_for_nothing_then() -> None:
    with capture_logs() as logs:
        code = SetupCode(Clock())
        code.renew()
        (text,) = codes(logs)
        assert len(text.replace("-", "")) * 5 >= 64
        token = code.admit(f" {text.lower()} ")
        assert token
        assert code.knows(token)
        assert not code.knows("")
        assert code.admit(text) is None
        assert len(codes(logs)) == 2, "for the next browser there is another"


def test_after_five_tries_or_half_an_hour_there_is_another() -> None:
    clock = Clock()
    with capture_logs() as logs:
        code = SetupCode(clock)
        code.renew()
        for _ in range(5):
            assert code.admit("WRONG") is None
        assert len(set(codes(logs))) == 2
        assert code.admit(codes(logs)[0]) is None
        clock.now += 1800
        assert code.admit(codes(logs)[1]) is None
        assert code.admit(codes(logs)[2])
