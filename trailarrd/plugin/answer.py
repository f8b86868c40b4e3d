"""What an HTTP answer of an Arr server means: usable, or which error with which advice.

Facts come from the servers' behaviour: 401 has an empty body, a wrong URL base answers with the
user interface's web page or a redirect, a server that starts up answers 503.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp import ClientResponse

from trailarrd import errors
from trailarrd.domain.connection import ArrServer
from trailarrd.domain.secret import Redactor

_DONE: Final = {
    "GET": (HTTPStatus.OK,),
    "POST": (HTTPStatus.OK, HTTPStatus.CREATED),
    "PUT": (HTTPStatus.OK, HTTPStatus.ACCEPTED),
    "DELETE": (HTTPStatus.OK,),
}
"""What means success, by what was asked."""
_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_TRY_LATER: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_ERROR_BODY_BYTES: Final = 2**18  # what the server says comes with its stack trace
_MAX_RETRY_AFTER: Final = 24 * 3600.0


class _ErrorBody(msgspec.Struct, rename="camel"):
    """What an Arr server says beside an error status; its `description` is a stack trace, so unread."""

    error_message: str = ""
    message: str = ""


async def check(response: ClientResponse, server: ArrServer, app_name: str) -> None:
    """Return if the answer is JSON with a status of success, else raise what it means.

    Raises:
        ProviderUnavailableError: the server says to come back later.
        ProviderRejectedError: it refuses the API key.
        ProviderResponseError: a redirect, a web page, or another status.
    """
    where = f"{response.method} {response.url.with_query(None).with_user(None)}"
    if response.status in _DONE[response.method.upper()]:
        if is_json(response):
            return
        raise errors.ProviderResponseError(
            f"{where} answered with {response.content_type or 'no content type'} instead of JSON: "
            "check the path in url against the server's URL base, and whether a proxy's login page answers",
            suspect=errors.Suspect.ADDRESS,
        )
    raise await _error(response, server, where, app_name)


def is_json(response: ClientResponse) -> bool:
    """Whether the answer calls itself JSON, in any of its spellings."""
    kind = response.content_type
    return kind == "application/json" or kind.endswith("+json") or kind == "text/json"


async def _error(
    response: ClientResponse, server: ArrServer, where: str, app_name: str
) -> errors.ProviderError:
    status = response.status
    said = f"{where} answered with HTTP {status}"
    if status in _REFUSED:
        return errors.ProviderRejectedError(
            f"{said}: the server refuses the API key; compare api_key with its Settings > General",
            suspect=errors.Suspect.KEY,
        )
    if 300 <= status < 400:  # noqa: PLR2004  # the class of redirects
        return errors.ProviderResponseError(said + _redirect_advice(response), suspect=errors.Suspect.ADDRESS)
    if status in _TRY_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        words = await _said(response, server)
        return errors.ProviderUnavailableError(said + words, retry_after=_retry_after(response))
    if status == HTTPStatus.NOT_FOUND:
        return errors.ProviderResponseError(
            f"{said}: no such API there; check url, and that this is a supported version of {app_name}",
            suspect=errors.Suspect.ADDRESS,
        )
    return errors.ProviderResponseError(said + await _said(response, server))


def _redirect_advice(response: ClientResponse) -> str:
    """Redirects are never followed with the key; most of them name the missing URL base."""
    here = response.url
    try:
        target = urlsplit(response.headers.get("Location", ""))
    except ValueError:
        return ": a redirect to no valid address"
    same_origin = not target.netloc or (target.scheme, target.netloc) == (here.scheme, here.authority)
    base = target.path.removesuffix(here.path)
    if same_origin and base and base != target.path:
        return f": the server's URL base is {base}; url should be {here.origin()}{base}"
    if target.path.rstrip("/").endswith("/login"):
        return ": a login page; check the path in url, and whether a proxy asks for a login"
    if target.scheme == "https" and here.scheme == "http":
        return ": it wants https; write https in url"
    target_host = target.hostname or "another path"
    return f": a redirect to {target_host}, which is not followed; put the final address in url"


async def _said(response: ClientResponse, server: ArrServer) -> str:
    """The server's own words, if they come and are in one of the known shapes."""
    if not is_json(response):
        return ""
    try:
        async with asyncio.timeout(server.timeouts.stall):
            body = msgspec.json.decode(await _error_body(response), type=_ErrorBody)
    except (msgspec.MsgspecError, RecursionError, aiohttp.ClientError, OSError):
        return ""
    spoken = Redactor([server.api_key]).clean(body.error_message or body.message)
    words = " ".join(spoken.split())[:200]
    return f": {words}" if words else ""


async def _error_body(response: ClientResponse) -> bytes:
    body = bytearray()
    while len(body) < _ERROR_BODY_BYTES and (piece := await response.content.readany()):
        body += piece
    return bytes(body)


def _retry_after(response: ClientResponse) -> float | None:
    """Seconds, if the server said so in seconds; a date is rare and not worth trusting its clock."""
    value = response.headers.get("Retry-After", "").strip()
    return min(float(value), _MAX_RETRY_AFTER) if value.isascii() and value.isdigit() else None
