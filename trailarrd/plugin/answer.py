"""What an HTTP answer of an Arr server means: usable, or which error with which advice.

Facts come from the servers' behaviour: a wrong URL base answers with the user interface's web page or a
redirect, a server that starts up answers 503. What is not theirs is for `front` to tell.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from trailarrd import errors
from trailarrd.domain.secret import Redactor
from trailarrd.plugin import front

if TYPE_CHECKING:
    from aiohttp import ClientResponse

    from trailarrd.domain.connection import ArrServer

_DONE: Final = {
    "GET": (HTTPStatus.OK,),
    "POST": (HTTPStatus.OK, HTTPStatus.CREATED),
    "PUT": (HTTPStatus.OK, HTTPStatus.ACCEPTED),
    "DELETE": (HTTPStatus.OK,),
}
"""What means success, by what was asked."""
_TRY_LATER: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_TELLING_BYTES: Final = 2**18  # what the server says of an error comes with its stack trace
_MAX_RETRY_AFTER: Final = 24 * 3600.0


class _ErrorBody(msgspec.Struct, rename="camel"):
    """What an Arr server says beside an error status; its `description` is a stack trace, so unread."""

    error_message: str = ""
    message: str = ""


async def check(response: ClientResponse, server: ArrServer) -> None:
    """Return if the answer is JSON with a status of success, else raise what it means.

    Raises:
        ProviderUnavailableError: the server says to come back later.
        ProviderRejectedError: it refuses the API key.
        ProviderResponseError: a redirect, a web page, a login in front of it, or another status.
    """
    where = f"{response.method} {response.url.with_query(None).with_user(None)}"
    if response.status in _DONE[response.method.upper()]:
        front.check_encoding(response, where)
        if is_json(response):
            return
        raise front.no_json(response, await _body(response, server), where)
    raise await _error(response, server, where)


def is_json(response: ClientResponse) -> bool:
    """Whether the answer calls itself JSON, in any of its spellings."""
    kind = response.content_type
    return kind == "application/json" or kind.endswith("+json") or kind == "text/json"


async def _error(response: ClientResponse, server: ArrServer, where: str) -> errors.ProviderError:
    status = response.status
    said = f"{where} answered with HTTP {status}"
    if 300 <= status < 400:  # noqa: PLR2004  # the class of redirects
        return front.redirected(response, said)
    body = await _body(response, server)
    words = _words(response, body, server)
    if status == HTTPStatus.UNAUTHORIZED:
        return front.refusal(response, body, server, said)
    if status == HTTPStatus.FORBIDDEN:
        return front.forbidden(said, words)
    if status in _TRY_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return errors.ProviderUnavailableError(said + words, retry_after=_retry_after(response))
    if status == HTTPStatus.NOT_FOUND:
        return errors.ProviderResponseError(
            f"{said}: no such API there; check url, and that the application's version is a supported one",
            suspect=errors.Suspect.ADDRESS,
        )
    return front.bad_request(response, body, said) or errors.ProviderResponseError(said + words)


async def _body(response: ClientResponse, server: ArrServer) -> bytes:
    """As much as tells what it is; what has come until then if the rest does not come."""
    import aiohttp  # noqa: PLC0415  # who asks has loaded it

    body = bytearray()
    with suppress(aiohttp.ClientError, OSError):
        async with asyncio.timeout(server.timeouts.stall):
            while len(body) < _TELLING_BYTES and (piece := await response.content.readany()):
                body += piece
    return bytes(body)


def _words(response: ClientResponse, body: bytes, server: ArrServer) -> str:
    """The server's own words, if they are in one of the known shapes."""
    if not is_json(response):
        return ""
    try:
        found = msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.MsgspecError, RecursionError):
        return ""
    spoken = Redactor(server.secrets).clean(found.error_message or found.message)
    words = " ".join(spoken.split())[:200]
    return f": {words}" if words else ""


def _retry_after(response: ClientResponse) -> float | None:
    """Seconds, if the server said so in seconds; a date is rare and not worth trusting its clock."""
    value = response.headers.get("Retry-After", "").strip()
    return min(float(value), _MAX_RETRY_AFTER) if value.isascii() and value.isdigit() else None
