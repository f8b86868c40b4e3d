"""Configuration and checks over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.world import KEY
from trailarrd.daemon.supervisor import Service, at_once
from trailarrd.log import Line

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage


async def test_the_configuration_is_told_with_origins_and_without_secrets(
    stage: Stage, client: Client
) -> None:
    answer = await client.get("config")
    settings = {one["setting"]: one for one in answer.document["items"]}
    assert settings["connections[0].name"]["value"] == "movies"
    assert settings["connections[0].name"]["file"] == str(stage.household.config)
    key = settings["connections[0].api_key"]
    assert (key["value"], key["reference"]) == ("********", "!env TEST_ARR_KEY")
    assert KEY.encode() not in answer.content
    assert settings["http.enabled"]["value"] is False


async def test_an_examination_is_made_on_request_and_kept(stage: Stage, owner: Client) -> None:
    made = (await owner.post("checks")).document
    assert made["at"]
    assert {one["area"] for one in made["items"]} >= {"movies", "series"}
    assert {one["level"] for one in made["items"]} <= {"ok", "warning", "problem"}
    kept = (await owner.get("checks")).document
    assert kept == made
    await stage.household.movies.server.stop()
    again = (await owner.post("checks")).document
    problems = [one for one in again["items"] if one["level"] == "problem"]
    assert [one["area"] for one in problems] == ["movies"]
    assert problems[0]["advice"]


async def test_an_item_is_explained_with_what_the_disk_shows_now(stage: Stage, client: Client) -> None:
    (item,) = (await client.get("media", connection="movies", q="Alpha")).document["items"]
    stage.household.movies.put(1, "Trailers/Teaser.mkv")
    told = (await client.get(f"media/{item['id']}/explain")).document
    assert told["item"] == item
    assert (told["item"]["trailer"], told["trailer_now"]) == ("absent", "present")
    assert [one["file"] for one in told["counting"]] == ["Trailers/Teaser.mkv"]
    assert (told["mode"], told["row"]) == ("missing", 9)
    assert [event["event"] for event in told["history"]] == ["added"]
    assert told["mapping"]["local"] == str(stage.household.movies.folder)
    assert (await client.get("media/999/explain")).status == 404


async def test_the_log_the_parts_of_the_daemon_and_what_is_new_are_told(stage: Stage, client: Client) -> None:
    memory = stage.daemon.memory
    assert memory
    said = [("info", "refresh.finished", "connection='movies'"), ("error", "refresh.failed", "<b>no</b>")]
    memory.lines.extend(Line(datetime(2026, 5, 1, 12, tzinfo=UTC), *line) for line in said)
    told = (await client.get("log")).document["items"]
    assert [(one["level"], one["event"], one["text"]) for one in told] == said[::-1]
    for options, events in (
        ({"level": "warning"}, ["refresh.failed"]),
        ({"q": "MOVIES"}, ["refresh.finished"]),
        ({"limit": 1}, ["refresh.failed"]),
        ({"level": "error", "q": "movies"}, []),
    ):
        assert [one["event"] for one in (await client.get("log", **options)).document["items"]] == events
    page = (await client.ask("GET", "/system?level=error")).content
    assert b"&lt;b&gt;no&lt;/b&gt;" in page
    assert b"refresh.finished" not in page

    async def fails() -> None:
        raise OSError(f"the key is {KEY}")

    await stage.daemon.supervisor.start(Service(name="sun dial", run=at_once(fails)))
    parts = {one["name"]: one for one in (await client.get("services")).document["items"]}
    assert parts["poller movies"] == {
        "name": "poller movies",
        "state": "running",
        "crashes": 0,
        "error": None,
    }
    dial = parts["sun dial"]
    assert (dial["state"], dial["crashes"], KEY in dial["error"]) == ("crashed", 1, False)
    assert b"crashed once: OSError" in (await client.ask("GET", "/system")).content.replace(b"<bdi>", b"")

    changes = (await client.ask("GET", "/changes")).content.decode()
    assert "<h2>Added</h2>" in changes
    assert "](" not in changes
    assert "`" not in changes
