"""The page on which servers are named: the same in a first configuration and for one more connection."""

from http import HTTPStatus
from urllib.parse import parse_qs

from aiohttp import web

from trailarrd.domain.monitoring import MonitorMode
from trailarrd.errors import ConfigError
from trailarrd.web.limits import body_of
from trailarrd.web.pages.site import Page, Site, go_to
from trailarrd.web.problem import ProblemError
from trailarrd.web.security import FOREIGN_FORM, comes_from_elsewhere
from trailarrd.web.setup.introductions import FACTS, Introductions


class ServersPage:
    """It is at `start`; whoever shows it has its forms `server`, `forget` and `write` lead here."""

    def __init__(self, site: Site, servers: Introductions, start: str, **content: object) -> None:
        self._site = site
        self._servers = servers
        self._start = start
        self._content = content

    def show(self, request: web.Request, *, wrong: str = "", url: str = "") -> web.Response:
        """Who is known, and the form for another one."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
        content = {
            "known": self._servers.known,
            "wrong": wrong,
            "url": url,
            "modes": MonitorMode,
            "facts": FACTS,
        }
        return self._site.respond(request, Page("setup_servers.html", {**content, **self._content}, status))

    async def meet(self, request: web.Request, form: dict[str, str]) -> web.Response:
        try:
            await self._servers.meet(form)
        except ConfigError as error:
            return self.show(request, wrong=str(error), url=form.get("url", ""))
        return self.again()

    def forget(self, form: dict[str, str]) -> web.Response:
        self._servers.forget(form.get("name", ""))
        return self.again()

    def again(self) -> web.Response:
        return go_to(f"{self._site.base}{self._start}")


async def form_of(request: web.Request) -> dict[str, str]:
    """What a form of ours says; a problem if it comes from another site."""
    if comes_from_elsewhere(request):
        raise ProblemError(HTTPStatus.FORBIDDEN, FOREIGN_FORM)
    given = parse_qs((await body_of(request)).decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in given.items()}
