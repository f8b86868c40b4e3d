"""The recipes of docs/widgets.md, asked as each dashboard asks, against the daemon."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jinja2
import pytest
import yaml

from tests.docs.pages import chapters, page

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage

HOST = "http://trailarrd:7979"
CHAPTERS = chapters(page("widgets.md"))


class Loader(yaml.SafeLoader):
    """Home Assistant's own tag means a text that stands elsewhere."""


Loader.add_constructor("!secret", lambda _loader, node: f"secret {node.value}")


def block(chapter: str, kind: str) -> Any:
    text = CHAPTERS[chapter].split(f"```{kind}\n", 1)[1].split("```", 1)[0]
    return json.loads(text) if kind == "json" else yaml.load(text, Loader)  # a SafeLoader


async def asked(client: Client, stage: Stage, url: str, headers: dict[str, str]) -> Any:
    """As the recipe asks, with a key for reading in place of its variable."""
    (name,) = headers
    token = await stage.key("widgets", may_write=False)
    answer = await client.ask("GET", url.removeprefix(HOST), headers={name: token})
    assert answer.status == 200
    return answer.document


async def test_homepage(stage: Stage, client: Client) -> None:
    widget = block("Homepage", "yaml")[0]["Media"][0]["trailarrd"]["widget"]
    document = await asked(client, stage, widget["url"], widget["headers"])
    shown = {one["label"]: document[one["field"]] for one in widget["mappings"]}
    assert shown == {"Trailers": 0, "Of all": 0.0, "Wanted": 6, "Health": "ok"}
    assert {one["format"] for one in widget["mappings"]} <= {"number", "float", "text"}


async def test_home_assistant(stage: Stage, client: Client) -> None:
    (recipe,) = block("Home Assistant", "yaml")["rest"]
    document = await asked(client, stage, recipe["resource"], recipe["headers"])
    states = {
        one["name"]: jinja2.Template(one["value_template"]).render(value_json=document)  # no HTML
        for one in [*recipe["sensor"], *recipe["binary_sensor"]]
    }
    assert states.pop("Last refresh of trailarrd") == document["last_refresh"]
    assert states == {"Trailers": "0", "Trailers wanted": "6", "trailarrd is not well": "False"}
    assert set(recipe["sensor"][0]["json_attributes"]) <= set(document)


async def test_grafana(stage: Stage, client: Client) -> None:
    (source,) = block("Grafana", "yaml")["datasources"]
    query = block("Grafana", "json")
    assert query["url"].startswith(source["jsonData"]["allowedHosts"][0])
    document = await asked(client, stage, query["url"], {source["jsonData"]["apiKeyKey"]: ""})
    rows = [
        [one[column["selector"]] for column in query["columns"]] for one in document[query["root_selector"]]
    ]
    assert rows == [["movies", 0, 3], ["series", 0, 3]]


@pytest.mark.parametrize("path", ["/health/live", "/health", "/icon.svg"])
async def test_what_homarr_and_homepage_ask_without_a_key(stage: Stage, client: Client, path: str) -> None:
    assert f"{HOST}{path}" in CHAPTERS["Homarr"]
    await stage.key()
    assert (await client.ask("GET", path)).status == 200


def test_the_page_names_every_field_and_shows_an_answer() -> None:
    from trailarrd.documents.summary import ConnectionSummary, Summary

    text = page("widgets.md")
    shown = json.loads(text.split("```json\n", 1)[1].split("```", 1)[0])
    assert tuple(shown) == Summary.__struct_fields__
    assert tuple(shown["connections"][0]) == ConnectionSummary.__struct_fields__
    assert all(f"`{name}`" in text for name in (*shown, *shown["connections"][0]))
