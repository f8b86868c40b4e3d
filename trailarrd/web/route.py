"""From a typed function to a route: its signature is what is validated, answered and documented.

    @get("/media/{media_id}", errors={404})
    async def item(services: Services, *, media_id: ItemId) -> Item:
        \"\"\"One item.\"\"\"

A parameter called `query` is a Struct with the query's parameters, one called `body` a Struct with the
JSON body, `caller` is who asks and `health` the health service; every other one is a part of the path.
What all lists share is `Paged`: how large a page is, and where the next one begins.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from typing import Annotated, Any, Final, Protocol, TypeAlias, TypeVar, get_type_hints

import msgspec
from aiohttp import ETag, web

from trailarrd.web import validation
from trailarrd.web.authentication import CALLER, Access
from trailarrd.web.health import HEALTH
from trailarrd.web.limits import body_of
from trailarrd.web.problem import ProblemError
from trailarrd.web.services import SERVICES

Function: TypeAlias = Callable[..., Awaitable[Any]]

_JSON: Final = "application/json"


@dataclass(frozen=True)
class Route:
    """One route; the application registers it, and openapi.json tells of it."""

    method: str
    path: str
    """Below the API's root, with `{name}` for what is a parameter."""
    function: Function
    status: int
    errors: frozenset[int]
    """What else it may answer with, beyond what any route may."""
    access: Access
    tag: str
    """The noun that openapi.json puts it under."""
    is_cacheable: bool = False
    """Whether the answer has an ETag."""
    deprecated: bool = False
    """Whether another path is to be used instead."""

    @cached_property
    def types(self) -> Mapping[str, Any]:
        """The function's parameters and what it returns, evaluated when somebody needs it first."""
        return get_type_hints(self.function, include_extras=True)

    @property
    def query(self) -> Any:
        """The Struct of the query's parameters, if it takes any."""
        return self.types.get("query")

    @property
    def body(self) -> Any:
        """The Struct of the body, if it takes one."""
        return self.types.get("body")

    @property
    def returns(self) -> Any:
        """What it answers with; None for an answer without content."""
        returns = self.types["return"]
        return None if returns is type(None) else returns

    @property
    def path_parameters(self) -> Mapping[str, Any]:
        return {name: self.types[name] for name in re.findall(r"{(\w+)}", self.path)}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        arguments = {**self._path_arguments(request), **self._query_argument(request)}
        if self.body:
            arguments["body"] = await self._body_argument(request)
        elif request.body_exists and await body_of(request):
            raise ProblemError(HTTPStatus.BAD_REQUEST, "this route takes no body")
        if "caller" in self.types:
            arguments["caller"] = request[CALLER]
        if "health" in self.types:
            arguments["health"] = request.app[HEALTH]
        answer = await self.function(request.app[SERVICES], **arguments)
        if isinstance(answer, web.StreamResponse):
            return answer
        return self._response(request, answer)

    def _path_arguments(self, request: web.Request) -> dict[str, Any]:
        given = request.match_info
        try:
            return {
                name: validation.parameter(given[name], kind, "path")
                for name, kind in self.path_parameters.items()
            }
        except ProblemError as error:  # there is nothing at such a place
            raise ProblemError(HTTPStatus.NOT_FOUND, mistakes=error.problem.errors) from None

    def _query_argument(self, request: web.Request) -> dict[str, Any]:
        query = validation.query(request.query.items(), self.query)
        return {"query": query} if self.query else {}

    async def _body_argument(self, request: web.Request) -> Any:
        if request.content_type != _JSON:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body must be {_JSON}")
        return validation.body(await body_of(request), self.body)

    def _response(self, request: web.Request, answer: Any) -> web.Response:
        if self.returns is None:
            return web.Response(status=self.status)
        content = msgspec.json.encode(answer)
        response = web.Response(body=content, status=self.status, content_type=_JSON)
        if self.is_cacheable:
            _tag(request, response, content)
        else:
            response.headers["Cache-Control"] = "no-store"
        return response


def get(path: str, *, errors: Collection[int] = (), tag: str = "") -> Callable[[Function], Route]:
    """Makes a function the answer to GET; the answer has an ETag."""
    tag = tag or _noun(path)
    return lambda function: Route(
        "GET", path, function, HTTPStatus.OK, frozenset(errors), Access.READ, tag, is_cacheable=True
    )


def change(
    method: str,
    path: str,
    *,
    status: int = HTTPStatus.OK,
    errors: Collection[int] = (),
    tag: str = "",
    deprecated: bool = False,
) -> Callable[[Function], Route]:
    """Makes a function the answer to a request that changes something."""
    tag = tag or _noun(path)
    return lambda function: Route(
        method, path, function, status, frozenset(errors), Access.WRITE, tag, deprecated=deprecated
    )


def _noun(path: str) -> str:
    return path.split("/")[1]


def _tag(request: web.Request, response: web.Response, content: bytes) -> None:
    """The answer's ETag; who has it already is told only that."""
    tag = blake2b(content, digest_size=12).hexdigest()
    response.etag = tag
    response.headers["Cache-Control"] = "private, no-cache"
    if ETag(value=tag) in _known_tags(request) or request.headers.get("If-None-Match", "").strip() == "*":
        response.set_status(HTTPStatus.NOT_MODIFIED)
        response.body = None


def _known_tags(request: web.Request) -> Collection[ETag]:
    """Compared weakly, as If-None-Match asks for: proxies weaken what they compress."""
    return {ETag(value=tag.value) for tag in request.if_none_match or ()}


LARGEST_ID: Final = 2**63 - 1
"""What the database can hold."""

Id = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]
_NO_NUL: Final = r"^[^\x00]*$"
"""SQLite ends a text there: what it would look for is the part before, or nothing."""
Text = Annotated[str, msgspec.Meta(max_length=200, pattern=_NO_NUL)]
Words = Annotated[
    str,
    msgspec.Meta(
        max_length=200,
        pattern=_NO_NUL,
        description="words that are all in the title, or its year or external id",
    ),
]
Limit = Annotated[int, msgspec.Meta(ge=1, le=500, description="at most so many")]
Cursor = Annotated[
    int, msgspec.Meta(ge=1, le=LARGEST_ID, description="`next_cursor` of the page before; none for the first")
]


class Paged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of every list."""

    limit: Limit = 100
    cursor: Cursor | None = None


class Row(Protocol):
    """What a list is made of."""

    @property
    def id(self) -> int:
        """By which the next page begins."""


RowT = TypeVar("RowT", bound=Row)


def cut(rows: Sequence[RowT], limit: int) -> tuple[Sequence[RowT], int | None]:
    """One page of the `limit + 1` rows that were asked for, and the cursor of the next one."""
    shown = rows[:limit]
    return shown, shown[-1].id if len(rows) > limit else None
