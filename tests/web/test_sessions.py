"""Signing in with a browser: what the cookie is, what it allows, and what another page cannot do with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from itertools import product
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from trailarrd.web.sessions import Sessions

if TYPE_CHECKING:
    from http.cookies import Morsel

    from tests.web.conftest import Answer, Client, Stage

OWN = {"X-Requested-With": "trailarrd", "Sec-Fetch-Site": "same-origin"}
REFRESH = "/api/v1/connections/movies/refresh"


def cookie_of(answer: Answer) -> Morsel[str]:
    return SimpleCookie(answer.headers["Set-Cookie"])["trailarrd_session"]


async def enter(client: Client, token: str, **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.ask("POST", "/login", data={"key": token}, allow_redirects=False, headers=told)


async def signed_in(client: Client, token: str) -> Client:
    value = cookie_of(await enter(client, token)).value
    return client.saying(Cookie=f"trailarrd_session={value}")


async def test_the_right_key_gives_a_cookie_that_no_script_and_no_other_site_can_use(
    stage: Stage, client: Client
) -> None:
    token = await stage.key()
    answer = await enter(client, token)
    cookie = cookie_of(answer)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (
        *(True, "Lax", "/", ""),
    )
    assert token not in answer.headers["Set-Cookie"]


async def test_behind_tls_the_cookie_never_leaves_it(stage: Stage, client: Client) -> None:
    answer = await enter(client, await stage.key(), X_Forwarded_Proto="https")
    assert cookie_of(answer)["secure"] is True


async def test_a_storm_of_wrong_keys_is_one_line_in_the_log_for_each_address(client: Client) -> None:
    with capture_logs() as logs:
        for number in range(5):
            assert (await enter(client, f"wrong{number}")).status == 401
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["http.wrong_key"]


async def test_a_wrong_key_is_told_so_and_gives_no_cookie(stage: Stage, client: Client) -> None:
    await stage.key()
    for wrong in ("trailarrd_wrong", "", "\N{SNOWMAN}"):
        answer = await enter(client, wrong)
        assert answer.status == 401
        assert b"There is no such API key." in answer.content
        assert "Set-Cookie" not in answer.headers


async def test_who_has_signed_in_may_what_the_key_may(stage: Stage, client: Client) -> None:
    keys = await stage.key(), await stage.key("reader", may_write=False)
    owner, reader = [await signed_in(client, key) for key in keys]
    assert (await owner.get("connections")).status == 200
    assert (await owner.ask("POST", REFRESH, headers=OWN)).status == 202
    assert (await reader.get("connections")).status == 200
    assert (await reader.ask("POST", REFRESH, headers=OWN)).status == 403


async def test_another_page_changes_nothing_with_the_cookie(
    stage: Stage, client: Client, subtests: pytest.Subtests
) -> None:
    owner = await signed_in(client, await stage.key())
    others: list[dict[str, str]] = [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site"},
        {**OWN, "X-Requested-With": "XMLHttpRequest"},
    ]
    for headers in others:
        with subtests.test(headers=headers):
            answer = await owner.ask("POST", REFRESH, headers=headers)
            assert answer.status == 403
            assert "only from trailarrd's own page" in answer.document["detail"]


async def test_a_session_ends_by_signing_out(stage: Stage, client: Client) -> None:
    owner = await signed_in(client, await stage.key())
    answer = await owner.ask("POST", "/logout", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert cookie_of(answer)["max-age"] == "0"
    assert (await owner.get("connections")).status == 401


async def test_a_session_ends_with_its_key(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.web.authentication._AGE", 0.0)
    owner = await signed_in(client, await stage.key())
    await stage.key("another")
    await stage.daemon.store.revoke_api_key("test")
    assert (await owner.get("connections")).status == 401


async def test_below_a_base_path_the_cookie_is_for_that_path(stage: Stage) -> None:
    token = await stage.key()
    async with stage.client(base_path="/trailarrd") as client:
        answer = await client.ask("POST", "/trailarrd/login", data={"key": token}, allow_redirects=False)
    assert (answer.headers["Location"], cookie_of(answer)["path"]) == ("/trailarrd/", "/trailarrd")


async def test_whoever_signed_in_is_known_after_a_restart(stage: Stage, client: Client) -> None:
    cookie = cookie_of(await enter(client, await stage.key())).value
    async with stage.client(rate_limit=0) as restarted:
        again = restarted.saying(Cookie=f"trailarrd_session={cookie}")
        assert (await again.get("connections")).status == 200


async def test_the_database_holds_nothing_that_a_browser_shows(stage: Stage, client: Client) -> None:
    cookie = cookie_of(await enter(client, await stage.key(), User_Agent="Browser/1")).value
    ((digest, browser),) = stage.household.database.sql("SELECT digest, browser FROM sessions")
    assert (len(digest), browser) == (64, "Browser/1")
    files = [file.read_bytes() for file in stage.household.home.rglob("*.db*") if file.is_file()]
    assert not any(cookie.encode() in content for content in files)


async def test_a_session_that_nobody_uses_ends_after_a_month(stage: Stage) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]

    async def key_of(token: str) -> str | None:
        return await Sessions(stage.daemon.store, lambda: now[0]).key(token)

    token = await Sessions(stage.daemon.store, lambda: now[0]).open("digest", "Browser/1")
    for days, key in ((29, "digest"), (29, "digest"), (31, None)):
        now[0] += timedelta(days=days)
        assert await key_of(token) == key


async def test_of_too_many_sessions_the_one_that_was_idle_longest_ends(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailarrd.web.sessions._MOST", 2)
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    sessions = Sessions(stage.daemon.store, lambda: now[0])
    first, second = [await sessions.open(name, "") for name in ("first", "second")]
    now[0] += timedelta(hours=2)
    assert await sessions.key(first) == "first"
    third = await sessions.open("third", "")
    assert [await sessions.key(token) for token in (first, second, third)] == ["first", None, "third"]


FROM_WHERE: list[tuple[dict[str, str], bool]] = [
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://nas:7979", "Host": "nas:7979"}, True),
    ({"Origin": "https://nas", "Host": "inner:80", "X-Forwarded-Host": "nas"}, True),
    ({"Origin": "http://nas:7979", "Host": "nas"}, True),
    ({"Origin": "http://nas:7979", "Host": "other:7979"}, False),
]
"""Headers, and whether who sends them is let in."""


async def test_another_site_signs_nobody_in_nor_out(
    stage: Stage, client: Client, subtests: pytest.Subtests
) -> None:
    data = {"key": await stage.key()}
    for (headers, is_let_in), path in product(FROM_WHERE, ("/login", "/logout")):
        with subtests.test(path=path, headers=headers):
            answer = await client.ask("POST", path, data=data, headers=headers, allow_redirects=False)
            assert answer.status == (303 if is_let_in else 403)


async def test_signing_in_goes_on_where_it_was_asked_for_and_nowhere_else(
    stage: Stage, client: Client, subtests: pytest.Subtests
) -> None:
    key = await stage.key()
    for next_, location in (
        ("/media?q=a&page=2", "/media?q=a&page=2"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: a=b", "/"),
        ("/logout", "/"),
    ):
        with subtests.test(next=next_):
            data = {"key": key, "next": next_}
            answer = await client.ask("POST", "/login", data=data, allow_redirects=False)
            assert answer.headers["Location"] == location
