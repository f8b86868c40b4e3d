"""Signing in with an API key, and out again."""

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from trailarrd.web.authentication import CALLER, Access
from trailarrd.web.limits import body_of
from trailarrd.web.pages.site import Page, Site, go_to
from trailarrd.web.problem import ProblemError
from trailarrd.web.security import AUTHENTICATOR, FOREIGN_FORM, comes_from_elsewhere
from trailarrd.web.sessions import COOKIE

_LONGEST_FORM: Final = 4096
"""Bytes: room for the key and the way back; the rest is not looked at."""
_YEAR: Final = 365 * 24 * 3600
"""Seconds for which a browser keeps the cookie; when its session ends, we say."""


async def show(site: Site, request: web.Request) -> web.Response:
    """The form; not for whom it would give nothing."""
    back = _way_back(request.query.get("next", ""))
    if request[CALLER].access >= Access.WRITE:
        return go_to(site.base + back)
    return await _form(site, request, back)


async def _form(site: Site, request: web.Request, back: str, *, is_wrong: bool = False) -> web.Response:
    has_none = await request.app[AUTHENTICATOR].keys.is_empty()
    content = {"tab": "", "is_wrong": is_wrong, "none": has_none, "back": back}
    status = HTTPStatus.UNAUTHORIZED if is_wrong else HTTPStatus.OK
    return site.respond(request, Page("login.html", content, status))


async def enter(site: Site, request: web.Request) -> web.Response:
    """If the key is right, a session begins, and it goes on where it was asked for."""
    _refuse_others(request)
    form = parse_qs((await body_of(request))[:_LONGEST_FORM].decode(errors="replace"))
    back = _way_back(form.get("next", [""])[0])
    authenticator = request.app[AUTHENTICATOR]
    key = await authenticator.key(request, form.get("key", [""])[0].strip())
    if key is None:
        return await _form(site, request, back, is_wrong=True)
    await authenticator.sessions.close(request.cookies.get(COOKIE, ""))
    response = go_to(site.base + back)
    token = await authenticator.sessions.open(key.digest, request.headers.get("User-Agent", ""))
    give_cookie(request, response, token, site.base or "/")
    return response


async def leave(site: Site, request: web.Request) -> web.Response:
    """The session ends."""
    _refuse_others(request)
    await request.app[AUTHENTICATOR].sessions.close(request.cookies.get(COOKIE, ""))
    response = go_to(f"{site.base}/login")
    response.del_cookie(COOKIE, path=site.base or "/", httponly=True, samesite="Lax")
    return response


def _refuse_others(request: web.Request) -> None:
    if comes_from_elsewhere(request):
        raise ProblemError(HTTPStatus.FORBIDDEN, FOREIGN_FORM)


def _way_back(text: str) -> str:
    """A path of ours, below the base; what could lead elsewhere is the first page."""
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_ours and text.isascii() and not text.startswith(("/login", "/logout")) else "/"


def give_cookie(
    request: web.Request,
    response: web.Response,
    token: str,
    path: str,
    *,
    name: str = COOKIE,
    strict: bool = False,
) -> None:
    """No script can read it, and another site's forms and scripts come without it; its links do not.

    A `strict` one ends with the browser, and links from elsewhere come without it, too.
    """
    is_secure = request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    response.set_cookie(
        name,
        token,
        path=path,
        httponly=True,
        samesite="Strict" if strict else "Lax",
        secure=is_secure,
        max_age=None if strict else _YEAR,
    )
