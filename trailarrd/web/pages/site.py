"""What all pages share: the templates, the frame around each page, and what goes wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from aiohttp import web

from trailarrd import __version__
from trailarrd.domain.announcement import TOPICS
from trailarrd.errors import DatabaseError
from trailarrd.web.authentication import CALLER, Access
from trailarrd.web.pages import filters
from trailarrd.web.problem import ProblemError
from trailarrd.web.services import SERVICES, Services

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp.typedefs import Handler
    from jinja2 import Environment

QueryT = TypeVar("QueryT", bound=msgspec.Struct)

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""What a page may load, run and send: only what comes from here, and nothing that stands in the page."""
_TYPES: Final[Mapping[str, str]] = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows: a template and what it is filled with."""

    template: str
    content: Mapping[str, Any]
    status: int = HTTPStatus.OK


class Site:
    """Makes pages, all of them below one path."""

    def __init__(self, base_path: str) -> None:
        self.base = base_path
        static = files("trailarrd.web.pages") / "static"
        self.assets = {name: (static / name).read_bytes() for name in _TYPES}

    @cached_property
    def _templates(self) -> Environment:
        """Loaded for the first page: a daemon that shows none need not have them."""
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # for the same reason

        versions = {name: blake2b(body, digest_size=6).hexdigest() for name, body in self.assets.items()}
        templates = Environment(
            loader=PackageLoader("trailarrd.web.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters |= {one.__name__: one for one in filters.FILTERS}
        templates.globals |= {
            "base": self.base,
            "assets": {name: f"{self.base}/static/{name}?v={tag}" for name, tag in versions.items()},
            "topics": " ".join(topic.value for topic in TOPICS),
            "version": __version__,
        }
        return templates

    def handler(self, gather: Callable[[Services, web.Request], Awaitable[Page]]) -> Handler:
        """Answers with what `gather` brings; who may not read is sent to sign in."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if request[CALLER].access < Access.READ:
                return go_to(f"{self.base}/login")
            try:
                page = await gather(request.app[SERVICES], request)
            except ProblemError as error:
                page = _error_page(error.problem.status, error.problem.detail)
            except DatabaseError as error:
                page = _error_page(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
            return self.respond(request, page)

        return answer

    def respond(self, request: web.Request, page: Page) -> web.Response:
        """The page in its frame."""
        caller, now = request[CALLER], request.app[SERVICES].clock()
        text = self._templates.get_template(page.template).render(
            page.content,
            caller=caller,
            may_read=caller.access >= Access.READ,
            may_write=caller.access >= Access.WRITE,
            now=now,
            moment=lambda at, never="never": filters.moment(at, now, never),
        )
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        return web.Response(text=text, status=page.status, content_type="text/html", headers=headers)

    async def asset(self, request: web.Request) -> web.Response:
        """A file beside the pages."""
        name = request.match_info["name"]
        if name not in self.assets:
            raise ProblemError(HTTPStatus.NOT_FOUND)
        return web.Response(
            body=self.assets[name],
            content_type=_TYPES[name],
            charset="utf-8",
            # Its address changes with it.
            headers={"Cache-Control": f"public, max-age={_YEAR}, immutable"},
        )


def query_of(request: web.Request, kind: type[QueryT]) -> QueryT:
    """What the address says; empty and unknown parameters are left out, as a kept address may have them."""
    given = {name: text for name, text in request.query.items() if text}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"the address of this page: {error}") from None


def go_to(address: str, status: int = HTTPStatus.SEE_OTHER) -> web.Response:
    """Another page."""
    return web.Response(status=status, headers={"Location": address, "Cache-Control": "no-store"})


def _error_page(status: int, detail: str | None) -> Page:
    content = {"title": HTTPStatus(status).phrase, "detail": detail, "tab": ""}
    return Page("error.html", content, status)
