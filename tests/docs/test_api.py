"""docs/api.md names every route and every status, and none that does not exist."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from tests.docs.pages import chapters, page, plain, table
from trailarrd.web.api import ROOT, ROUTES
from trailarrd.web.openapi import document

CHAPTERS = chapters(page("api.md"))
DOCUMENT = document(ROUTES, ROOT)


def test_every_route_is_on_the_page_and_no_other() -> None:
    rows = [(plain(method), plain(path)) for method, path, _ in table(CHAPTERS["Routes"])]
    assert sorted(rows) == sorted((route.method, route.path) for route in ROUTES)


def test_every_status_of_a_failure_is_explained_and_no_other() -> None:
    used = {
        status
        for operations in DOCUMENT["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    }
    assert {plain(row[0]) for row in table(CHAPTERS["Answers"])} == {one for one in used if one >= "400"}


def test_every_field_and_parameter_says_what_it_means_with_an_example_that_fits() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    resources = {"components": {"schemas": schemas}}
    fields = [
        (name, field, told)
        for name, schema in schemas.items()
        for field, told in schema.get("properties", {}).items()
    ]
    assert [(name, field) for name, field, told in fields if not told["description"]] == []
    wrong = [
        (name, field, example)
        for name, field, told in fields
        for example in told.get("examples", ())
        if not Draft202012Validator({**told, **resources}).is_valid(example)
    ]
    assert wrong == []
    for operations in DOCUMENT["paths"].values():
        for operation in operations.values():
            assert all(one["schema"]["description"] for one in operation.get("parameters", ()))


def test_every_route_and_every_schema_says_what_it_is() -> None:
    for operations in DOCUMENT["paths"].values():
        assert all(operation["summary"] for operation in operations.values())
    schemas = DOCUMENT["components"]["schemas"]
    enums = {name for name, schema in schemas.items() if "enum" in schema}
    assert [name for name in schemas.keys() - enums if not schemas[name].get("description")] == []
