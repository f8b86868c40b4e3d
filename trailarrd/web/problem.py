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


class Mistake(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with a request."""

    where: str
    """The parameter or the place in the body, such as `query.limit` or `body.ids[0]`."""
    message: str
    allowed: tuple[str, ...] = ()
    """The words that would have been right, where only some are."""


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


def _as_document(_request: web.Request, _problem: Problem) -> None:
    """Nobody is a person."""


def problems(
    wait: Callable[[str], float],
    shown: Callable[[web.Request, Problem], web.Response | None] = _as_document,
) -> Middleware:
    """Whatever goes wrong is a problem document, and nothing of ours but its message is in it.

    `shown` is how people see it, None if a program asks. `wait` tells how many seconds a line about a
    mistake of ours, by its place, has to wait; then there is none: who has found it can ask ten thousand
    times.
    """

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:
            problem, headers = _problem_of(error)
            if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR and not wait(_place(error)):
                log.exception("http.bug", method=request.method, route=_route(request))
            response = shown(request, problem) or _document(problem)
            response.headers.update({**headers, "Cache-Control": "no-store"})
            return response

    return told


def _problem_of(error: Exception) -> tuple[Problem, Mapping[str, str]]:
    """What to say of an error, and in which headers."""
    match error:
        case ProblemError():
            return error.problem, error.headers
        case web.HTTPError():  # aiohttp's own: no such route, method or size
            allowed = error.headers.get("Allow")
            return ProblemError(error.status).problem, {"Allow": allowed} if allowed else {}
        case DatabaseError():
            return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)).problem, {"Retry-After": "5"}
        case ConnectionError():  # the client is gone before it had said all, and hears no answer
            return ProblemError(HTTPStatus.BAD_REQUEST).problem, {}
        case TrailarrdError():
            return ProblemError(HTTPStatus.CONFLICT, str(error)).problem, {}
    return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "the log says more").problem, {}


def _place(error: Exception) -> str:
    """The line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _document(problem: Problem) -> web.Response:
    return web.Response(body=msgspec.json.encode(problem), status=problem.status, content_type=CONTENT_TYPE)


def _route(request: web.Request) -> Any:
    resource = request.match_info.route.resource
    return resource.canonical if resource else None
