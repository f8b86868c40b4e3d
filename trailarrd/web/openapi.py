"""openapi.json: what the routes say of themselves, as OpenAPI 3.1."""

from __future__ import annotations

import inspect
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from trailarrd import __version__
from trailarrd.documents.meanings import MEANINGS, Meaning
from trailarrd.web.authentication import Access
from trailarrd.web.problem import CONTENT_TYPE, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from aiohttp.typedefs import Handler

    from trailarrd.web.route import Route

_TEMPLATE: Final = "#/components/schemas/{name}"
_UNTOLD: Final = Meaning("")
_ALWAYS: Final = frozenset({401, 429, 503})
"""What any route may answer with: who asks is not known, asks too often, the database is in trouble."""
_SECURITY: Final = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
_ABOUT: Final = """\
The running trailarrd. Without any API key only programs on the same host may use it, and only for
reading; `trailarrd apikey create NAME` makes a key. Lists are cut into pages: pass `next_cursor` as `cursor`
for the next one. Times are in UTC. Errors are problem documents (RFC 9457)."""


def document_handler(
    routes: Sequence[Route], root: str, further: Mapping[str, Mapping[str, object]]
) -> Handler:
    """Answers with the document, which is made when it is asked for first.

    `further` are paths whose operations are described by hand.
    """

    @cache
    def content() -> bytes:
        made = document(routes, root)
        return msgspec.json.encode({**made, "paths": {**made["paths"], **further}})

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(body=content(), content_type="application/json")

    return openapi


def document(routes: Sequence[Route], root: str) -> dict[str, Any]:
    """The whole document; `root` is the path that all routes begin with."""
    schemas = _Schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "trailarrd", "version": __version__, "description": _ABOUT},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"schemas": schemas.named, "securitySchemes": _SECURITY},
        "security": [{}, *({name: []} for name in _SECURITY)],
    }


class _Schemas:
    """The JSON schemas of everything that a route takes or returns."""

    def __init__(self, routes: Iterable[Route]) -> None:
        types = list(dict.fromkeys([Problem, *(kind for route in routes for kind in _types(route))]))
        found, self.named = msgspec.json.schema_components(types, ref_template=_TEMPLATE)
        self._found = dict(zip(types, found, strict=True))
        _explain(self.named)
        queries = {route.query for route in routes if route.query}
        self._queries = {query: self.named.pop(query.__name__) for query in queries}

    def of(self, kind: Any) -> Mapping[str, Any]:
        """Of a type by itself, mostly a reference."""
        schema: Mapping[str, Any] = self._found[kind]
        return schema

    def of_query(self, kind: Any) -> Mapping[str, Any]:
        """Of a query's parameters, by their names."""
        properties: Mapping[str, Any] = self._queries[kind]["properties"]
        return properties

    def needed_of(self, kind: Any) -> Collection[str]:
        """Which of them must be given."""
        needed: Collection[str] = self._queries[kind].get("required", ())
        return needed


def _explain(schemas: Mapping[str, dict[str, Any]]) -> None:
    """Say of each field what it means, with an example, unless its type has said so."""
    for name, schema in schemas.items():
        for field, told in schema.get("properties", {}).items():
            meaning = MEANINGS.get(f"{name}.{field}") or MEANINGS.get(field, _UNTOLD)
            told.setdefault("description", meaning.text)
            if meaning.example is not None:
                told.setdefault("examples", [meaning.example])


def _types(route: Route) -> Iterator[Any]:
    yield from (kind for kind in (route.query, route.body, route.returns) if kind)
    yield from route.path_parameters.values()


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(route.function) or "").partition("\n")
    operation: dict[str, Any] = {
        "operationId": route.function.__name__,
        "summary": summary.rstrip("."),
        "tags": [route.tag],
        "responses": dict(_responses(route, schemas)),
    }
    if description:
        operation["description"] = description.strip()
    if route.deprecated:
        operation["deprecated"] = True
    if parameters := [*_path_parameters(route, schemas), *_query_parameters(route, schemas)]:
        operation["parameters"] = parameters
    if route.body:
        operation["requestBody"] = {"required": True, "content": _json(schemas.of(route.body))}
    if route.access is Access.WRITE:
        operation["security"] = [{name: []} for name in _SECURITY]
    return operation


def _path_parameters(route: Route, schemas: _Schemas) -> Iterator[dict[str, Any]]:
    for name, kind in route.path_parameters.items():
        schema = {"description": MEANINGS[name].text, **schemas.of(kind)}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(route: Route, schemas: _Schemas) -> Iterator[dict[str, Any]]:
    if not route.query:
        return
    needed = schemas.needed_of(route.query)
    for name, schema in schemas.of_query(route.query).items():
        must = {"required": True} if name in needed else {}
        yield {"name": name, "in": "query", **must, "schema": _without_null(schema)}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter is left out rather than null."""
    kept = {key: value for key, value in schema.items() if key != "default" or value is not None}
    choices = [choice for choice in kept.pop("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**kept, **choices[0]}
    return {**kept, "anyOf": choices} if choices else kept


def _responses(route: Route, schemas: _Schemas) -> Iterator[tuple[str, dict[str, Any]]]:
    success: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.returns:
        success["content"] = _json(schemas.of(route.returns))
    if route.is_cacheable:
        success["headers"] = {"ETag": {"schema": {"type": "string"}}}
        yield "304", {"description": "as you have it already (If-None-Match)"}
    yield str(route.status), success
    for status in sorted(_ALWAYS | route.errors | _of_input(route)):
        content = {CONTENT_TYPE: {"schema": schemas.of(Problem)}}
        yield str(status), {"description": HTTPStatus(status).phrase, "content": content}


def _of_input(route: Route) -> set[int]:
    """What is answered to wrong input, or to a key that may not do that."""
    statuses = {400, 422} if route.method != "GET" else {422}
    if route.path_parameters:
        statuses.add(404)
    if route.body:
        statuses |= {408, 413, 415}
    if route.access is Access.WRITE:
        statuses.add(403)
    return statuses


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
