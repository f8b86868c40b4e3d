"""`/hooks/CONNECTION`: where an Arr server posts its events.

Answered at once, whatever follows from an event. Who posts says so by the token that
`trailarrd webhook` made for that connection, as the password of HTTP's Basic authentication, in the
header X-Api-Key, or as a further part of the path.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64decode
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from aiohttp import web

from trailarrd.domain.apikey import digest_of
from trailarrd.web import security
from trailarrd.web.authentication import Access
from trailarrd.web.limits import Cached, Limiter, body_of, drop_body
from trailarrd.web.origin import ORIGIN
from trailarrd.web.problem import ProblemError
from trailarrd.web.services import SERVICES, WebhookReceiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.store.store import Store

log = structlog.get_logger()

_PATIENCE: Final = 15.0
"""Seconds: an event that is refused is lost, so a database that is started anew is waited for."""
_AGE: Final = 2.0
"""Seconds for which the tokens are not read anew: so long an old one may still be good."""
_DOUBT: Final = 0.2
"""The same for one that does not fit: a server tries a new one as soon as it is told."""
_MOST: Final = 64 * 2**20
"""Bytes of an event that are read at all; beyond what a body may have, they are not kept."""
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="trailarrd"'}


def add_to(application: web.Application, base_path: str, store: Store) -> None:
    """Register the routes; servers post, or put if somebody told them to."""
    receiver = _Receiver(store)
    for path in ("/hooks/{connection}", "/hooks/{connection}/{token}"):
        for method in ("POST", "PUT"):
            security.add_route(application, method, f"{base_path}{path}", receiver.answer, Access.POST)


class _Receiver:
    def __init__(self, store: Store) -> None:
        self._digests = Cached(store.webhook_digests, _PATIENCE)
        self._warned = Limiter(1 / 60)

    async def answer(self, request: web.Request) -> web.Response:
        services = request.app[SERVICES]
        connection = request.match_info["connection"]
        receiver = services.receivers().get(connection)
        try:
            await self._authenticate(request, connection, receiver)
            name = _known(receiver, connection).post(await _event(request))
        except ProblemError:
            # A label for each name that a stranger makes up would be metrics without end.
            services.metrics.webhook(connection if receiver else "unknown", "refused")
            raise
        services.metrics.webhook(connection, "not-understood" if name is None else "taken")
        return web.json_response({})

    async def _authenticate(
        self, request: web.Request, connection: str, receiver: WebhookReceiver | None
    ) -> None:
        token = _token(request)
        if token is not None and await self._fits(connection, token):
            return
        if receiver:
            receiver.refused += 1
        if not self._warned.wait(request[ORIGIN].network):
            log.warning("webhook.wrong_token", connection=connection[:80], client=request[ORIGIN].address)
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "not this connection's token;"
            " 'trailarrd webhook register NAME --url URL' gives its server the right one",
            headers=_CHALLENGE,
        )

    async def _fits(self, connection: str, token: str) -> bool:
        """Whether the token is that connection's; a wrong one waits, and reads them anew."""
        digest = digest_of(token)
        if hmac.compare_digest((await self._digests.get(_AGE)).get(connection, ""), digest):
            return True
        # It may have been made since they were read: a server tries a new one at once.
        await asyncio.sleep(_DOUBT)
        return hmac.compare_digest((await self._digests.get(_DOUBT)).get(connection, ""), digest)


def _known(receiver: WebhookReceiver | None, connection: str) -> WebhookReceiver:
    if receiver is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"no connection {connection!r} is configured")
    return receiver


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
    except ValueError:  # in another alphabet, or of another one than ASCII
        return None


async def _event(request: web.Request) -> Mapping[str, object] | None:
    """The event; None for a huge one, such as a rename of many hundred episodes.

    To refuse that would lose it, and the next ones too: a server that is refused backs off.
    """
    try:
        return msgspec.json.decode(await body_of(request), type=dict[str, object])
    except web.HTTPRequestEntityTooLarge:
        await drop_body(request, most=_MOST)
        return None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ProblemError(HTTPStatus.BAD_REQUEST, "an event is a JSON object") from None
