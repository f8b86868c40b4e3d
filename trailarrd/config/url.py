"""Web addresses and database addresses, as strict as a user can bear.

No message repeats an address: there may be a password in it.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from trailarrd.config.diagnostic import FieldError
from trailarrd.domain.paths import database_file

_EXAMPLE: Final = "for example http://127.0.0.1:7878 or https://nas.lan/radarr"
_END: Final = "end it with the port or the server's URL base"
_HOST: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?")
_API_PATH: Final = re.compile(r"/api(?:/v[0-9]+)?$")
_DATABASE: Final = re.compile(r"(?P<dialect>[a-z0-9]+)(?:\+(?P<driver>[a-z0-9_]+))?://(?P<rest>.*)")
_SQLITE: Final = "sqlite+aiosqlite:////var/lib/trailarrd/trailarrd.db"
_POSTGRESQL: Final = "postgresql+asyncpg://db.lan/trailarrd"
_OPTIONS: Final = frozenset({"host", "port", "ssl"})
"""What may follow the `?` of a database on a server."""
_TLS: Final = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


def server_url(text: str) -> str:
    """The URL of an Arr server, without trailing slashes; raises `FieldError`."""
    if not text:
        raise FieldError("is empty", hint=_EXAMPLE)
    # urlsplit would silently drop some of them.
    if any(char.isspace() or not char.isprintable() for char in text):
        raise FieldError("contains whitespace", hint=_EXAMPLE)
    if not text.lower().startswith(("http://", "https://")):
        raise FieldError("must begin with http:// or https://", hint=_EXAMPLE)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise FieldError("is not a URL", hint=_EXAMPLE) from None
    for is_wrong, message, hint in _mistakes(text, parts):
        if is_wrong:
            raise FieldError(message, hint=hint)
    host = f"[{parts.hostname}]" if "[" in parts.netloc else parts.hostname
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"


def _mistakes(text: str, parts: SplitResult) -> Iterator[tuple[bool, str, str | None]]:
    """Each mistake one can make: whether it is made, and how it is told."""
    host, in_brackets = parts.hostname or "", "[" in parts.netloc
    yield (
        "@" in parts.netloc,
        "must not contain a user name or password",
        "leave out all up to the '@'; the API key is what lets trailarrd in",
    )
    yield "?" in text or "#" in text, "must not contain '?' or '#'", _END
    if api := _API_PATH.search(parts.path.rstrip("/")):
        yield True, f"must not contain the API's own path '{api[0]}'", _END
    yield (
        parts.netloc.count(":") > 1 and not in_brackets,
        "has more than one ':' in its host",
        "write an IPv6 address in brackets, for example http://[::1]:7878",
    )
    yield not host, "has no host", _EXAMPLE
    yield in_brackets and not _is_address(host), "has brackets around what is not an IPv6 address", None
    is_name = in_brackets or _HOST.fullmatch(host) is not None
    yield not is_name, "has a host that is not a name or an address", _EXAMPLE
    yield not _is_port(parts), "has a port that is not a number from 1 to 65535", _EXAMPLE


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _is_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def database_url(text: str) -> str:
    """The URL of a SQLite file, by its absolute path, or of a database on a PostgreSQL server.

    The path is taken as it stands there: nothing in it is an escape. Raises `FieldError` for any other.
    """
    match = _DATABASE.fullmatch(text)
    if match is None:
        raise FieldError("is not a database URL", hint=f"for example {_SQLITE}")
    if match["dialect"] == "postgresql":
        return _server_database(text, match["driver"])
    if match["dialect"] != "sqlite":
        hint = f"use SQLite: {_SQLITE}, or PostgreSQL: {_POSTGRESQL}"
        raise FieldError("is of a kind that is not supported", hint=hint)
    if match["driver"] != "aiosqlite":
        hint = "begin it with sqlite+aiosqlite: instead of sqlite:"
        raise FieldError("needs the driver aiosqlite", hint=hint)
    if not match["rest"].startswith("//") or not match["rest"].strip("/"):
        hint = f"four slashes make it absolute: {_SQLITE}"
        raise FieldError("must name the file by its absolute path", hint=hint)
    return _as_ever(text)


def listen_url(text: str) -> str:
    """The URL of a database on a PostgreSQL server; raises `FieldError`."""
    match = _DATABASE.fullmatch(text)
    if match is None or match["dialect"] != "postgresql":
        raise FieldError("is not the URL of a PostgreSQL database", hint=f"for example {_POSTGRESQL}")
    return _server_database(text, match["driver"])


def _server_database(text: str, driver: str | None) -> str:
    example = f"for example {_POSTGRESQL}"
    if driver != "asyncpg":
        raise FieldError("needs the driver asyncpg", hint="begin it with postgresql+asyncpg:")
    try:
        parts = urlsplit(text)
        options = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        raise FieldError("is not a database URL", hint=example) from None
    for is_wrong, message, hint in (
        (
            parts.password is not None,
            "must not contain a password",
            "write it as database.password: by !env, !file or !credential",
        ),
        (not parts.path.strip("/"), "names no database", example),
        (not (parts.hostname or "host" in options), "names no server", example),
        (not _is_port(parts), "has a port that is not a number from 1 to 65535", example),
        (
            not options.keys() <= _OPTIONS,
            "has an option that is not known",
            "ssl, host and port are",
        ),
        (
            not _TLS.issuperset(options.get("ssl", ())),
            "has an ssl that is not known",
            "it is disable, allow, prefer, require, verify-ca or verify-full",
        ),
    ):
        if is_wrong:
            raise FieldError(message, hint=hint)
    return text


def _as_ever(url: str) -> str:
    """Where ours is not there, the file that 0.1.0 opened, which read escapes and cut at a `?`."""
    file = database_file(url) or ""
    before = unquote(file.partition("?")[0])
    if before == file or Path(file).exists() or not Path(before).is_file():
        return url
    if Path(file).parent.exists():
        raise FieldError(
            f"means the file {file}, which is not there; version 0.1.0 took it for {before}",
            hint="write that path to go on with that database, or move it to the one meant",
        )
    return f"sqlite+aiosqlite:///{before}"
