from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict

from trailarrd.web.origin import Origin, origin_of

if TYPE_CHECKING:
    from collections.abc import Sequence

PROXIES = (IPv4Network("127.0.0.1"), IPv4Network("10.0.0.0/8"))


def origin(peer: str, trusted: Sequence[IPv4Network] = (), /, **headers: str) -> Origin:
    """Where a request with these headers comes from; `host` is that of a local program by default."""
    given = CIMultiDict({"Host": "127.0.0.1:7979"})
    given.update({name.replace("_", "-"): value for name, value in headers.items()})
    return origin_of(peer, given.getall("X-Forwarded-For", []), given, trusted)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_a_program_of_this_host_is_local(peer: str) -> None:
    assert origin(peer).is_local


@pytest.mark.parametrize("peer", ["192.168.1.5", "8.8.8.8", "fe80::1%eth0", "::", ""])
def test_whoever_else_is_not(peer: str) -> None:
    assert not origin(peer).is_local


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "X_Real_IP", "X_Forwarded_Proto", "Via"])
def test_what_came_through_a_proxy_on_this_host_is_not_local(header: str) -> None:
    """Or a proxy in front of trailarrd would let everybody in."""
    assert not origin("127.0.0.1", **{header: "127.0.0.1"}).is_local
    assert not origin("127.0.0.1", PROXIES, **{header: "127.0.0.1"}).is_local


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7979", "", "127.0.0.1.evil.example:80"])
def test_a_web_page_whose_name_means_this_host_is_not_local(host: str) -> None:
    """DNS rebinding."""
    assert not origin("127.0.0.1", Host=host).is_local


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:7979", "127.0.0.1", "[::1]:7979", "[::1]"])
def test_the_names_of_this_host_are_local(host: str) -> None:
    assert origin("127.0.0.1", Host=host).is_local


def test_a_proxy_that_is_not_trusted_is_the_client_itself() -> None:
    assert origin("192.168.1.5", X_Forwarded_For="1.2.3.4").address == "192.168.1.5"


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", "1.2.3.4"),  # what stands before, the client may have written himself
        ("1.2.3.4, 10.1.1.1", "1.2.3.4"),
        ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("nonsense, 10.2.2.2", "10.2.2.2"),
        ("nonsense", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_behind_trusted_proxies_the_nearest_other_address_is_the_client(
    forwarded_for: str, client: str
) -> None:
    assert origin("127.0.0.1", PROXIES, X_Forwarded_For=forwarded_for).address == client


def test_an_ipv6_client_is_limited_by_its_network_as_it_has_many_addresses() -> None:
    assert Origin("2001:db8:1:2:3:4:5:6", is_local=False).network == "2001:db8:1:2::"
    assert Origin("192.168.1.5", is_local=False).network == "192.168.1.5"
