"""Web addresses and database addresses, as strict as a user can bear.

No message repeats an address: there may be a password in it.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from trailarrd.config.diagnostic import FieldError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_EXAMPLE: Final = "for example http://127.0.0.1:7878 or https://nas.lan/radarr"
_HOST: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?")
_API_PATH: Final = re.compile(r"/api(?:/v[0-9]+)?$")

_DATABASE: Final = re.compile(r"(?P<dialect>[a-z0-9]+)(?:\+(?P<driver>[a-z0-9_]+))?://(?P<rest>.*)")
_SQLITE: Final = "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db"


def server_url(text: str) -> str:
    """The URL of an Arr server, without trailing slashes."""
    _refuse_blanks(text)
    if not text.lower().startswith(("http://", "https://")):
        raise FieldError("must begin with http:// or https://", hint=_EXAMPLE)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise FieldError("is not a URL", hint=_EXAMPLE) from None
    if "@" in parts.netloc:
        raise FieldError(
            "must not contain a user name or password",
            hint="leave out all up to the '@'; the API key is what lets trailarrd in",
        )
    path = _base_path(text, parts)
    return f"{parts.scheme}://{_host(parts)}{_port(parts)}{path}"


def _refuse_blanks(text: str) -> None:
    if not text:
        raise FieldError("is empty", hint=_EXAMPLE)
    # urlsplit would silently drop some of them.
    if any(char.isspace() or not char.isprintable() for char in text):
        raise FieldError("contains whitespace", hint=_EXAMPLE)


def _base_path(text: str, parts: SplitResult) -> str:
    if "?" in text or "#" in text:
        raise FieldError("must not contain '?' or '#'", hint="end it with the port or the server's URL base")
    path = parts.path.rstrip("/")
    if api := _API_PATH.search(path):
        raise FieldError(
            f"must not contain the API's own path '{api[0]}'",
            hint="end it with the port or the server's URL base",
        )
    return path


def _host(parts: SplitResult) -> str:
    if parts.netloc.count(":") > 1 and "[" not in parts.netloc:
        raise FieldError(
            "has more than one ':' in its host",
            hint="write an IPv6 address in brackets, for example http://[::1]:7878",
        )
    host = parts.hostname
    if not host:
        raise FieldError("has no host", hint=_EXAMPLE)
    if "[" in parts.netloc:
        _check_address(host)
        return f"[{host}]"
    if not _HOST.fullmatch(host):
        raise FieldError("has a host that is not a name or an address", hint=_EXAMPLE)
    return host


def _check_address(host: str) -> None:
    try:
        ip_address(host)
    except ValueError:
        raise FieldError("has brackets around what is not an IPv6 address") from None


def _port(parts: SplitResult) -> str:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise FieldError("has a port that is not a number from 1 to 65535", hint=_EXAMPLE)
    return f":{port}" if port else ""


def database_url(text: str) -> str:
    """The URL of a SQLite file, by its absolute path; other databases are not supported yet."""
    match = _DATABASE.fullmatch(text)
    if match is None:
        raise FieldError("is not a database URL", hint=f"for example {_SQLITE}")
    if match["dialect"] == "sqlite":
        _check_sqlite(match["driver"], match["rest"])
    else:
        raise FieldError("is of a kind that is not supported", hint=f"use SQLite: {_SQLITE}")
    return text


def _check_sqlite(driver: str | None, rest: str) -> None:
    if driver != "aiosqlite":
        raise FieldError(
            "needs the driver aiosqlite",
            hint="begin it with sqlite+aiosqlite: instead of sqlite:",
        )
    if not rest.startswith("//") or not rest.strip("/"):
        raise FieldError(
            "must name the file by its absolute path",
            hint=f"four slashes make it absolute: {_SQLITE}",
        )
