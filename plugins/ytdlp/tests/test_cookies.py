"""Cookies: their shape, when they end and how old they are, and nothing of what they say."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from trailarrd_ytdlp.cookies import OLD, lacks, remember

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "# Netscape HTTP Cookie File\n"
DAY = 86_400


def cookie(days: float, name: str = "SID") -> str:
    """One that ends so many days from now; at 0 with its browser."""
    until = int(time.time() + days * DAY) if days else 0
    return f"#HttpOnly_.youtube.com\tTRUE\t/\tTRUE\t{until}\t{name}\thush\n"


@pytest.mark.parametrize(
    ("text", "fact", "blocking"),
    [
        ('[{"name": "SID"}]', "the cookies are not of Netscape's form", True),
        (HEAD, "there is no cookie among the cookies", True),
        (HEAD + cookie(-1), "all of the cookies have expired", True),
        (HEAD + cookie(1), "the last of the cookies expires within a week", False),
        (HEAD + cookie(-1) + cookie(90, "PREF"), None, None),
        (HEAD + cookie(0), None, None),
    ],
    ids=["JSON", "none", "expired", "soon", "one that lives", "of a session"],
)
def test_cookies_are_looked_at(text: str, fact: str | None, blocking: bool | None, tmp_path: Path) -> None:
    found = list(lacks(SecretStr(text.strip()), tmp_path))
    assert [(lack.fact, lack.blocking) for lack in found] == ([(fact, blocking)] if fact else [])
    assert "hush" not in str(found)


def test_no_cookies_are_no_trouble(tmp_path: Path) -> None:
    assert list(lacks(None, tmp_path)) == []


def test_their_age_counts_from_when_they_were_seen_first(tmp_path: Path) -> None:
    cookies, state = SecretStr(HEAD + cookie(300)), tmp_path / "state"
    remember(cookies, state)
    remember(cookies, state)
    assert list(lacks(cookies, state)) == []
    noted = json.loads((state / "cookies.json").read_text())
    noted["since"] -= (OLD + 1) * DAY
    (state / "cookies.json").write_text(json.dumps(noted))
    remember(cookies, state)
    assert [lack.fact for lack in lacks(cookies, state)] == ["the cookies are 181 days old"]
    other = SecretStr(HEAD + cookie(301))
    remember(other, state)
    assert list(lacks(other, state)) == []
    assert "hush" not in (state / "cookies.json").read_text()
