"""A client in Python, written by a program that knows nothing but `openapi.json`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import aiohttp

_FORMATS: Final = {"date-time": "datetime", "date": "date"}
_PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_HEAD: Final = """\
from __future__ import annotations
from datetime import date, datetime
from typing import Any, Literal
import msgspec
"""


def client_of(document: Mapping[str, Any], session: aiohttp.ClientSession, root: str, key: str) -> Any:
    """One that asks there, with that key; its module is `client.module`."""
    module = ModuleType("trailarrd_client")
    sys.modules[module.__name__] = module  # where annotations are looked up
    exec(compile(source_of(document), "client.py", "exec"), vars(module))
    client = module.Client(Asker(session, root, key))
    client.module = vars(module)
    return client


def source_of(document: Mapping[str, Any]) -> str:
    """The module: a class for each schema, and one with a method for each operation."""
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    lines = [_HEAD, *(f"{name} = {_type(one)}" for name, one in schemas.items() if "properties" not in one)]
    for name, schema in schemas.items():
        if "properties" in schema:
            lines += _struct(name, schema)
    lines += ["class Client:", "    def __init__(self, ask): self._ask = ask"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation["operationId"] != "events":  # a stream is no answer
                lines += _method(path, method, operation)
    return "\n".join(lines)


def _struct(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"class {name}(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):"
    required = schema.get("required", ())
    for field, told in schema["properties"].items():
        assert told["description"], f"{name}.{field} says not what it means"
        default = "" if field in required else " = msgspec.UNSET"
        more = "" if field in required else " | msgspec.UnsetType"
        yield f"    {field}: {_type(told)}{more}{default}"
    yield "    pass"


def _method(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    inside = [one["name"] for one in parameters if one["in"] == "path"]
    query = {one["name"]: _type(one["schema"]) for one in parameters if one["in"] == "query"}
    body = "body" if "requestBody" in operation else "None"
    options = [f"{name}: {kind} | None = None" for name, kind in query.items()]
    given = [*inside, *(["body"] if body == "body" else []), *(["*", *options] if options else [])]
    status = next(code for code in operation["responses"] if code.startswith("2"))
    content = operation["responses"][status].get("content", {})
    kind = _type(content["application/json"]["schema"]) if content else "None"
    asked = ", ".join(f"{name}={name}" for name in query)
    yield f"    async def {operation['operationId']}(self, {', '.join(given)}) -> {kind}:"
    yield f"        {operation['summary']!r}"
    yield f"        return await self._ask({method!r}, f{path!r}, dict({asked}), {body}, {status}, {kind})"


def _type(schema: Mapping[str, Any]) -> str:
    """As it stands in an annotation."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if choices := schema.get("anyOf", schema.get("oneOf")):
        return " | ".join(dict.fromkeys(map(_type, choices)))
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if "type" not in schema:
        return "Any"
    return _collection(schema) if schema["type"] in ("array", "object") else _plain(schema)


def _collection(schema: Mapping[str, Any]) -> str:
    if schema["type"] == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_type(inner) if isinstance(inner, dict) else 'Any'}]"
    if "prefixItems" in schema:
        return f"tuple[{', '.join(map(_type, schema['prefixItems']))}]"
    return f"list[{_type(schema.get('items', {}))}]"


def _plain(schema: Mapping[str, Any]) -> str:
    is_moment = schema.get("format") in _FORMATS and "pattern" not in schema
    return _FORMATS[schema["format"]] if is_moment else _PLAIN[schema["type"]]


class ProblemError(Exception):
    """What the server would not do, with its problem document."""

    def __init__(self, status: int, problem: Any) -> None:
        super().__init__(f"{status}: {problem['detail']}")
        self.status = status
        self.problem = problem


class Asker:
    """Sends requests, and reads answers as what the document says that they are."""

    def __init__(self, session: aiohttp.ClientSession, root: str, key: str) -> None:
        self._session = session
        self._root = root
        self._key = key

    async def __call__(
        self, method: str, path: str, query: dict[str, Any], body: Any, status: int, kind: Any
    ) -> Any:
        asked = {name: _text(value) for name, value in query.items() if value is not None}
        headers = {"X-Api-Key": self._key, "Content-Type": "application/json"}
        data = msgspec.json.encode(body) if body is not None else None
        url = f"{self._root}{path}"
        async with self._session.request(method, url, params=asked, data=data, headers=headers) as answer:
            content = await answer.read()
        if answer.status != status:
            raise ProblemError(answer.status, msgspec.json.decode(content))
        return msgspec.json.decode(content, type=kind) if content else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
