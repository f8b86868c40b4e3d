"""What an answer says that could not be what was asked for: RFC 9457."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from aiohttp import web

from trailarrd.errors import DatabaseError, TrailarrdError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aiohttp.typedefs import Handler, Middleware

log = structlog.get_logger()

CONTENT_TYPE = "application/problem+json"


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a request."""

    where: str
    """The parameter or the place in the body, such as `query.limit` or `body.ids[0]`."""
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request failed, in the form of RFC 9457."""

    title: str
    status: int
    detail: str | None = None
    type: str = "about:blank"
    errors: tuple[Mistake, ...] = ()


class ProblemError(Exception):
    """Raised while a request is answered: the answer is this problem."""

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        *,
        mistakes: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or HTTPStatus(status).phrase)
        self.problem = Problem(
            title=HTTPStatus(status).phrase, status=status, detail=detail, errors=tuple(mistakes)
        )
        self.headers = headers or {}


def problems(wait: Callable[[str], float]) -> Middleware:
    """Whatever goes wrong is a problem document, and nothing of ours but its message is in it.

    `wait` tells how many seconds a line about a mistake of ours, by its place, has to wait; then there is
    none: who has found it can ask ten thousand times.
    """

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ProblemError as error:
            return _answer(error)
        except web.HTTPError as error:  # aiohttp's own: no such route, method or size
            kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
            return _answer(ProblemError(error.status, headers=kept))
        except DatabaseError as error:
            problem = ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers={"Retry-After": "5"})
            return _answer(problem)
        except TrailarrdError as error:
            return _answer(ProblemError(HTTPStatus.CONFLICT, str(error)))
        except Exception as error:
            if not wait(_place(error)):
                log.exception("http.bug", method=request.method, route=_route(request))
            return _answer(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "the log says more"))

    return told


def _place(error: Exception) -> str:
    """The line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _answer(error: ProblemError) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(error.problem),
        status=error.problem.status,
        content_type=CONTENT_TYPE,
        headers={**error.headers, "Cache-Control": "no-store"},
    )


def _route(request: web.Request) -> Any:
    resource = request.match_info.route.resource
    return resource.canonical if resource else None
