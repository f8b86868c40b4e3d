"""Signing in with a browser: what the cookie is, what it allows, and what another page cannot do with it."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from trailarrd.web.authentication import Sessions

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
        *(True, "Strict", "/", ""),
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


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site"},
        {**OWN, "X-Requested-With": "XMLHttpRequest"},
    ],
)
async def test_another_page_changes_nothing_with_the_cookie(
    stage: Stage, client: Client, headers: dict[str, str]
) -> None:
    owner = await signed_in(client, await stage.key())
    answer = await owner.ask("POST", REFRESH, headers=headers)
    assert answer.status == 403
    assert "only from trailarrd's own page" in answer.document["detail"]


async def test_another_site_signs_nobody_in(stage: Stage, client: Client) -> None:
    answer = await enter(client, await stage.key(), Sec_Fetch_Site="cross-site")
    assert answer.status == 403


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


def test_a_session_that_nobody_uses_ends_after_a_month() -> None:
    now = [0.0]
    sessions = Sessions(clock=lambda: now[0])
    token = sessions.open("digest")
    now[0] = 29 * 86400
    assert sessions.key(token) == "digest"
    now[0] += 29 * 86400
    assert sessions.key(token) == "digest"
    now[0] += 31 * 86400
    assert sessions.key(token) is None


def test_of_too_many_sessions_the_one_that_was_idle_longest_ends() -> None:
    sessions = Sessions()
    first, second = sessions.open("first"), sessions.open("second")
    assert sessions.key(first) == "first"
    for _ in range(999):
        sessions.open("more")
    assert (sessions.key(second), sessions.key(first)) == (None, "first")
