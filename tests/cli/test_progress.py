"""A sign of life on terminals while something takes long, of which nothing is left."""

from __future__ import annotations

import io
import sys
import time
from contextlib import suppress

import pytest

from trailarrd.cli.progress import working


class Stream(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize("is_terminal", [True, False])
def test_it_is_said_what_goes_on_and_cleared_away(monkeypatch: pytest.MonkeyPatch, is_terminal: bool) -> None:
    monkeypatch.setattr(sys, "stderr", stream := Stream(is_terminal=is_terminal))
    with suppress(ZeroDivisionError), working("looking", after=0.01):
        time.sleep(0.1)
        raise ZeroDivisionError
    said = stream.getvalue()
    assert said.startswith("\r\x1b[Klooking … 0 s") is is_terminal
    assert said.endswith("\r\x1b[K") is is_terminal


def test_what_is_quick_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream := Stream(is_terminal=True))
    with working("looking"):
        pass
    assert stream.getvalue() == "\r\x1b[K"
