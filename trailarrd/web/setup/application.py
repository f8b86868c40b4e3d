"""The routes of a first start: the code, the servers, what is wanted of them, and the end."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from trailarrd.config.annotated import text_of
from trailarrd.errors import ConfigError
from trailarrd.web import security
from trailarrd.web.authentication import Access
from trailarrd.web.compression import compress
from trailarrd.web.limits import Limiter
from trailarrd.web.pages import texts
from trailarrd.web.pages.login import give_cookie
from trailarrd.web.pages.site import Page, Site, go_to
from trailarrd.web.problem import ProblemError, problems
from trailarrd.web.setup.code import SetupCode
from trailarrd.web.setup.servers import ServersPage, form_of
from trailarrd.web.waiting import answer_health

if TYPE_CHECKING:
    from trailarrd.config.model import HttpSettings
    from trailarrd.web.setup.setup import Setup

_COOKIE: Final = "trailarrd_setup"
_LARGEST: Final = 2**16


def setup_application(setup: Setup, settings: HttpSettings) -> web.Application:
    """For the network, as long as there is no configuration."""
    site = Site(settings.base_path)
    application = web.Application(
        middlewares=[
            compress,
            problems(Limiter(1 / 60).wait, site.problem),
            security.locate(settings.trusted_proxies),
            security.limit(Limiter(settings.rate_limit)),
            security.refuse_packed,
        ],
        client_max_size=_LARGEST,
    )
    application[security.NEEDED] = {}
    application.on_response_prepare.append(security.add_headers)
    code = SetupCode(time.monotonic)
    code.renew()
    _Pages(setup, site, code).add_to(application)
    return application


class _Pages:
    def __init__(self, setup: Setup, site: Site, code: SetupCode) -> None:
        self._setup = setup
        self._site = site
        self._code = code
        self._servers = ServersPage(
            site, setup.servers, "/", is_first=True, title_of="setup.title", forms="/setup", path=setup.path
        )

    def add_to(self, application: web.Application) -> None:
        base = self._site.base
        for method, path, handler in (
            ("GET", "/", self._show),
            ("POST", "/setup/code", self._enter),
            ("POST", "/setup/server", self._meet),
            ("POST", "/setup/forget", self._forget),
            ("POST", "/setup/write", self._write),
            ("GET", "/static/{version}/{name}", self._site.asset),
            ("GET", "/health{which:(?:/live|/ready)?}", answer_health),
            ("GET", "/{rest:.*}", self._to_start),
        ):
            security.add_route(application, method, f"{base}{path}", handler, Access.ANYONE)
        if base:
            security.add_route(application, "GET", base, self._to_start, Access.ANYONE)

    async def _to_start(self, request: web.Request) -> web.Response:
        if request.path.startswith(f"{self._site.base}/api/"):
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, texts.plain("setup.waits"))
        return go_to(f"{self._site.base}/")

    async def _show(self, request: web.Request) -> web.Response:
        if not self._code.knows(request.cookies.get(_COOKIE, "")):
            self._code.renew()
            return self._ask_code(request)
        return self._servers.show(request)

    def _ask_code(self, request: web.Request, *, is_wrong: bool = False) -> web.Response:
        status = HTTPStatus.UNAUTHORIZED if is_wrong else HTTPStatus.OK
        return self._page(request, "setup_code.html", status=status, is_wrong=is_wrong)

    def _page(
        self, request: web.Request, template: str, *, status: int = HTTPStatus.OK, **content: Any
    ) -> web.Response:
        return self._site.respond(request, Page(template, {"title_of": "setup.title", **content}, status))

    async def _enter(self, request: web.Request) -> web.Response:
        form = await form_of(request)
        token = self._code.admit(form.get("code", ""))
        if token is None:
            return self._ask_code(request, is_wrong=True)
        response = await self._to_start(request)
        give_cookie(request, response, token, self._site.base or "/", name=_COOKIE, strict=True)
        return response

    async def _admitted(self, request: web.Request) -> dict[str, str]:
        """The form of whoever has said the code; others see a problem."""
        form = await form_of(request)
        if not self._code.knows(request.cookies.get(_COOKIE, "")):
            raise ProblemError(HTTPStatus.FORBIDDEN, texts.plain("setup.code-first"))
        return form

    async def _meet(self, request: web.Request) -> web.Response:
        return await self._servers.meet(request, await self._admitted(request))

    async def _forget(self, request: web.Request) -> web.Response:
        return self._servers.forget(await self._admitted(request))

    async def _write(self, request: web.Request) -> web.Response:
        form, servers = await self._admitted(request), self._setup.servers
        try:
            connections = servers.chosen(form)
        except ConfigError as error:
            return self._servers.show(request, wrong=str(error))
        if not connections:
            return self._servers.show(request, wrong=texts.plain("setup.no-server"))
        try:
            written = await self._setup.write(connections, request.headers.get("User-Agent", ""))
        except ConfigError as error:
            text = text_of(connections)
            content = {"wrong": str(error), "text": text, "path": self._setup.path}
            return self._page(request, "setup_text.html", status=HTTPStatus.CONFLICT, **content)
        response = self._page(request, "setup_done.html", files=written.files, key=written.key.reveal())
        give_cookie(request, response, written.session.reveal(), self._site.base or "/")
        response.del_cookie(_COOKIE, path=self._site.base or "/")
        return response
