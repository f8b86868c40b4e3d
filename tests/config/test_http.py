"""The section `http:`."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

import pytest

from trailarrd.config.diagnostic import InvalidConfigError

if TYPE_CHECKING:
    from tests.config.conftest import Loads
    from trailarrd.config import Settings

REST = "connections: [{name: movies, provider: radarr, url: 'http://nas:7878', api_key: abc}]\n"


def settings(loads: Loads, http: str) -> Settings:
    return loads(f"http: {http}\n{REST}")


def test_by_default_only_this_host_can_ask(loads: Loads) -> None:
    http = loads(REST).http
    assert (http.enabled, http.host, http.port) == (True, "127.0.0.1", 7979)
    assert (http.base_path, http.trusted_proxies, http.rate_limit) == ("", (), 50)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("0.0.0.0:80", "0.0.0.0", 80),
        ("'[::1]:7979'", "::1", 7979),
        ("nas.lan:7979", "nas.lan", 7979),
        ("127.0.0.1:0", "127.0.0.1", 0),
    ],
)
def test_an_address_and_a_port(text: str, host: str, port: int, loads: Loads) -> None:
    http = settings(loads, f"{{listen: {text}}}").http
    assert (http.host, http.port) == (host, port)


@pytest.mark.parametrize(
    "text", ["7979", "'127.0.0.1'", "'::1:7979'", "127.0.0.1:65536", "'[nas]:7979'", "':80'"]
)
def test_what_is_no_address_and_port_is_told_with_an_example(text: str, loads: Loads) -> None:
    with pytest.raises(InvalidConfigError, match=r"http\.listen: (.*\n){3}.*for example 127\.0\.0\.1:"):
        settings(loads, f"{{listen: {text}}}")


@pytest.mark.parametrize(("text", "path"), [("''", ""), ("/", ""), ("/a", "/a"), ("/a/b-c/", "/a/b-c")])
def test_a_base_path_ends_with_no_slash(text: str, path: str, loads: Loads) -> None:
    assert settings(loads, f"{{base_path: {text}}}").http.base_path == path


@pytest.mark.parametrize("text", ["trailarrd", "'/a//b'", "'/a?b'", "'/{x}'", "http://nas/trailarrd"])
def test_what_is_no_path_is_refused(text: str, loads: Loads) -> None:
    with pytest.raises(InvalidConfigError, match=r"http\.base_path: .* is not a valid base_path"):
        settings(loads, f"{{base_path: {text}}}")


def test_proxies_are_addresses_or_networks(loads: Loads) -> None:
    http = settings(loads, "{trusted_proxies: [127.0.0.1, 172.16.0.0/12, 'fd00::/8']}").http
    assert http.trusted_proxies == (
        IPv4Network("127.0.0.1"),
        IPv4Network("172.16.0.0/12"),
        IPv6Network("fd00::/8"),
    )


@pytest.mark.parametrize("text", ["nginx", "10.0.0.1/8", "'*'"])
def test_a_proxy_by_name_is_not_trusted(text: str, loads: Loads) -> None:
    with pytest.raises(InvalidConfigError, match=r"http\.trusted_proxies\[0\]: .* is not an address"):
        settings(loads, f"{{trusted_proxies: [{text}]}}")
