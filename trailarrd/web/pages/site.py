"""What all pages share: the templates, the frame around each page, and what goes wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from trailarrd import __version__
from trailarrd.domain.announcement import TOPICS
from trailarrd.errors import DatabaseError
from trailarrd.web.authentication import CALLER, Access, Caller
from trailarrd.web.pages import filters, texts
from trailarrd.web.problem import Problem, ProblemError
from trailarrd.web.route import LARGEST_ID
from trailarrd.web.services import SERVICES, Services

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

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
        "manifest-src 'self'",
        "media-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""What a page may load, run and send: only what comes from here, and nothing that stands in the page."""
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_YEAR: Final = 365 * 24 * 3600
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    # Without any, a browser calls the origin of our own forms null.
    "Referrer-Policy": "same-origin",
}
TABS: Final[Sequence[tuple[str, str, str]]] = (
    ("o", "overview", "/"),
    ("m", "media", "/media"),
    ("d", "downloads", "/downloads"),
    ("h", "history", "/history"),
    ("s", "system", "/system"),
)
"""The pages in their order, each with the key that leads to it; without `download:` there is one less."""
_NOBODY: Final = Caller(Access.ANYONE, "")


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

    @cached_property
    def assets(self) -> Mapping[str, bytes]:
        """The files beside the pages, by name; read for the first page."""
        static = files("trailarrd.web.pages") / "static"
        files_there = {
            one.name: one.read_bytes() for one in static.iterdir() if PurePath(one.name).suffix in _TYPES
        }
        words = b"// What the scripts say; made from texts.toml.\nexport const words = "
        return {**files_there, "words.js": words + msgspec.json.encode(texts.scripts()) + b";\n"}

    @cached_property
    def _version(self) -> str:
        """Of all of them together, since scripts load others beside them."""
        content = b"".join(name.encode() + body for name, body in sorted(self.assets.items()))
        return blake2b(content, digest_size=6).hexdigest()

    @cached_property
    def _templates(self) -> Environment:
        """Loaded for the first page: a daemon that shows none need not have them."""
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # for the same reason

        templates = Environment(
            loader=PackageLoader("trailarrd.web.pages"),
            auto_reload=False,  # of an upgrade only a start knows all that its templates ask for
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters |= {one.__name__: one for one in filters.FILTERS}
        templates.globals |= {
            "base": self.base,
            "static": f"{self.base}/static/{self._version}",
            "assets_version": self._version,
            "topics": " ".join(topic.value for topic in TOPICS),
            "version": __version__,
            "t": texts.html,
            "plain": texts.plain,
            "has": texts.has,
        }
        return templates

    def handler(self, gather: Callable[[Services, web.Request], Awaitable[Page | web.Response]]) -> Handler:
        """Answers with what `gather` brings; who may not read is sent to sign in."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if request[CALLER].access < Access.READ:
                return go_to(self._door(request))
            page: Page | web.Response
            try:
                page = await gather(request.app[SERVICES], request)
            except ProblemError as error:
                page = _error_page(error.problem.status, error.problem.detail)
            except DatabaseError as error:
                page = _error_page(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
            return self.respond(request, page) if isinstance(page, Page) else page

        return answer

    def respond(self, request: web.Request, page: Page) -> web.Response:
        """The page in its frame."""
        caller, services = request.get(CALLER, _NOBODY), request.app.get(SERVICES)
        now = services.clock() if services else datetime.now(UTC)
        text = self._templates.get_template(page.template).render(
            page.content,
            caller=caller,
            back_here=self._here(request),
            may_read=caller.access >= Access.READ,
            tabs=[tab for tab in TABS if tab[1] != "downloads" or (services and services.desk())],
            may_write=caller.access >= Access.WRITE,
            why_not=_why_not(caller),
            now=now,
            moment=lambda at, never=None: filters.moment(at, now, never),
            exact=filters.exact,
            day=filters.day,
        )
        return web.Response(text=text, status=page.status, content_type="text/html", headers=_HEADERS)

    def problem(self, request: web.Request, problem: Problem) -> web.Response | None:
        """As a page for people; None for programs, which are those that ask below the API or for no HTML."""
        is_of_api = request.path.startswith(f"{self.base}/api/")
        if is_of_api or "text/html" not in request.headers.get("Accept", ""):
            return None
        return self.respond(request, _error_page(problem.status, problem.detail))

    async def icon(self, _request: web.Request) -> web.Response:
        """For dashboards, at an address that stays."""
        headers = {"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin"}
        return web.Response(body=self.assets["icon.svg"], content_type="image/svg+xml", headers=headers)

    def _door(self, request: web.Request) -> str:
        """Where to sign in, and come back here afterwards."""
        here = self._here(request)
        return f"{self.base}/login" + (f"?{urlencode({'next': here})}" if here else "")

    def _here(self, request: web.Request) -> str:
        """The address of this page below the base; empty for the first one and for those to sign in."""
        here = request.path_qs.removeprefix(self.base)
        return "" if here in ("", "/") or here.startswith("/log") else here

    async def asset(self, request: web.Request) -> web.Response:
        """A file beside the pages."""
        name = request.match_info["name"]
        if name not in self.assets:
            raise ProblemError(HTTPStatus.NOT_FOUND)
        kind = _TYPES[PurePath(name).suffix]
        is_this = request.match_info["version"] == self._version
        # A page of an earlier version may ask for what is another file by now.
        kept = f"public, max-age={_YEAR}, immutable" if is_this else "no-store"
        return web.Response(
            body=self.assets[name],
            content_type=kind,
            charset=None if kind == "image/png" else "utf-8",
            # By its own policy, and not by its page's, goes a worker.
            headers={"Cache-Control": kept, "Content-Security-Policy": _POLICY},
        )


def query_of(request: web.Request, kind: type[QueryT]) -> QueryT:
    """What the address says; empty and unknown parameters are left out, as a kept address may have them."""
    given = {name: text for name, text in request.query.items() if text}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        told = texts.plain("error.address", mistake=error)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, told) from None


def item_id(request: web.Request) -> int:
    """The item that the address names; a problem if none can have that id."""
    text = request.match_info["media_id"][:20]
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= LARGEST_ID):
        raise ProblemError(404, texts.plain("error.no-item", id=text))
    return int(text)


def go_to(address: str, status: int = HTTPStatus.SEE_OTHER) -> web.Response:
    """Another page."""
    return web.Response(status=status, headers={"Location": address, "Cache-Control": "no-store"})


def _why_not(caller: Caller) -> str:
    """Why whoever asks may change nothing."""
    if caller.has_key:
        return texts.plain("frame.why-reader", key=caller.name)
    return texts.plain("frame.why-nobody")


def _error_page(status: int, detail: str | None) -> Page:
    known = texts.catalogue()
    heading = known.get(f"error.{status}.title", HTTPStatus(status).phrase)
    content = {
        "heading": heading,
        "meaning": known.get(f"error.{status}.meaning"),
        "detail": detail,
        "tab": "",
    }
    return Page("error.html", content, status)
