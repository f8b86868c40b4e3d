"""Where a request really comes from: a reverse proxy is listened to only if it is a trusted one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SIGNS: Final = frozenset({"forwarded", "x-real-ip", "via"})
"""Headers that only a proxy sets, besides all X-Forwarded-*: what came through one is not of this host."""
_LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Origin:
    """The client behind all proxies that are trusted."""

    address: str
    is_local: bool
    """Whether it is certainly a program of this host, and no web page in its browser."""

    @property
    def network(self) -> str:
        """What one client can hardly change: an IPv6 client has 2^64 addresses."""
        return network_of(self.address)


ORIGIN: Final = web.RequestKey("origin", Origin)


def origin_of(
    peer: str, forwarded_for: Sequence[str], headers: Mapping[str, str], trusted: Collection[Network]
) -> Origin:
    """The nearest address that is no trusted proxy's; `forwarded_for` are the header's lines.

    A proxy that is not trusted is itself the client, and nothing that it says counts. But what came
    through any proxy is not local: else everybody would be whom a proxy on this host serves. Nor is
    what names this host as only its owner's DNS would not: a web page whose name now means 127.0.0.1.
    """
    address = _parse(peer)
    is_proxied = any(_is_sign(name.lower()) for name in headers)
    if is_proxied and _is_trusted(address, trusted):
        hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
        return Origin(_client(hops, peer, trusted), is_local=False)
    is_local = address is not None and address.is_loopback and not is_proxied
    return Origin(peer, is_local=is_local and _host(headers.get("Host", "")) in _LOCAL_NAMES)


def network_of(text: str) -> str:
    """The part of an address that one client can hardly change."""
    address = _parse(text)
    return str(IPv6Address(int(address) >> 64 << 64)) if isinstance(address, IPv6Address) else text


def is_in(text: str, networks: Collection[Network]) -> bool:
    """Whether an address lies in one of them; what is none does not."""
    return _is_trusted(_parse(text), networks)


def _is_sign(header: str) -> bool:
    return header in _SIGNS or header.startswith("x-forwarded-")


def _client(hops: Sequence[str], peer: str, trusted: Collection[Network]) -> str:
    """The last hop that no trusted proxy is; what stands before it, anybody may have written."""
    client = peer
    for hop in reversed(hops):
        address = _parse(hop)
        if address is None:
            break
        client = str(address)
        if not _is_trusted(address, trusted):
            break
    return client


def _is_trusted(address: Address | None, trusted: Collection[Network]) -> bool:
    return address is not None and any(address in network for network in trusted)


def _parse(text: str) -> Address | None:
    """An address without port and zone; IPv4 in IPv6 as what it is."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _host(header: str) -> str:
    """The Host header without its port."""
    name, colon, port = header.rpartition(":")
    return (name if colon and port.isdecimal() else header).lower()
