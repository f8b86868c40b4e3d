"""The way to a server and who answers; each finding with its exact words."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests import certificates
from tests.certificates import Certificates, server_context
from tests.doctor.conftest import facts
from tests.world import KEY
from trailarrd.discovery.unloaded import unloaded
from trailarrd.errors import ProviderRejectedError
from trailarrd.testing import BrokenJson, LoginPage, RedirectElsewhere, Refusal, ServerError, WrongApplication
from trailarrd.testing.asked import Phase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.doctor.conftest import Doctor


async def test_each_step_to_a_server_that_is_well_is_told(doctor: Doctor) -> None:
    found = await doctor()
    server = doctor.household.movies.server
    assert facts(found) == {}
    assert found["name-ok"].fact == "127.0.0.1 is 127.0.0.1"
    assert found["port-ok"].fact == f"127.0.0.1:{server.port} answers"
    version = server.library.dialect.version
    assert found["server-ok"].fact == f"Radarr {version}; the key is accepted"


async def test_live_for_a_provider_that_cannot_listen_is_told_with_its_line(doctor: Doctor) -> None:
    config = doctor.household.config
    doctor.edit("provider: radarr", "provider: radarr\n    live: true", 1)
    line = config.read_text()[: config.read_text().index("live: true")].count("\n") + 1
    assert facts(await doctor(offline=True)) == {}
    radarr = replace(doctor.subject.providers["radarr"], live=None)
    found = await doctor(offline=True, providers={**doctor.subject.providers, "radarr": radarr})
    fact = f"{config}:{line}: live: true, but provider radarr cannot listen"
    assert facts(found) == {"live-unsupported": fact}


async def test_live_in_defaults_or_nowhere_means_where_a_provider_can(doctor: Doctor) -> None:
    radarr = replace(doctor.subject.providers["radarr"], live=None)
    providers = {**doctor.subject.providers, "radarr": radarr}
    assert facts(await doctor(offline=True, providers=providers)) == {}
    doctor.edit("connections:", "defaults: {live: true}\nconnections:", 1)
    assert facts(await doctor(offline=True, providers=providers)) == {}


async def test_a_hub_is_listened_to_for_a_moment(doctor: Doctor) -> None:
    assert (await doctor())["live-ok"].fact == "its hub greets us"
    doctor.edit("provider: radarr", "provider: radarr\n    live: false", 1)
    assert not {"live-ok", "live-unavailable"} & (await doctor()).keys()


async def test_a_hub_that_cannot_be_heard_is_told_with_the_headers_that_it_takes(doctor: Doctor) -> None:
    server = doctor.household.movies.server
    server.fault = Refusal(status=400, phase=Phase.OTHER)
    found = (await doctor())["live-unavailable"]
    assert "answered with HTTP 400" in found.fact
    assert "Upgrade" in str(found.advice)
    assert found.level.value == "warning"
    known = await doctor(sparing=True, unheard={"movies": "lost again and again"})
    assert known["live-unavailable"].fact == "lost again and again"
    assert "live-unavailable" not in await doctor(sparing=True)


async def test_a_host_that_nobody_knows_ends_the_way(doctor: Doctor) -> None:
    doctor.edit("http://127.0.0.1", "http://no-such-host.invalid", 1)
    found = await doctor()
    assert list(found) == ["name-unknown"]
    assert found["name-unknown"].fact.startswith("no-such-host.invalid: ")


async def test_a_port_where_nobody_listens_ends_the_way(doctor: Doctor) -> None:
    server = doctor.household.movies.server
    await server.stop()
    assert facts(await doctor()) == {"port-closed": f"127.0.0.1:{server.port}: connection refused"}


async def test_a_server_that_is_down_does_not_keep_the_others_from_being_examined(doctor: Doctor) -> None:
    await doctor.household.movies.server.stop()
    found = await doctor.all()
    assert [f.fact for f in found if f.area == "series" and f.level.value != "ok"] == []
    assert [f.code.value for f in found if f.area == "series"][-1] == "folders-ok"


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Refusal(), "server-key", "the server refuses the API key"),
        (WrongApplication(), "server-application", "not Radarr: check provider and url"),
        (LoginPage(), "server-login", "instead of JSON: a login in front of it"),
        (Refusal(status=403), "server-forbidden", "something in front of the server lets us not through"),
        (RedirectElsewhere(url="http://10.0.0.1"), "server-address", "a redirect to 10.0.0.1"),
        (ServerError(status=503), "server-unavailable", "answered with HTTP 503"),
        (BrokenJson(phase=Phase.STATUS), "server-answer", "the answer to system/status cannot be used"),
    ],
    ids=["key", "application", "login", "forbidden", "address", "unavailable", "answer"],
)
async def test_what_is_wrong_with_the_answer_is_told_by_its_own_code(
    doctor: Doctor, fault: Any, code: str, words: str
) -> None:
    doctor.household.movies.server.fault = fault
    found = facts(await doctor())
    assert list(found) == [code]
    assert words in found[code]


async def test_a_wrong_url_base_is_told_with_the_right_one(doctor: Doctor) -> None:
    server = doctor.household.movies.server
    server._application.url_base = "/radarr"
    fact = facts(await doctor())["server-address"]
    assert fact.endswith(f"the server's URL base is /radarr; url should be {server.origin}/radarr")


async def test_a_plugin_that_fails_or_refuses_is_told_as_that(doctor: Doctor) -> None:
    radarr = doctor.subject.providers["radarr"]

    def broken(*_: object) -> Any:
        raise RuntimeError("no manager today")

    def refusing(*_: object) -> Any:
        raise ProviderRejectedError("the moon is full")

    for maker, expected in (
        (broken, {"server-plugin": "provider radarr failed: RuntimeError: no manager today"}),
        (refusing, {"server-refuses": "the moon is full"}),
    ):
        providers = {**doctor.subject.providers, "radarr": replace(radarr, api_manager=maker)}
        assert facts(await doctor(providers=providers)) == expected


async def test_of_a_provider_that_is_not_loaded_nothing_else_is_tried(doctor: Doctor) -> None:
    await doctor.household.movies.server.stop()
    providers = {**doctor.subject.providers, "radarr": unloaded("radarr", "ImportError: gone")}
    assert facts(await doctor(providers=providers)) == {
        "provider-not-loaded": "provider radarr is not loaded: ImportError: gone"
    }
    assert doctor.household.movies.server.requests == []


async def test_the_key_is_in_no_finding(doctor: Doctor) -> None:
    for fault in (Refusal(), LoginPage(), WrongApplication(), None):
        doctor.household.movies.server.fault = fault
        assert [one for one in await doctor.all() if KEY in f"{one.fact}{one.paste}"] == []


# -- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for this host, and its key beside it."""
    return Certificates(tmp_path_factory.mktemp("tls")).authority


