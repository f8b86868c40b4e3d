"""Connections, refreshes, history and quarantine over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage


async def test_a_connection_tells_its_state_and_what_goes_on(stage: Stage, client: Client) -> None:
    answer = (await client.get("connections/movies")).document
    assert (answer["state"], answer["items"], answer["refreshing"]) == ("ok", 3, None)
    assert answer["next_refresh"] > answer["last_success"]
    names = [one["connection"] for one in (await client.get("connections")).document["items"]]
    assert names == ["movies", "series"]


async def test_a_connection_that_fails_says_why(stage: Stage, client: Client) -> None:
    await stage.household.movies.server.stop()
    await stage.refresh()
    answer = (await client.get("connections/movies")).document
    assert (answer["state"], answer["error"]["kind"], answer["failures"]) == ("failed", "unavailable", 1)
    assert (await client.get("refreshes", outcome="failed")).document["items"][0]["error"][
        "kind"
    ] == "unavailable"


async def test_a_refresh_is_asked_for_and_happens(stage: Stage, owner: Client) -> None:
    stage.household.movies.add("Delta", 2004)
    answer = await owner.post("connections/movies/refresh")
    assert (answer.status, answer.content) == (202, b"")
    await stage.daemon.pollers["movies"].request()
    assert (await owner.get("connections/movies")).document["items"] == 4


async def test_root_folders_are_trusted_by_the_old_path_too(stage: Stage, owner: Client) -> None:
    for word in ("trust", "believe"):
        stage.household.database.sql("UPDATE roots SET state = 'other-device' WHERE connection_id = 1")
        answer = await owner.post(f"connections/movies/{word}")
        assert (answer.status, answer.document) == (200, {"items": 1})
        assert stage.household.database.sql("SELECT mark FROM roots WHERE connection_id = 1") == [(None,)]
    paths = (await owner.get("openapi.json")).document["paths"]
    deprecated = [path for path, said in paths.items() if said.get("post", {}).get("deprecated")]
    assert deprecated == ["/connections/{connection}/believe"]


@pytest.mark.parametrize("name", ["nobody", "%00", "..%2f.."])
async def test_what_is_no_connection_is_not_found(owner: Client, name: str) -> None:
    waiting = [f"{what}/{word}" for what in ("removals", "vanished") for word in ("approve", "discard")]
    for path in ("refresh", *waiting, "trust"):
        assert (await owner.post(f"connections/{name}/{path}")).status == 404
    assert (await owner.get(f"connections/{name}")).status == 404


async def test_a_refresh_is_waited_for_and_its_report_is_that_of_the_command(
    stage: Stage, owner: Client
) -> None:
    stage.household.movies.add("Delta", 2004)
    (report,) = (await owner.post("refreshes", {"connections": ["movies"]})).document["refreshes"]
    duration = report.pop("duration_s")
    assert duration > 0
    assert report == {
        "connection": "movies",
        "provider": "radarr",
        "outcome": "ok",
        "fetched": 4,
        "added": 1,
        "updated": 0,
        "unchanged": 3,
        "removed": 0,
        "restored": 0,
        "held": 0,
        "quarantined": 0,
        "trailers": {"present": 0, "absent": 4, "unknown": 0},
        "monitored": 4,
        "error": None,
        "roots": [],
        "contradicted": 0,
        "elsewhere": [],
        "vanishing": 0,
    }
    both = (await owner.post("refreshes", {})).document["refreshes"]
    assert [one["connection"] for one in both] == ["movies", "series"]
    assert (await owner.post("refreshes", {"connections": ["movies", "nobody"]})).status == 404


async def test_held_removals_are_listed_and_approved_or_discarded(stage: Stage, owner: Client) -> None:
    household = stage.household
    household.movies.library.delete(1, 2, 3)
    await stage.refresh()
    held = (await owner.get("media", held="true")).document["items"]
    assert [item["title"] for item in held] == ["Alpha", "Beta", "Gamma"]
    assert all(item["held_since"] for item in held)
    assert (await owner.post("connections/movies/removals/discard")).document == {"items": 3}
    await stage.refresh()
    assert (await owner.post("connections/movies/removals/approve")).document == {"items": 3}
    assert (await owner.get("media", connection="movies")).document["items"] == []
    assert (await owner.get("history", event="removed")).document["items"][0]["detail"] == {"approved": True}


async def test_trailers_that_vanish_are_listed_and_approved_or_discarded(stage: Stage, owner: Client) -> None:
    database = stage.household.database
    vanish = "UPDATE media SET trailer = 'present', vanishing_since = '2026-01-01' WHERE connection_id = 1"
    database.sql(vanish)
    vanishing = (await owner.get("media", vanishing="true")).document["items"]
    assert [(item["title"], item["vanishing"]) for item in vanishing] == [
        (title, True) for title in ("Alpha", "Beta", "Gamma")
    ]
    assert (await owner.get("connections/movies")).document["vanishing"] == 3
    assert "trailarrd_media_vanishing_items" in (await owner.get("/metrics")).content.decode()
    assert (await owner.post("connections/movies/vanished/discard")).document == {"items": 3}
    database.sql(vanish)
    assert (await owner.post("connections/movies/vanished/approve")).document == {"items": 3}
    found = (await owner.get("history", event="trailer-vanished")).document["items"]
    assert [event["detail"]["approved"] for event in found] == [True] * 3


async def test_history_comes_in_pages_newest_first(stage: Stage, client: Client) -> None:
    whole = (await client.get("history")).document["items"]
    assert [one["event"] for one in whole] == ["added"] * 6
    numbers = [one["number"] for one in whole]
    assert numbers == sorted(numbers, reverse=True)
    first = (await client.get("history", limit=4)).document
    rest = (await client.get("history", limit=4, cursor=first["next_cursor"])).document
    assert ([*first["items"], *rest["items"]], rest["next_cursor"]) == (whole, None)
    assert {
        one["connection"] for one in (await client.get("history", connection="series")).document["items"]
    } == {"series"}
    (one,) = (await client.get("history", id=whole[0]["id"])).document["items"]
    assert one == whole[0]


async def test_refreshes_come_in_pages_newest_first(stage: Stage, client: Client) -> None:
    await stage.refresh()
    whole = (await client.get("refreshes", connection="movies")).document["items"]
    assert {one["outcome"] for one in whole} == {"ok"}
    assert [one["added"] for one in whole][-1] == 3
    first = (await client.get("refreshes", connection="movies", limit=1)).document
    second = (
        await client.get("refreshes", connection="movies", limit=1, cursor=first["next_cursor"])
    ).document
    assert [first["items"][0], second["items"][0]] == whole[:2]


async def test_a_quarantined_record_is_listed_with_its_reason(stage: Stage, client: Client) -> None:
    stage.household.movies.library.edit(2, title=17)
    await stage.refresh()
    (record,) = (await client.get("quarantine")).document["items"]
    assert (record["connection"], record["arr_id"], record["position"]) == ("movies", "2", 1)
    assert "title" in record["reason"]
    assert (await client.get("quarantine", connection="series")).document["items"] == []


async def test_plugins_and_version(client: Client) -> None:
    plugins = (await client.get("plugins")).document["items"]
    assert {"radarr", "sonarr"} <= {provider for plugin in plugins for provider in plugin["providers"]}
    assert (await client.get("version")).document["api"] == 1
