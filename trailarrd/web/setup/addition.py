"""One more connection while trailarrd runs: a file of its own in an included folder; nothing is rewritten."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from trailarrd.config.annotated import ADDED, NewConnection, added_text
from trailarrd.config.scaffold import add_connections, take_back
from trailarrd.doctor import ServerDetector
from trailarrd.errors import ConfigError
from trailarrd.web import security
from trailarrd.web.authentication import CALLER, Access
from trailarrd.web.pages import texts
from trailarrd.web.pages.site import Page, Site, go_to
from trailarrd.web.problem import ProblemError
from trailarrd.web.services import SERVICES, Services
from trailarrd.web.setup.introductions import Introductions
from trailarrd.web.setup.servers import ServersPage, form_of


class Text(NamedTuple):
    """A file that the user has to write himself."""

    path: Path
    content: str


def add_to(application: web.Application, site: Site, services: Services, detector: ServerDetector) -> None:
    """Its routes; who may not change anything is told so."""
    pages = _Pages(site, services, detector)
    for method, path, handler in (
        ("GET", "", pages.show),
        ("POST", "/server", pages.meet),
        ("POST", "/forget", pages.forget),
        ("POST", "/write", pages.write),
    ):
        security.add_route(
            application, method, f"{site.base}/add{path}", partial(_admitted, site, handler), Access.ANYONE
        )


async def _admitted(
    site: Site,
    handler: Callable[[web.Request, dict[str, str]], Awaitable[web.Response]],
    request: web.Request,
) -> web.Response:
    caller = request[CALLER]
    if caller.access >= Access.WRITE:
        return await handler(request, await form_of(request) if request.method == "POST" else {})
    if caller.has_key:
        raise ProblemError(HTTPStatus.FORBIDDEN, texts.plain("add.reader", key=caller.name))
    return go_to(f"{site.base}/login?next=/add")


class _Pages:
    def __init__(self, site: Site, services: Services, detector: ServerDetector) -> None:
        self._site = site
        self._services = services
        self._servers = Introductions(detector, lambda: _configured(services))
        self._page = ServersPage(
            site,
            self._servers,
            "/add",
            title_of="add.title",
            tab="overview",
            forms="/add",
            path=_folder(services),
            is_first=False,
        )

    async def show(self, request: web.Request, _form: dict[str, str]) -> web.Response:
        return self._page.show(request)

    async def meet(self, request: web.Request, form: dict[str, str]) -> web.Response:
        return await self._page.meet(request, form)

    async def forget(self, _request: web.Request, form: dict[str, str]) -> web.Response:
        return self._page.forget(form)

    async def write(self, request: web.Request, form: dict[str, str]) -> web.Response:
        try:
            connections = self._servers.chosen(form)
        except ConfigError as error:
            return self._page.show(request, wrong=str(error))
        try:
            async with self._servers.turn:
                await _write(request.app[SERVICES], connections)
        except ConfigError as error:
            return self._by_hand(request, connections, str(error))
        self._servers.known.clear()
        return go_to(f"{self._site.base}/")

    def _by_hand(
        self, request: web.Request, connections: Sequence[NewConnection], wrong: str
    ) -> web.Response:
        folder = _folder(self._services)
        files = [Text(folder / f"{one.name}.yaml", added_text(one)) for one in connections]
        content = {
            "title_of": "add.title",
            "tab": "overview",
            "wrong": wrong,
            "texts": files,
            "config": self._services.settings().path,
            "include": f"{ADDED}/*.yaml",
            "is_included": _is_included(self._services),
        }
        return self._site.respond(request, Page("add_text.html", content, HTTPStatus.CONFLICT))


async def _write(services: Services, connections: Sequence[NewConnection]) -> None:
    """Write them down, and let them be read; what is not taken is taken back, and `ConfigError` raised."""
    if not _is_included(services):
        config, folder = services.settings().path, f"{ADDED}/*.yaml"
        raise ConfigError(texts.plain("add.not-included", config=config, folder=folder))
    written = await asyncio.to_thread(add_connections, _folder(services), connections)
    reloaded = await services.reload()
    known = {one.name for one in services.settings().connections}
    if reloaded.error or not known >= {one.name for one in connections}:
        await asyncio.to_thread(take_back, written)
        await services.reload()
        told = texts.plain("add.not-taken", config=services.settings().path, file=written[-1])
        raise ConfigError(reloaded.error or told)


def _folder(services: Services) -> Path:
    return services.settings().path.absolute().parent / ADDED


def _is_included(services: Services) -> bool:
    """Whether what appears in that folder is a part of the configuration."""
    folder = _folder(services)
    return any(source.absolute() == folder for source in services.settings().sources) and folder.is_dir()


def _configured(services: Services) -> list[NewConnection]:
    return [
        NewConnection(
            name=one.name,
            provider=one.provider,
            url=one.url,
            told="",
            mappings=[mapping.path_mapping() for mapping in one.path_mappings],
        )
        for one in services.settings().connections
    ]
