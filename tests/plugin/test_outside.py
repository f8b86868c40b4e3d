"""The session of a download: nobody who only knows the API may reach a host of the user's own network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trailarrd.plugin import Barrier, Secret, TransferRefusedError, TransferRejectedError
from trailarrd.plugin.outside import is_public, open_outside
from trailarrd.testing import SimulatedSite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SimulatedSite]:
    (tmp_path / "page.html").write_text("seen")
    with SimulatedSite(tmp_path) as site:
        yield site


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("youtube.com", True),
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:192.168.1.2", False),
        ("localhost", False),
        ("nas.local", False),
        ("a.localhost.", False),
        ("", False),
    ],
)
def test_which_hosts_are_public(host: str, public: bool) -> None:
    assert is_public(host) is public


@pytest.mark.parametrize("host", ["127.0.0.1", "localtest.me.invalid", "localhost"])
async def test_a_private_host_is_refused_by_its_address_and_by_what_its_name_means(
    site: SimulatedSite, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = site.url.rpartition(":")[2]

    async def resolve(*_: object, **__: object) -> list[dict[str, object]]:
        return [
            {"hostname": host, "host": "127.0.0.1", "port": int(port), "family": 2, "proto": 6, "flags": 0}
        ]

    async with open_outside() as session:
        monkeypatch.setattr(session.connector, "_resolve_host", resolve)
        with pytest.raises(TransferRefusedError) as refused:
            await session.get(f"http://{host}:{port}/page.html")
    assert refused.value.because is Barrier.PRIVATE_ADDRESS
    assert site.asked == []


async def test_a_redirect_to_a_private_host_is_refused(site: SimulatedSite) -> None:
    """The first host counts as public here; the second is the same, by another spelling."""
    host = site.url.removeprefix("http://")
    async with open_outside(proxy=Secret(site.url)) as session:
        with pytest.raises(TransferRefusedError, match="is no address of the public internet"):
            await session.get(f"http://one.example/to/{host}/page.html")


async def test_who_may_ask_private_hosts_does(site: SimulatedSite) -> None:
    async with open_outside(public_only=False) as session, session.get(f"{site.url}/page.html") as response:
        assert await response.text() == "seen"


async def test_everything_goes_through_the_proxy(site: SimulatedSite) -> None:
    async with open_outside(proxy=Secret(site.url)) as session:
        (await session.get("http://one.example/page.html")).release()
    assert site.asked == ["http://one.example/page.html"]


async def test_a_proxy_of_another_kind_is_told_and_never_gone_around() -> None:
    async with open_outside(proxy=Secret("socks5://user:hush@127.0.0.1:9")) as session:
        with pytest.raises(TransferRejectedError, match="no socks5 proxies") as refused:
            await session.get("http://one.example/")
    assert "hush" not in str(refused.value)
