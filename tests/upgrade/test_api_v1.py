"""What /api/v1 of 0.1.0 took and told, as its openapi.json said, today's takes and tells; it may do more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from trailarrd.web.api import ROOT, ROUTES
from trailarrd.web.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterator

THEN: Final = json.loads((Path(__file__).parent / "api-v1.json").read_text(encoding="utf-8"))
NOW: Final = document(ROUTES, ROOT)
OPERATIONS: Final = [(method, path) for path, methods in THEN["paths"].items() for method in methods]


def shape(schema: Any, whole: Any, at: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each place in a value, such as `items[].title`, with the types and words that it may have."""
    kinds: set[str] = set()
    for one in _alternatives(schema, whole):
        if isinstance(one, str):  # a schema within itself
            continue
        words = one.get("enum") or ([one["const"]] if "const" in one else None)
        given = one.get("type", "any")
        kinds |= {str(word) for word in words} if words else {given} if isinstance(given, str) else {*given}
        for name, told in one.get("properties", {}).items():
            yield from shape(told, whole, f"{at}.{name}")
        if isinstance(one.get("items"), dict):
            yield from shape(one["items"], whole, f"{at}[]")
    yield at, kinds


def _alternatives(schema: Any, whole: Any) -> Iterator[Any]:
    if "$ref" in schema:
        yield from _alternatives(whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]], whole)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _alternatives(one, whole)
    else:
        yield schema


def body(content: Any, whole: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for described in content.get("content", {}).values():
        for at, kinds in shape(described["schema"], whole):
            found.setdefault(at, set()).update(kinds)
    return found


def needed(operation: Any, whole: Any) -> set[str]:
    """What a request has to say."""
    asked = {one["name"] for one in operation.get("parameters", ()) if one.get("required")}
    for described in operation.get("requestBody", {}).get("content", {}).values():
        asked |= {
            name for one in _alternatives(described["schema"], whole) for name in one.get("required", ())
        }
    return asked


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_was_asked_then_can_be_asked_now(method: str, path: str) -> None:
    then, now = THEN["paths"][path][method], NOW["paths"][path][method]
    assert needed(now, NOW) <= needed(then, THEN)
    parameters = {one["name"]: one["schema"] for one in now.get("parameters", ())}
    for one in then.get("parameters", ()):
        asked = dict(shape(one["schema"], THEN))[""]
        assert asked <= dict(shape(parameters[one["name"]], NOW))[""], one["name"]
    taken = body(now.get("requestBody", {}), NOW)
    for at, kinds in body(then.get("requestBody", {}), THEN).items():
        assert kinds <= taken[at], at


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_was_told_then_is_told_now(method: str, path: str) -> None:
    then, now = THEN["paths"][path][method]["responses"], NOW["paths"][path][method]["responses"]
    for status, answer in then.items():
        told = body(now[status], NOW)
        for at, kinds in body(answer, THEN).items():
            assert at in told, at
            assert ("null" in told[at]) <= ("null" in kinds), at
            assert not kinds - told[at] - {"null"}, at
