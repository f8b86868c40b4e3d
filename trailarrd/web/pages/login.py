"""Signing in with an API key, and out again."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog

from trailarrd.domain.apikey import digest_of
from trailarrd.web import body
from trailarrd.web.caller import CALLER, Access
from trailarrd.web.limiter import Limiter
from trailarrd.web.origin import ORIGIN
from trailarrd.web.pages.site import Page, go_to
from trailarrd.web.problem import ProblemError
from trailarrd.web.session import COOKIE, give_cookie, take_cookie

if TYPE_CHECKING:
    from aiohttp import web

    from trailarrd.web.keyring import KeyRing
    from trailarrd.web.pages.site import Site
    from trailarrd.web.session import Sessions

log = structlog.get_logger()

_WRONG = "There is no such API key."


class Login:
    """Lets people in."""

    def __init__(self, keys: KeyRing, sessions: Sessions) -> None:
        self._keys = keys
        self._sessions = sessions
        self._told = Limiter(1 / 60)

    async def show(self, site: Site, request: web.Request, wrong: str = "") -> web.Response:
        """The form; not for whom it would give nothing."""
        if request[CALLER].access >= Access.WRITE and not wrong:
            return go_to(f"{site.base}/")
        content = {"title": "Sign in", "tab": "", "wrong": wrong, "none": await self._keys.is_empty()}
        status = HTTPStatus.UNAUTHORIZED if wrong else HTTPStatus.OK
        return site.respond(request, Page("login.html", content, status))

    async def enter(self, site: Site, request: web.Request) -> web.Response:
        """The key is right: a session begins."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise ProblemError(HTTPStatus.FORBIDDEN, "another site sent this")
        await body.read(request)
        given = (await request.post()).get("key")
        token = given.strip() if isinstance(given, str) else ""
        if await self._keys.find(token) is None:
            if not self._told.wait(request[ORIGIN].network):
                log.warning("http.wrong_key", client=request[ORIGIN].address)
            return await self.show(site, request, _WRONG)
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response = go_to(f"{site.base}/")
        give_cookie(request, response, self._sessions.open(digest_of(token)), site.base or "/")
        return response

    async def leave(self, site: Site, request: web.Request) -> web.Response:
        """The session ends."""
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response = go_to(f"{site.base}/login")
        take_cookie(response, site.base or "/")
        return response