@pytest.fixture
async def secure(doctor: Doctor, certificate: Path) -> AsyncIterator[int]:
    """Radarr behind TLS; its port, which trailarrd.yaml names."""
    tls = server_context(certificate)
    server = doctor.household.movies.server
    runner = web.ServerRunner(web.Server(server._handle, access_log=None), shutdown_timeout=0.05)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await web.SockSite(runner, listener, ssl_context=tls).start()
        port: int = listener.getsockname()[1]
        doctor.edit(server.url, f"https://127.0.0.1:{port}")
        yield port
        await runner.cleanup()


async def test_an_untrusted_certificate_ends_the_way_before_the_key_is_sent(
    doctor: Doctor, secure: int
) -> None:
    fact = facts(await doctor())["tls-untrusted"]
    assert fact.startswith(f"the certificate of 127.0.0.1:{secure} is not trusted, as it signed itself: ")
    assert doctor.household.movies.server.requests == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("kinds"))


TLS_TROUBLES = {
    "tls-expired": lambda made: server_context(made.signed(-1)),
    "tls-other-name": lambda made: server_context(made.for_name("elsewhere.example")),
    "tls-unknown-name": certificates.knows_no_such_name,
    "tls-client-certificate": certificates.wants_ours,
    "tls-too-old": certificates.is_too_old,
}


@pytest.mark.parametrize("code", TLS_TROUBLES)
async def test_each_trouble_with_tls_is_told_by_its_own_code(
    doctor: Doctor, made: Certificates, code: str
) -> None:
    doctor.edit("    retry:", f"    ca_file: {made.authority}\n    retry:", 1)
    with certificates.serving(TLS_TROUBLES[code](made), b"") as port:
        doctor.edit(doctor.household.movies.server.url, f"https://localhost:{port}")
        assert list(facts(await doctor())) == [code]


async def test_a_trusted_certificate_is_told_with_the_version_of_tls(
    doctor: Doctor, secure: int, certificate: Path
) -> None:
    doctor.edit("    retry:", f"    ca_file: {certificate}\n    retry:", 1)
    found = await doctor()
    assert facts(found) == {}
    assert found["tls-ok"].fact == f"127.0.0.1:{secure} speaks TLSv1.3"


async def test_a_certificate_that_is_not_looked_at_is_warned_of(doctor: Doctor, secure: int) -> None:
    doctor.edit("    retry:", "    verify_tls: false\n    retry:", 1)
    found = await doctor()
    assert facts(found) == {"tls-unverified": f"https://127.0.0.1:{secure} is not verified"}
    assert "folders-ok" in found


async def test_https_to_a_server_without_tls_ends_the_way(doctor: Doctor) -> None:
    server = doctor.household.movies.server
    doctor.edit(server.url, server.url.replace("http:", "https:"))
    fact = facts(await doctor())["tls-failed"]
    assert fact.startswith(f"127.0.0.1:{server.port} does not speak TLS: ")
