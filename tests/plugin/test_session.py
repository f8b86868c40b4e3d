"""The session of one server: its time-outs, its idea of TLS, and nothing in it that could leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.certificates import Certificates, server_context
from trailarrd.plugin import (
    ArrServer,
    ProviderRejectedError,
    ProviderResponseError,
    ProviderUnavailableError,
    Secret,
    Timeouts,
)
from trailarrd.plugin.session import open_session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.plugin.conftest import Call, Connect, ErrorOf, Kind, RawServer

STATUS = b'{"appName": "", "version": "1.0"}'
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=1\r\nContent-Length: %d\r\n\r\n%s"
    % (len(STATUS), STATUS)
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for this host, and its key beside it."""
    return Certificates(tmp_path_factory.mktemp("tls")).authority


@pytest.fixture
async def secure(certificate: Path, raw_server: type[RawServer]) -> AsyncIterator[RawServer]:
    """A server with that certificate."""
    async with raw_server(REPLY, tls=server_context(certificate)) as server:
        yield server


# -- TLS ------------------------------------------------------------------------------------------


async def test_an_untrusted_certificate_is_told_with_advice_before_the_key_is_sent(
    secure: RawServer, connect: Connect, call: Call, error_of: ErrorOf
) -> None:
    error = await error_of(call(await connect(secure.url)), ProviderResponseError)
    assert "certificate" in str(error)
    assert "ca_file" in str(error)
    assert "verify_tls" in str(error)
    assert secure.heads == []


async def test_the_authority_in_ca_file_is_trusted(
    secure: RawServer, connect: Connect, certificate: Path
) -> None:
    api = await connect(secure.url, ca_file=str(certificate))
    assert (await api.system_status()).version == "1.0"


async def test_verify_tls_false_takes_any_certificate(secure: RawServer, connect: Connect) -> None:
    api = await connect(secure.url, verify_tls=False)
    assert (await api.system_status()).version == "1.0"


@pytest.mark.parametrize("content", [None, "", "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "authority.pem"
    if content is not None:
        ca_file.write_text(content)
    server = ArrServer(url="https://nas", api_key=Secret("k"), ca_file=str(ca_file))
    with pytest.raises(ProviderRejectedError, match=r"ca_file .*authority\.pem cannot be used"):
        open_session(server)


# -- time-outs ------------------------------------------------------------------------------------


async def test_the_connection_must_stand_in_time_tls_included(
    connect: Connect, error_of: ErrorOf, raw_server: type[RawServer]
) -> None:
    """The server takes the connection and then never shakes hands."""
    async with raw_server(b"") as server:
        url = server.url.replace("http:", "https:")
        api = await connect(url, timeouts=Timeouts(connect=0.1))
        error = await error_of(api.system_status(), ProviderUnavailableError)
    assert "within 0.1 s" in str(error)


# -- what it keeps --------------------------------------------------------------------------------


async def test_the_key_is_not_in_the_session(kind: Kind) -> None:
    """What is in the session follows a redirect to another host."""
    async with open_session(ArrServer(url="http://nas", api_key=Secret("k3y"))) as session:
        assert [name for name in session.headers if name != "User-Agent"] == []
        assert session.headers["User-Agent"].startswith("trailarrd/")


async def test_no_cookie_is_kept(connect: Connect, raw_server: type[RawServer]) -> None:
    async with raw_server(REPLY) as server:
        api = await connect(server.url.replace("127.0.0.1", "localhost"))  # a name, which cookies need
        for _ in range(2):
            await api.system_status()
    assert len(server.heads) == 2
    assert [head for head in server.heads if b"cookie" in head.lower()] == []
