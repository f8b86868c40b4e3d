"""What the settings below `http:` mean: an address to listen on, a path, networks."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from trailarrd.config.fields import filled, text
from trailarrd.config.problem import FieldError
from trailarrd.config.wording import quote

_LISTEN: Final = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_BASE_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_LARGEST_PORT: Final = 65535
_LISTEN_HINT: Final = "for example 127.0.0.1:7979, [::1]:7979, or 0.0.0.0:7979 for every network"


def listen(value: object) -> str:
    """`HOST:PORT`, with an IPv6 address in brackets; port 0 takes any that is free."""
    given = filled(value).strip()
    match = _LISTEN.fullmatch(given)
    if match is None or int(match["port"]) > _LARGEST_PORT:
        raise FieldError(f"{quote(given)} is not an address and a port", hint=_LISTEN_HINT)
    host = match["v6"] or match["host"] or ""
    try:
        ip_address(host)
    except ValueError:
        if match["v6"] is not None or not _HOST_NAME.fullmatch(host):
            raise FieldError(f"{quote(given)} has no address", hint=_LISTEN_HINT) from None
    return given


def base_path(value: object) -> str:
    """Nothing, or a path that begins with a slash and does not end with one."""
    given = text(value).strip().rstrip("/")
    if given and not _BASE_PATH.fullmatch(given):
        raise FieldError(f"{quote(text(value))} is not a path", hint="for example /trailarrd")
    return given


def network(value: object) -> IPv4Network | IPv6Network:
    """An address, or a network such as 172.16.0.0/12."""
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    given = filled(value).strip()
    try:
        return ip_network(given)
    except ValueError:
        hint = "for example 127.0.0.1 or 172.16.0.0/12; a name is not enough to be trusted"
        raise FieldError(f"{quote(given)} is not an address or a network", hint=hint) from None


_TEXT: Final = {"type": "string"}

Listen = Annotated[str, PlainValidator(listen), WithJsonSchema(_TEXT)]
BasePath = Annotated[str, PlainValidator(base_path), WithJsonSchema(_TEXT)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(network), WithJsonSchema(_TEXT)]
