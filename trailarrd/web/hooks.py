"""`/hooks/CONNECTION`: where an Arr server posts its events.

Answered at once, whatever follows from an event. Who posts says so by the token that
`trailarrd webhook` made for that connection, as the password of HTTP's Basic authentication, in the
header X-Api-Key, or as a further part of the path.
"""

from __future__ import annotations

import asyncio
import binascii
import hmac
import time
from base64 import b64decode
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from aiohttp import web

from trailarrd.domain.apikey import digest_of
from trailarrd.web import body, security
from trailarrd.web.caller import Access
from trailarrd.web.limiter import Limiter
from trailarrd.web.origin import ORIGIN
from trailarrd.web.problem import ProblemError
from trailarrd.web.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trailarrd.store import Store
    from trailarrd.web.services import Inbox

log = structlog.get_logger()

_AGE: Final = 2.0
"""Seconds for which the tokens are not read anew: so long an old one may still be good."""
_DOUBT: Final = 0.2
"""The same for one that does not fit: a server tries a new one as soon as it is told."""
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="trailarrd"'}


class Tokens:
    """The tokens as the database has them."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._digests: Mapping[str, str] = {}
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def fits(self, connection: str, token: str) -> bool:
        """Whether the token is that connection's; takes as long for a wrong one as for a right one."""
        digest = digest_of(token)
        for age in (_AGE, _DOUBT):
            async with self._reading:
                await self._read(age)
            if hmac.compare_digest(self._digests.get(connection, ""), digest):
                return True
        return False

    async def _read(self, age: float) -> None:
        if self._read_at is None or self._clock() - self._read_at > age:
            self._digests = await self._store.webhook_digests()
            self._read_at = self._clock()


def add_to(application: web.Application, base_path: str, tokens: Tokens) -> None:
    """Register the routes; servers post, or put if somebody told them to."""

    told = Limiter(1 / 60)

    async def hook(request: web.Request) -> web.StreamResponse:
        return await _hook(request, tokens, told)

    for path in ("/hooks/{connection}", "/hooks/{connection}/{token}"):
        for method in ("POST", "PUT"):
            security.add_route(application, method, f"{base_path}{path}", hook, Access.POST)


async def _hook(request: web.Request, tokens: Tokens, told: Limiter) -> web.Response:
    services = request.app[SERVICES]
    connection = request.match_info["connection"]
    inbox = services.inboxes().get(connection)
    try:
        await _authenticate(request, connection, tokens, told)
        name = _known(inbox, connection).post(await _event(request))
    except ProblemError:
        # A label for each name that a stranger makes up would be metrics without end.
        services.metrics.webhook(connection if inbox else "unknown", "refused")
        raise
    services.metrics.webhook(connection, "not-understood" if name is None else "taken")
    return web.json_response({})


def _known(inbox: Inbox | None, connection: str) -> Inbox:
    if inbox is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no connection {connection!r} is configured")
    return inbox


async def _authenticate(request: web.Request, connection: str, tokens: Tokens, told: Limiter) -> None:
    """Raise a problem if no good token came; `told` is for how often the log says so."""
    token = _token(request)
    if token is not None and await tokens.fits(connection, token):
        return
    if not told.wait(request[ORIGIN].network):
        log.warning("webhook.wrong_token", connection=connection[:80], client=request[ORIGIN].address)
    raise ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "not this connection's token; 'trailarrd webhook register' gives its server the right one",
        headers=_CHALLENGE,
    )


def _token(request: web.Request) -> str | None:
    if (token := request.match_info.get("token")) is not None:
        return token
    if (token := request.headers.get("X-Api-Key")) is not None:
        return token
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(credentials.strip(), validate=True).decode("latin-1").partition(":")[2]
    except binascii.Error:
        return None


async def _event(request: web.Request) -> Mapping[str, object]:
    try:
        return msgspec.json.decode(await body.read(request), type=dict[str, object])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "an event is a JSON object") from None
