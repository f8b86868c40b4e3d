"""Signing in with an API key, and out again."""

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from trailarrd.web.authentication import CALLER, COOKIE, Access
from trailarrd.web.limits import body_of
from trailarrd.web.pages.site import Page, Site, go_to
from trailarrd.web.problem import ProblemError
from trailarrd.web.security import AUTHENTICATOR

_LONGEST_FORM: Final = 4096
"""Bytes: forty times the one key that is in it; the rest is not looked at."""


async def show(site: Site, request: web.Request, wrong: str = "") -> web.Response:
    """The form; not for whom it would give nothing."""
    if request[CALLER].access >= Access.WRITE and not wrong:
        return go_to(f"{site.base}/")
    has_none = await request.app[AUTHENTICATOR].keys.is_empty()
    content = {"title": "Sign in", "tab": "", "wrong": wrong, "none": has_none}
    status = HTTPStatus.UNAUTHORIZED if wrong else HTTPStatus.OK
    return site.respond(request, Page("login.html", content, status))


async def enter(site: Site, request: web.Request) -> web.Response:
    """If the key is right, a session begins."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ProblemError(HTTPStatus.FORBIDDEN, "another site sent this")
    form = parse_qs((await body_of(request))[:_LONGEST_FORM].decode(errors="replace"))
    authenticator = request.app[AUTHENTICATOR]
    key = await authenticator.key(request, form.get("key", [""])[0].strip())
    if key is None:
        return await show(site, request, "There is no such API key.")
    authenticator.sessions.close(request.cookies.get(COOKIE, ""))
    response = go_to(f"{site.base}/")
    _give_cookie(request, response, authenticator.sessions.open(key.digest), site.base or "/")
    return response


async def leave(site: Site, request: web.Request) -> web.Response:
    """The session ends."""
    request.app[AUTHENTICATOR].sessions.close(request.cookies.get(COOKIE, ""))
    response = go_to(f"{site.base}/login")
    response.del_cookie(COOKIE, path=site.base or "/", httponly=True, samesite="Strict")
    return response


def _give_cookie(request: web.Request, response: web.Response, token: str, path: str) -> None:
    """No script can read it, no other site can use it, and it ends with the browser's own session."""
    is_secure = request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    response.set_cookie(COOKIE, token, path=path, httponly=True, samesite="Strict", secure=is_secure)
