"""The HTTP session of a download: through the user's proxy, and to public addresses only where it has to."""

import ipaddress
import socket
from typing import Final

import aiohttp

from trailarrd import __version__
from trailarrd.domain.secret import Secret
from trailarrd.errors import Barrier, TransferRefusedError, TransferRejectedError
from trailarrd.plugin.session import MAX_HEADER

_CONNECT: Final = 20.0


def open_outside(*, proxy: Secret | None = None, public_only: bool = True) -> aiohttp.ClientSession:
    """A session for one download; the caller closes it.

    With `public_only` every request to a host that is not of the public internet raises
    `TransferRefusedError`, after a redirect, too. A proxy asks for names by itself, and cannot be watched:
    through one only what an address itself shows is refused.
    """
    watched = public_only and proxy is None
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=4, socket_factory=_public_socket if watched else None),
        timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT),
        headers={"User-Agent": f"trailarrd/{__version__}"},
        proxy=proxy.reveal() if proxy else None,
        middlewares=(*((_only_http_proxies,) if proxy else ()), *((_only_public,) if public_only else ())),
        max_line_size=MAX_HEADER,
        max_field_size=MAX_HEADER,
    )


def is_public(host: str) -> bool:
    """Whether that may be a host of the public internet: a name may be, but for this host's own."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".").rpartition(".")[2] not in ("", "localhost", "local", "internal")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    return address.is_global and not address.is_multicast


def _public_socket(found: aiohttp.AddrInfoType) -> socket.socket:
    family, kind, protocol, _, place = found
    _require_public(str(place[0]))
    return socket.socket(family, kind, protocol)


async def _only_public(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    _require_public(request.url.host or "")
    return await send(request)


def _require_public(host: str) -> None:
    if not is_public(host):
        raise TransferRefusedError(
            f"{host} is no address of the public internet: give it on the command line, or set"
            " download.private_addresses",
            because=Barrier.PRIVATE_ADDRESS,
        )


async def _only_http_proxies(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    if request.proxy and request.proxy.scheme not in ("http", "https"):
        raise TransferRejectedError(
            f"this downloader knows no {request.proxy.scheme} proxies: write http in download.proxy"
        )
    return await send(request)
