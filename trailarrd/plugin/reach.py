"""The way to an Arr server step by step, so that a doctor can say where it ends."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple

from yarl import URL

from trailarrd.domain.connection import ArrServer
from trailarrd.errors import Suspect
from trailarrd.plugin.client import reason_of
from trailarrd.plugin.tls import context_of, trouble_of


class Step(StrEnum):
    """One step of the way."""

    NAME = "name"
    """The host's name means an address."""
    PORT = "port"
    """Something listens there."""
    TLS = "tls"
    """It speaks TLS, with a certificate that we trust."""


class Way(NamedTuple):
    """How one step went."""

    step: Step
    said: str
    """The address, or why it failed."""
    ok: bool = True
    suspect: Suspect | None = None
    """What to look at, where that is known."""


async def reach(server: ArrServer) -> AsyncIterator[Way]:
    """Each step of the way; the first that fails is the last.

    Raises:
        ProviderRejectedError: `ca_file` cannot be used.
    """
    url = URL(server.url)
    host, port = url.host or "", url.port or 0
    name = await _resolve(host, port, server.timeouts.connect)
    yield name
    if not name.ok:
        return
    door = await _connect(host, port, server.timeouts.connect)
    yield door
    if door.ok and url.scheme == "https":
        yield await _shake_hands(host, port, server)


async def _resolve(host: str, port: int, within: float) -> Way:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return Way(Step.NAME, f"no answer to the question for {host} within {within:g} s", ok=False)
    except OSError as error:
        return Way(Step.NAME, f"{host}: {reason_of(error)}", ok=False)
    except UnicodeError:
        return Way(Step.NAME, f"{host}: no host can have such a name", ok=False)
    addresses = dict.fromkeys(str(info[4][0]) for info in found)
    return Way(Step.NAME, f"{host} is {', '.join(addresses)}")


async def _connect(host: str, port: int, within: float, **tls: Any) -> Way:
    step = Step.TLS if tls else Step.PORT
    try:
        async with asyncio.timeout(within):
            _, writer = await asyncio.open_connection(host, port, **tls)
    except TimeoutError:
        return Way(step, f"{host}:{port} does not answer within {within:g} s", ok=False)
    except ssl.SSLError as error:
        trouble = trouble_of(f"{host}:{port}", error)
        return Way(step, str(trouble), ok=False, suspect=trouble.suspect)
    except OSError as error:
        return Way(step, f"{host}:{port}: {reason_of(error)}", ok=False)
    version = writer.get_extra_info("ssl_object")
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(within):
            await writer.wait_closed()
    return Way(step, f"{host}:{port} speaks {version.version()}" if version else f"{host}:{port} answers")


async def _shake_hands(host: str, port: int, server: ArrServer) -> Way:
    return await _connect(host, port, server.timeouts.connect, ssl=context_of(server), server_hostname=host)
