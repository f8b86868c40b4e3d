"""TLS that fails: each kind is told in its own words, heals by itself, and never sends anybody to http."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests import certificates
from tests.certificates import Certificates, server_context, serving
from trailarrd.errors import Suspect
from trailarrd.plugin import ArrServer, ProviderResponseError, ProviderUnavailableError, Secret
from trailarrd.plugin.reach import reach
from trailarrd.plugin.session import open_session
from trailarrd_radarr.api import RadarrApiManager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trailarrd.plugin import ProviderError

STATUS = b'{"appName": "Radarr", "version": "1.0"}'
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(STATUS),
    STATUS,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("tls"))


def _server(url: str, authority: Path | None) -> ArrServer:
    return ArrServer(url=url, api_key=Secret("k3y"), ca_file=str(authority) if authority else None)


async def asked(server: ArrServer) -> str:
    async with open_session(server) as session:
        return (await RadarrApiManager(session, server).system_status()).version


async def refused(server: ArrServer) -> ProviderError:
    with pytest.raises(ProviderResponseError) as caught:
        await asked(server)
    return caught.value


# -- certificates ---------------------------------------------------------------------------------

UNTRUSTED = (
    ("authority", Suspect.CERTIFICATE, "signed itself: set ca_file to that certificate"),
    (
        "unknown authority",
        Suspect.CERTIFICATE,
        "nobody here knows who signed it: set ca_file to that authority",
    ),
    ("expired", Suspect.EXPIRED, "has expired: have it renewed there"),
    ("other", Suspect.OTHER_NAME, "is for another name than that: write in url a name that it is for"),
)


def shown(made: Certificates, which: str) -> tuple[Path, Path | None]:
    """The server's certificate and our `ca_file`."""
    match which:
        case "authority":
            return made.authority, None
        case "unknown authority":
            return made.signed(2), None
        case "expired":
            return made.signed(-1), made.authority
    return made.for_name("elsewhere.example"), made.authority


@pytest.mark.parametrize(("which", "suspect", "words"), UNTRUSTED, ids=[case[0] for case in UNTRUSTED])
async def test_what_is_wrong_with_a_certificate_is_told_with_what_helps(
    made: Certificates, which: str, suspect: Suspect, words: str
) -> None:
    certificate, authority = shown(made, which)
    with serving(server_context(certificate), REPLY) as port:
        server = _server(f"https://127.0.0.1:{port}", authority)
        error = await refused(server)
        *_, way = [way async for way in reach(server)]
    assert str(error).startswith(f"the certificate of 127.0.0.1:{port} ")
    assert words in str(error)
    assert "http://" not in str(error)
    assert (error.suspect, way.suspect, way.said) == (suspect, suspect, str(error)), "check says the same"


async def test_a_certificate_that_is_trusted_is_taken(made: Certificates) -> None:
    with serving(server_context(made.signed(2)), REPLY) as port:
        assert await asked(_server(f"https://127.0.0.1:{port}", made.authority)) == "1.0"


# -- alerts ---------------------------------------------------------------------------------------


ALERTS = (
    (
        certificates.wants_ours,
        Suspect.CLIENT_CERTIFICATE,
        "wants a certificate of its clients, and trailarrd has none",
    ),
    (
        certificates.wants_ours_by_tls_1_2,
        Suspect.TLS,
        "it wants a certificate of its clients, or knows only what is too old",
    ),
    (certificates.is_too_old, Suspect.TOO_OLD, "have no version of TLS in common"),
    (certificates.knows_no_such_name, Suspect.UNKNOWN_NAME, "knows no server by the name in url"),
    (certificates.knows_no_such_name_as_caddy, Suspect.UNKNOWN_NAME, "knows no server by the name in url"),
)


@pytest.mark.parametrize(("context", "suspect", "words"), ALERTS, ids=[case[0].__name__ for case in ALERTS])
async def test_an_alert_is_told_in_words_with_what_helps(
    made: Certificates,
    context: Callable[[Certificates], ssl.SSLContext],
    suspect: Suspect,
    words: str,
) -> None:
    with serving(context(made), REPLY) as port:
        error = await refused(_server(f"https://localhost:{port}", made.authority))
    assert str(error).startswith(f"localhost:{port} ")
    assert words in str(error)
    assert "http://" not in str(error)
    assert error.suspect is suspect


async def test_a_port_without_tls_is_told_so_and_the_key_is_not_to_go_in_clear() -> None:
    with serving(None, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as port:
        error = await refused(_server(f"https://127.0.0.1:{port}", None))
    assert f"127.0.0.1:{port} does not speak TLS: write in url the port that does" in str(error)
    assert "http" not in str(error)
    assert error.suspect is Suspect.TLS


# -- on the way -----------------------------------------------------------------------------------


@contextmanager
def leaving(*, reset: bool) -> Iterator[int]:
    """Hears the beginning of a handshake and is gone; its port."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.recv(16)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("reset", [True, False])
async def test_a_connection_that_is_lost_in_the_handshake_is_worth_another_try(reset: bool) -> None:
    with leaving(reset=reset) as port:
        server = _server(f"https://127.0.0.1:{port}", None)
        with pytest.raises(ProviderUnavailableError, match=f"127.0.0.1:{port}") as caught:
            await asked(server)
    assert "Error" not in str(caught.value), "in words"
