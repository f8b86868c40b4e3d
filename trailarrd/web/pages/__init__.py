"""The pages for people: what the daemon knows and does, in a browser.

You are in the right room for anything that is HTML. `views.py` has a function for each page (`library.py`
that of the media, `downloads.py` that of the downloads), which gathers what its template in `templates/`
shows; `site.py` has what they share, `texts.toml` every text, `static/` what browsers load beside them. A
page reads from `Services` as the API does; its buttons call the API.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from trailarrd.web import security
from trailarrd.web.authentication import Access
from trailarrd.web.pages import changes, downloads, library, login, pictures, views
from trailarrd.web.pages.site import Site, go_to

__all__ = ["Site", "add_to"]

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler

    from trailarrd.web.health import HealthService


def add_to(application: web.Application, site: Site, service: HealthService) -> None:
    """Register every page; each finds out itself whether its caller may see it, and sends him to sign in."""

    def add(method: str, path: str, handler: Handler, access: Access = Access.ANYONE) -> None:
        security.add_route(application, method, f"{site.base}{path}", handler, access)

    add("GET", "/", site.handler(partial(views.overview, service)))
    add("GET", "/media", site.handler(library.media))
    add("GET", "/media/{media_id}", site.handler(views.item))
    add("GET", "/media/{media_id}/poster", pictures.poster)
    add("GET", "/media/{media_id}/trailer", pictures.watch)
    add("GET", "/downloads", site.handler(downloads.downloads))
    add("GET", "/history", site.handler(views.history))
    add("GET", "/system", site.handler(partial(views.system, service)))
    add("GET", "/changes", site.handler(changes.changes))
    add("GET", "/checks", _to_system)
    add("GET", "/login", partial(login.show, site))
    add("POST", "/login", partial(login.enter, site))
    add("POST", "/logout", partial(login.leave, site))
    add("GET", "/static/{version}/{name}", site.asset, Access.EVERYBODY)
    add("GET", "/{name:icon\\.svg|favicon\\.ico}", site.icon, Access.EVERYBODY)
    if site.base:
        add("GET", "", _to_slash)


async def _to_system(request: web.Request) -> web.Response:
    """Where the checks are now."""
    return go_to(request.path.removesuffix("checks") + "system", HTTPStatus.MOVED_PERMANENTLY)


async def _to_slash(request: web.Request) -> web.Response:
    return go_to(f"{request.path}/", HTTPStatus.MOVED_PERMANENTLY)
