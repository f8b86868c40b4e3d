"""What stands in front of a server and answers in its place: named, healing by itself, and let through."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest

from trailarrd.errors import Suspect
from trailarrd.plugin import (
    ArrLive,
    ArrServer,
    BasicLogin,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    Secret,
    WebhookTarget,
)
from trailarrd.plugin.session import open_session
from trailarrd.testing import (
    RADARR,
    Gate,
    LoginRedirect,
    Notifications,
    RedirectElsewhere,
    Refusal,
    SimulatedArr,
    SimulatedLibrary,
    Turned,
)

if TYPE_CHECKING:
    from tests.plugin.conftest import Api, Call, Connect, ErrorOf, RawServer

from trailarrd_radarr.api import RadarrApiManager

KEY = "k3y"
STATUS = b'{"appName": "", "version": "1.0"}'
NANCY = b'{"error": "Unauthorized"}'
GATE = {"CF-Access-Client-Id": "the-id-of-us", "CF-Access-Client-Secret": "open-sesame"}
USER, PASSWORD = "trailarrd", "correct horse"
LOGIN = BasicLogin(user=Secret(USER), password=Secret(PASSWORD))
WAY = "give what it takes by headers or basic"


def reply(status: str, body: bytes = b"", *headers: str, kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


# -- who refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"\n", NANCY, b'{ "error": "Unauthorized"\r\n}'])
async def test_a_401_without_a_word_or_with_nancys_is_the_servers_own(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], body: bytes
) -> None:
    async with raw_server(reply("401 Unauthorized", body)) as server:
        error = await error_of((await connect(server.url)).system_status(), ProviderRejectedError)
    assert error.suspect is Suspect.KEY


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>401 Unauthorized</html>", ()),
        (b'{"error": "Unauthorized", "by": "somebody else"}', ()),
        (b'{"message": "authenticate"}', ()),
        (b"[" * 100_000, ()),
        (b"", ("WWW-Authenticate: Digest realm=home",)),
        (NANCY, ("WWW-Authenticate: Bearer",)),
    ],
)
async def test_any_other_401_is_a_login_in_front_of_it(
    connect: Connect,
    error_of: ErrorOf,
    raw_server: type[RawServer],
    body: bytes,
    headers: tuple[str, ...],
) -> None:
    async with raw_server(reply("401 Unauthorized", body, *headers)) as server:
        error = await error_of((await connect(server.url)).system_status(), ProviderResponseError)
    assert "HTTP 401: a login in front of it" in str(error)
    assert WAY in str(error)
    assert error.suspect is Suspect.LOGIN


async def test_a_403_is_of_what_stands_in_front_of_it(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf
) -> None:
    arr.fault = Refusal(status=403)
    error = await error_of(call(api), ProviderResponseError)
    assert "HTTP 403: something in front of the server lets us not through" in str(error)
    assert error.suspect is Suspect.FORBIDDEN


@pytest.mark.parametrize("turned", Turned)
async def test_a_gate_is_named_however_it_turns_us_away(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, turned: Turned
) -> None:
    arr.gate = Gate(turned=turned)
    error = await error_of(call(api), ProviderResponseError)
    expected = Suspect.FORBIDDEN if turned is Turned.FORBIDDEN else Suspect.LOGIN
    assert error.suspect is expected
    assert "set basic" in str(error) if turned is Turned.BASIC else WAY in str(error)
    assert arr.requests == []


@pytest.mark.parametrize(
    "location",
    [
        "https://auth.example.com/?rd=http%3A%2F%2F{host}%2Fapi&rm=GET",
        "/outpost.goauthentik.io/start?rd=http%3A%2F%2F{host}%2Fapi",
        "https://authentik.example.com/application/o/authorize/?client_id=a&redirect_uri=x",
        "https://team.cloudflareaccess.com/cdn-cgi/access/login/radarr.example.com?kid=a&redirect_url=%2Fapi",
        "/oauth2/start?rd=%2Fapi",
        "https://id.example.com/realms/home/protocol/openid-connect/auth?client_id=a",
        "https://id.example.com/signin",
        "/login?from=%2Fapi",
    ],
)
async def test_a_redirect_to_a_login_is_a_login_in_front_of_it(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], location: str
) -> None:
    async with raw_server(b"") as server:
        host = server.url.removeprefix("http://")
        server.reply = reply("302 Found", b"", f"Location: {location.format(host=host)}")
        error = await error_of((await connect(server.url)).system_status(), ProviderResponseError)
    assert "a login in front of it, at " in str(error)
    assert error.suspect is Suspect.LOGIN
    assert "client_id" not in str(error), "what is in the query may be anybody's secret"


@pytest.mark.parametrize("fault", [LoginRedirect(), RedirectElsewhere(url="http://radarr.example/author")])
async def test_a_redirect_that_leads_to_no_login_of_another_is_none(
    arr: SimulatedArr, api: Api, call: Call, error_of: ErrorOf, fault: LoginRedirect | RedirectElsewhere
) -> None:
    arr.fault = fault
    error = await error_of(call(api), ProviderResponseError)
    assert error.suspect is Suspect.ADDRESS
    assert "in front" not in str(error)


async def test_a_proxy_that_wants_a_certificate_says_so_with_a_page(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    page = b"<html><head><title>400 No required SSL certificate was sent</title></head></html>"
    async with raw_server(reply("400 Bad Request", page, kind="text/html")) as server:
        error = await error_of((await connect(server.url)).system_status(), ProviderResponseError)
    assert error.suspect is Suspect.CLIENT_CERTIFICATE


@pytest.mark.parametrize(
    "page",
    [
        b"<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>",
        b"Client sent an HTTP request to an HTTPS server.\n",
    ],
    ids=["nginx", "go"],
)
async def test_a_port_that_speaks_tls_only_is_told_to_whom_wrote_http(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer], page: bytes
) -> None:
    async with raw_server(reply("400 Bad Request", page, kind="text/plain")) as server:
        error = await error_of((await connect(server.url)).system_status(), ProviderResponseError)
    assert str(error).endswith("it wants https; write https in url")


# -- good answers, oddly wrapped ------------------------------------------------------------------


PACKED = {
    "br": bytes.fromhex("0b10807b226170704e616d65223a2022222c202276657273696f6e223a2022312e30227d03"),
    "zstd": bytes.fromhex(
        "28b52ffd20210901007b226170704e616d65223a2022222c202276657273696f6e223a2022312e30227d"
    ),
    "gzip": zlib.compress(STATUS, wbits=31),
}
"""Of `STATUS`."""


@pytest.mark.parametrize("encoding", PACKED)
async def test_an_encoding_that_nobody_asked_for_is_unpacked(
    connect: Connect, raw_server: type[RawServer], encoding: str
) -> None:
    packed = reply("200 OK", PACKED[encoding], f"Content-Encoding: {encoding}")
    async with raw_server(packed) as server:
        assert (await (await connect(server.url)).system_status()).version == "1.0"


async def test_an_encoding_that_nobody_knows_is_named(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    async with raw_server(reply("200 OK", b"\x00\x01", "Content-Encoding: lzma")) as server:
        error = await error_of((await connect(server.url)).system_status(), ProviderResponseError)
    assert "answered in the encoding 'lzma', for which nobody has asked" in str(error)


@pytest.mark.parametrize(
    "header",
    [
        f"Set-Cookie: session={'c' * 9_000}",
        f"Content-Security-Policy: {'p' * 12_000}",
        f"X-Any: {'x' * 65_000}",
    ],
    ids=["a cookie of 9 kB", "a policy of 12 kB", "64 KiB"],
)
async def test_a_long_header_is_read(connect: Connect, raw_server: type[RawServer], header: str) -> None:
    async with raw_server(reply("200 OK", STATUS, header)) as server:
        assert (await (await connect(server.url)).system_status()).version == "1.0"


async def test_a_byte_order_mark_before_json_is_skipped(
    connect: Connect, raw_server: type[RawServer]
) -> None:
    async with raw_server(reply("200 OK", b"\xef\xbb\xbf" + STATUS)) as server:
        api = await connect(server.url)
        assert (await api.system_status()).version == "1.0"
        server.reply = reply("200 OK", b'\xef\xbb\xbf[{"path": "/movies"}]')
        assert await api.root_folders() == ["/movies"]
        server.reply = reply("200 OK", b"\xef\xbb\xbf[]")
        assert [batch async for batch in api.all_media()] == []


# -- the way through ------------------------------------------------------------------------------


async def test_headers_and_basic_open_the_gate_for_every_question(
    arr: SimulatedArr, connect: Connect, call: Call
) -> None:
    arr.gate = Gate(headers=GATE, basic=(USER, PASSWORD))
    headers = {name: Secret(value) for name, value in GATE.items()}
    await call(await connect(arr.url, headers=headers, basic=LOGIN))
    assert arr.turned_away == []
    assert len(arr.requests) == 1


async def test_basic_that_is_refused_is_told_apart_from_basic_that_is_not_set(
    arr: SimulatedArr, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    arr.gate = Gate(basic=(USER, "another"), turned=Turned.BASIC)
    error = await error_of(call(await connect(arr.url, basic=LOGIN)), ProviderResponseError)
    assert "refuses user or password of basic" in str(error)
    assert PASSWORD not in str(error)


async def test_they_go_with_what_makes_a_webhook_and_with_the_hub(connect: Connect) -> None:
    library = SimulatedLibrary(RADARR, size=1)
    gate = Gate(headers=GATE, basic=(USER, PASSWORD))
    simulated = SimulatedArr(library, api_key=KEY, news=[], notifications=Notifications(), gate=gate)
    async with simulated as arr:
        headers = {name: Secret(value) for name, value in GATE.items()}
        server = ArrServer(url=arr.url, api_key=Secret(KEY), headers=headers, basic=LOGIN)
        async with open_session(server) as session:
            target = WebhookTarget(name="t", url="http://t", username="t", password=Secret("p"))
            await RadarrApiManager(session, server).put_webhook(target, tested=False)
            with pytest.raises(ProviderUnavailableError, match="closes"):
                [hint async for hint in ArrLive(item="movie")(session, server)]
        routes = {asked.route for asked in arr.requests}
        assert arr.turned_away == []
    assert {"/api/v3/notification", "/signalr/messages/negotiate", "/signalr/messages"} <= routes


async def test_the_keys_own_header_stays_as_it_is(arr: SimulatedArr, connect: Connect) -> None:
    api = await connect(arr.url, headers={"x-api-key": Secret("another"), "User-Agent": Secret("curl")})
    await api.system_status()
    assert arr.requests[0].headers.getall("X-Api-Key") == [arr.api_key]  # type: ignore[attr-defined]  # aiohttp's
    assert arr.requests[0].headers["User-Agent"] == "curl"


async def test_what_opens_the_gate_is_sent_to_nobody_else(
    arr: SimulatedArr, connect: Connect, raw_server: type[RawServer]
) -> None:
    """Not even by a plugin that follows redirects, and not to another port of the same host."""
    async with raw_server(reply("200 OK", STATUS)) as elsewhere:
        arr.fault = RedirectElsewhere(url=elsewhere.url)
        api = await connect(arr.url, headers={"X-Gate": Secret("open-sesame")}, basic=LOGIN)
        async with api._client.session.get(arr.url) as answer:
            assert answer.status == 200
        assert arr.requests[0].headers["X-Gate"] == "open-sesame"
        (head,) = elsewhere.heads
    assert b"open-sesame" not in head
    assert b"authorization" not in head.lower()


async def test_what_a_server_repeats_of_it_is_masked(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    said = f'{{"message": "no {PASSWORD}, {LOGIN.token.reveal()}, open-sesame"}}'.encode()
    async with raw_server(reply("500 Internal Server Error", said)) as server:
        api = await connect(server.url, headers={"X-Gate": Secret("open-sesame")}, basic=LOGIN)
        arr_server = api._server
        with pytest.raises(Exception, match=r"no \*\*\*, \*\*\*, \*\*\*"):
            await api.system_status()
    shown = repr(arr_server)
    assert [one for one in (PASSWORD, USER, "open-sesame") if one in shown] == []
