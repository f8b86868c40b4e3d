"""What holds for every request, whatever it asks for."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage


async def test_every_answer_tells_browsers_what_not_to_do_with_it(client: Client) -> None:
    for path in ("version", "no/such/route", "connections/nobody"):
        headers = (await client.get(path)).headers
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Server"] == "trailarrd"
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "no/such/route", 404), ("GET", "connections/nobody", 404), ("DELETE", "version", 405)],
)
async def test_what_cannot_be_answered_is_a_problem_document(
    method: str, path: str, status: int, owner: Client
) -> None:
    answer = await owner.ask(method, path)
    assert (answer.status, answer.document["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.document) == {"type", "title", "status", "detail", "errors"}


async def test_a_method_that_a_route_does_not_have_is_told_which_it_has(owner: Client) -> None:
    assert (await owner.ask("DELETE", "version")).headers["Allow"] == "GET,HEAD"


async def test_head_answers_as_get_does_but_for_the_content(client: Client) -> None:
    answer, whole = await client.ask("HEAD", "connections"), await client.get("connections")
    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(whole.content))


async def test_a_body_that_is_too_large_is_refused(owner: Client) -> None:
    answer = await owner.ask("POST", "connections/movies/trust", data=io.BytesIO(b"x" * (2**20 + 1)))
    assert answer.status == 413
    assert answer.document["title"] == "Request Entity Too Large"


async def test_a_body_where_none_belongs_is_refused(owner: Client) -> None:
    answer = await owner.post("connections/movies/trust", {"a": 1})
    assert (answer.status, answer.document["detail"]) == (400, "this route takes no body")


async def test_a_parameter_that_means_nothing_is_refused_rather_than_ignored(client: Client) -> None:
    answer = await client.get("version", colour="red")
    assert (answer.status, answer.document["errors"]) == (
        422,
        [{"where": "query.colour", "message": "unknown parameter; known: none"}],
    )


async def test_who_asks_too_often_is_told_when_to_come_back(stage: Stage) -> None:
    async with stage.client(rate_limit=1) as client:
        answers = [await client.get("version") for _ in range(4)]
        began = time.monotonic()
        refused = await client.get("version")
    assert [answer.status for answer in answers] == [200] * 4
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert time.monotonic() - began >= 0.5, "so that a flood costs little"


async def test_behind_a_trusted_proxy_each_client_is_limited_by_itself(stage: Stage) -> None:
    token = await stage.key()
    async with stage.client(rate_limit=1, trusted_proxies=["127.0.0.1"]) as client:
        known = client.knowing(token)
        first = [(await known.saying(X_Forwarded_For="1.1.1.1").get("version")).status for _ in range(5)]
        other = (await known.saying(X_Forwarded_For="2.2.2.2").get("version")).status
    assert (first[-1], other) == (429, 200)


async def test_a_proxy_that_is_not_trusted_cannot_make_many_clients_of_one(stage: Stage) -> None:
    token = await stage.key()
    async with stage.client(rate_limit=1) as client:
        known = client.knowing(token)
        statuses = [
            (await known.saying(X_Forwarded_For=f"1.1.1.{number}").get("version")).status
            for number in range(5)
        ]
    assert statuses[-1] == 429


async def test_below_a_base_path_everything_is_there_and_nowhere_else(stage: Stage) -> None:
    async with stage.client(base_path="/trailarrd") as client:
        assert (await client.get("/trailarrd/api/v1/version")).status == 200
        assert (await client.get("/api/v1/version")).status == 404
        document = (await client.get("/trailarrd/api/v1/openapi.json")).document
    assert document["servers"] == [{"url": "/trailarrd/api/v1"}]


async def test_who_has_an_answer_already_is_told_only_that(client: Client) -> None:
    client = client.saying(Accept_Encoding="identity")
    first = await client.get("connections")
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.saying(If_None_Match=known).get("connections")
        assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert (await client.saying(If_None_Match='"other"').get("connections")).status == 200


async def test_what_is_packed_has_the_tag_weakly_and_is_known_by_it(client: Client) -> None:
    tag = (await client.get("connections")).headers["ETag"]
    assert tag.startswith("W/")
    assert (await client.saying(If_None_Match=tag).get("connections")).status == 304


async def test_an_answer_that_changed_has_another_tag(stage: Stage, client: Client) -> None:
    before = (await client.get("connections")).headers["ETag"]
    stage.household.movies.add("Delta", 2004)
    await stage.refresh()
    answer = await client.saying(If_None_Match=before).get("connections")
    assert (answer.status, answer.headers["ETag"] != before) == (200, True)


async def test_a_database_in_trouble_is_told_as_such_and_not_as_an_empty_one(
    stage: Stage, client: Client
) -> None:
    await client.get("version")  # who may ask is known by now
    stage.household.database.sql("ALTER TABLE connections RENAME TO gone")
    answer = await client.get("connections")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "trailarrd.db" in answer.document["detail"]
    stage.household.database.sql("ALTER TABLE gone RENAME TO connections")


DEEP = b'{"ids": ' + b"[" * 900 + b"]" * 900 + b"}"
LONG = "9" * 5000


NEVER_SENT: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "multipart": (
        *("POST", "/login"),
        {"headers": {"Content-Type": "multipart/form-data; boundary=x"}, "data": b"--x"},
        401,
    ),
    "unknown charset": (
        *("POST", "/login"),
        {"headers": {"Content-Type": "text/plain; charset=odd"}, "data": b"key=a"},
        401,
    ),
    "no UTF-8": ("POST", "/login", {"data": b"key=%ff%fe\xff"}, 401),
    "a form without end": ("POST", "/login", {"data": b"&" * 2**20}, 401),
    "a long number": ("GET", f"/api/v1/media?limit={LONG}", {}, 422),
    "a long id": ("GET", f"/api/v1/media/{LONG}", {}, 404),
    "NUL": ("GET", "/api/v1/media?q=%00", {}, 422),
    "deep": ("PUT", "/api/v1/media/1/intent", {"data": DEEP}, 400),
    "an origin that is none": ("POST", "/login", {"headers": {"Origin": "http://["}, "data": b"key=a"}, 403),
    "credentials in no alphabet": ("POST", "/hooks/movies", {"headers": {"Authorization": "Basic ł"}}, 401),
    "a long number in a body": (
        *("PUT", "/api/v1/media/1/intent"),
        {"data": b'{"want": ' + LONG.encode() + b"}"},
        422,
    ),
}
"""A request, and the status that it gets."""


async def test_what_no_client_sends_is_refused_without_a_traceback(
    stage: Stage, client: Client, subtests: pytest.Subtests
) -> None:
    knowing = client.knowing(await stage.key())
    for name, (method, path, options, status) in NEVER_SENT.items():
        headers = {"Content-Type": "application/json", **options.get("headers", {})}
        known = knowing if path.startswith("/api/") else client
        with subtests.test(name), capture_logs() as logs:
            answer = await known.ask(method, path, **(options | {"headers": headers}))
            assert answer.status == status
            assert "http.bug" not in [line["event"] for line in logs]


async def test_a_mistake_of_ours_is_told_once_a_minute_however_often_it_is_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("trailarrd.web.route._tag", broken)
    with capture_logs() as logs:
        assert [(await client.get("connections")).status for _ in range(5)] == [500] * 5
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["http.bug"]
