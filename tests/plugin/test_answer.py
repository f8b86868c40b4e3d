"""What an answer means: the error says who has to do something, and what."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from trailarrd.plugin import (
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    Timeouts,
)
from trailarrd.testing import (
    LoginPage,
    LoginRedirect,
    RedirectElsewhere,
    Refusal,
    ServerError,
    SimulatedArr,
    SimulatedLibrary,
)

if TYPE_CHECKING:
    from tests.plugin.conftest import Api, Call, Connect, ErrorOf, Kind, RawServer


def _reply(status: str, body: str = "", content_type: str = "application/json", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


# -- refused --------------------------------------------------------------------------------------


async def test_a_wrong_key_is_rejected_with_advice(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    arr.api_key = "another"
    error = await error_of(call(api), ProviderRejectedError)
    assert "401" in str(error)
    assert "api_key" in str(error)


async def test_an_empty_key_is_rejected(
    arr: SimulatedArr, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    await error_of(call(await connect(arr.url, key="")), ProviderRejectedError)


async def test_the_401_of_versions_before_asp_net_is_rejected_too(
    connect: Connect, call: Call, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    async with raw_server(_reply("401 Unauthorized", '{"error": "Unauthorized"}')) as server:
        await error_of(call(await connect(server.url)), ProviderRejectedError)


# -- not now --------------------------------------------------------------------------------------


async def test_a_server_that_starts_up_is_unavailable_in_its_own_words(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = ServerError(status=503)
    error = await error_of(call(api), ProviderUnavailableError)
    assert f"{arr.library.dialect.app_name} is starting up, please try again later" in str(error)
    assert error.retry_after is None


async def test_a_wrong_key_is_rejected_while_the_server_starts_up(
    arr: SimulatedArr, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = ServerError(status=503)
    await error_of(call(await connect(arr.url, key="wrong")), ProviderRejectedError)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_unavailable(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, status: int
) -> None:
    arr.fault = ServerError(status=status)
    error = await error_of(call(api), ProviderUnavailableError)
    assert str(status) in str(error)
    assert "html" not in str(error)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("soon", None),
        ("-1", None),
        ("nan", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
async def test_how_long_to_wait_is_told_if_the_server_says_it_in_seconds(
    arr: SimulatedArr, api: Api, error_of: ErrorOf, said: str, seconds: float | None
) -> None:
    arr.fault = ServerError(status=503, retry_after=said)
    error = await error_of(api.system_status(), ProviderUnavailableError)
    assert error.retry_after == seconds


async def test_a_server_cannot_make_us_wait_for_years(arr: SimulatedArr, api: Api, error_of: ErrorOf) -> None:
    arr.fault = ServerError(status=503, retry_after="9" * 40)
    error = await error_of(api.system_status(), ProviderUnavailableError)
    assert error.retry_after is not None
    assert error.retry_after <= 24 * 3600


@pytest.mark.parametrize("status", ["408 Request Timeout", "425 Too Early", "429 Too Many Requests"])
async def test_other_ways_to_say_later_are_unavailable(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], status: str
) -> None:
    async with raw_server(_reply(status, **{"Retry-After": "3"})) as server:
        error = await error_of((await connect(server.url)).system_status(), ProviderUnavailableError)
    assert error.retry_after == 3.0


async def test_an_exceptions_message_is_told_and_its_stack_trace_is_not(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    trace = "System.Exception: database is locked\n" + "   at NzbDrone.Core in /app/x.cs:line 1\n" * 500
    body = json.dumps({"message": "database is locked", "description": trace}, indent=2)
    async with raw_server(_reply("500 Internal Server Error", body)) as server:
        error = await error_of((await connect(server.url)).root_folders(), ProviderUnavailableError)
    assert "database is locked" in str(error)
    assert "/app" not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '[{"propertyName": "x"}]', '{"message": 3}'])
async def test_an_error_without_words_is_an_error_all_the_same(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], body: str
) -> None:
    async with raw_server(_reply("500 Internal Server Error", body, **{"Retry-After": "3"})) as server:
        error = await error_of((await connect(server.url)).root_folders(), ProviderUnavailableError)
    assert error.retry_after == 3.0


@pytest.mark.parametrize("words", ["", '{"errorMessage": "starting'])
async def test_an_error_whose_words_never_come_is_told_in_time(
    connect: Connect, call: Call, error_of: ErrorOf, raw_server: type[RawServer], words: str
) -> None:
    reply = _reply("503 Service Unavailable", words, **{"Retry-After": "3"})
    reply = reply.replace(b"Content-Length: ", b"Content-Length: 9")
    async with raw_server(reply) as server, asyncio.timeout(5):
        api = await connect(server.url, timeouts=Timeouts(stall=0.05))
        error = await error_of(call(api), ProviderUnavailableError)
    assert "503" in str(error)
    assert error.retry_after == 3.0


async def test_a_key_that_the_server_repeats_is_not_told(
    arr: SimulatedArr, connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    body = json.dumps({"message": f"the key {arr.api_key} is not known"})
    async with raw_server(_reply("400 Bad Request", body)) as server:
        api = await connect(server.url, key=arr.api_key)
        error = await error_of(api.system_status(), ProviderResponseError)
    assert "is not known" in str(error)


# -- not this -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 404, 405, 406, 410])
async def test_any_other_refusal_is_an_answer_that_cannot_be_used(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, status: int
) -> None:
    arr.fault = Refusal(status=status)
    assert str(status) in str(await error_of(call(api), ProviderResponseError))


@pytest.mark.parametrize("status", ["201 Created", "204 No Content", "206 Partial Content"])
async def test_success_of_another_kind_is_no_answer(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], status: str
) -> None:
    async with raw_server(_reply(status, "[]")) as server:
        await error_of((await connect(server.url)).root_folders(), ProviderResponseError)


async def test_a_login_page_with_status_200_is_not_json(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = LoginPage()
    error = await error_of(call(api), ProviderResponseError)
    assert "text/html instead of JSON" in str(error)
    assert "login" in str(error)


async def test_a_url_base_that_the_server_does_not_have_is_named_as_the_likely_cause(
    arr: SimulatedArr, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    error = await error_of(call(await connect(arr.origin + "/wrong")), ProviderResponseError)
    assert "text/html instead of JSON" in str(error)
    assert "URL base" in str(error)


async def test_a_url_base_other_than_the_servers_is_corrected(
    kind: Kind, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    async with SimulatedArr(SimulatedLibrary(kind.dialect, size=1), api_key="k", url_base="/right") as arr:
        error = await error_of(call(await connect(arr.origin + "/wrong", key="k")), ProviderResponseError)
    assert str(error).endswith(f"url should be {arr.origin}/right")


async def test_json_that_calls_itself_text_is_not_trusted(
    connect: Connect, call: Call, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    async with raw_server(_reply("200 OK", "[]", "text/plain")) as server:
        await error_of(call(await connect(server.url)), ProviderResponseError)


# -- somewhere else -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect"])
@pytest.mark.parametrize("form", ["{base}{path}", "{origin}{base}{path}"])
async def test_a_missing_url_base_is_told(
    kind: Kind, connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], status: str, form: str
) -> None:
    """302 and 307 by version; a proxy writes the address in full."""
    async with raw_server(b"") as server:
        location = form.format(origin=server.url, base="/home/arr", path="/api/v3/system/status")
        server.reply = _reply(status, Location=location)
        error = await error_of((await connect(server.url)).system_status(), ProviderResponseError)
    assert f"URL base is /home/arr; url should be {server.url}/home/arr" in str(error)


async def test_the_simulated_server_with_a_url_base_leads_there(
    kind: Kind, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    library = SimulatedLibrary(kind.dialect, size=1)
    async with SimulatedArr(library, api_key="k", url_base="/arr") as arr:
        error = await error_of(call(await connect(arr.origin, key="k")), ProviderResponseError)
        assert str(error).endswith(f"the server's URL base is /arr; url should be {arr.url}")
        assert len(arr.requests) == 1


async def test_a_redirect_to_a_login_is_called_so_and_not_followed(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = LoginRedirect()
    assert "login" in str(await error_of(call(api), ProviderResponseError))
    assert len(arr.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_elsewhere_is_never_followed_and_the_key_never_arrives_there(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, status: int
) -> None:
    async with SimulatedArr(SimulatedLibrary(arr.library.dialect), api_key=arr.api_key) as elsewhere:
        arr.fault = RedirectElsewhere(url=elsewhere.url, status=status)
        error = await error_of(call(api), ProviderResponseError)
        assert elsewhere.requests == []
    assert "not followed" in str(error)


async def test_another_hosts_path_is_not_taken_for_a_url_base(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = RedirectElsewhere(url="http://other.example/arr", status=307)
    error = await error_of(call(api), ProviderResponseError)
    assert "a redirect to other.example, which is not followed" in str(error)
    assert "URL base" not in str(error)


async def test_a_redirect_to_https_is_told(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = RedirectElsewhere(url=arr.origin.replace("http:", "https:"), status=301)
    assert "write https in url" in str(await error_of(call(api), ProviderResponseError))


@pytest.mark.parametrize("location", ["http://[::1", "//", "", "?", "javascript:alert(1)", "http://h:port/"])
async def test_a_redirect_to_nowhere_is_an_error_of_the_contract(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], location: str
) -> None:
    async with raw_server(_reply("302 Found", Location=location)) as server:
        await error_of((await connect(server.url)).system_status(), ProviderResponseError)
