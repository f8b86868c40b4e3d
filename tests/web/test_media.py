"""Items over the API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Answer, Client, Stage


@pytest.fixture
async def titles(stage: Stage) -> None:
    """Movies: Alpha, Beta, Gamma (with a trailer), and Amélie (2010). Series: Alpha, Beta, Gamma."""
    stage.household.movies.put(3, "Trailers/Teaser.mkv")
    stage.household.movies.add("Amélie 100%", 2010)
    await stage.refresh()


def shown(answer: Answer) -> list[tuple[str, str]]:
    """Connection and title of each item, in order."""
    assert answer.status == 200, answer.document
    return [(item["connection"], item["title"]) for item in answer.document["items"]]


async def test_an_item_has_the_fields_of_the_commands_json(
    stage: Stage, client: Client, titles: None
) -> None:
    answer = await client.get("media", connection="movies", q="Gamma")
    (item,) = answer.document["items"]
    place = stage.household.movies.place(3)
    assert {name: item[name] for name in item if name not in ("id", "first_seen", "last_changed")} == {
        "connection": "movies",
        "provider": "radarr",
        "kind": "movie",
        "arr_id": 3,
        "title": "Gamma",
        "year": 2003,
        "external_ids": item["external_ids"],
        "remote_path": stage.household.movies.library.record(3)["path"],
        "local_path": str(place),
        "trailer": "present",
        "trailer_file": "Trailers/Teaser.mkv",
        "youtube_trailer_id": "trailer2003",
        "monitored_remotely": True,
        "intent": None,
        "monitored": False,
        "monitor_reason": "trailer-present",
        "status": "downloaded",
        "held_since": None,
        "has_file": True,
        "contradicted": False,
        "vanishing": False,
        "details": item["details"],
        "condition": None,
        "trailer_target": str(place / "Trailers/Gamma (2003)"),
        "trailer_target_reason": None,
    }
    assert (item["details"]["sort_title"], item["details"]["seasons"]) == ("gamma", None)
    assert item["external_ids"]["imdb"] == "tt0002003"
    assert (await client.get(f"media/{item['id']}")).document == item


async def test_filters_narrow_the_list_together(
    client: Client, titles: None, subtests: pytest.Subtests
) -> None:
    for query, expected in [
        ({"connection": "series"}, [("series", "Alpha"), ("series", "Beta"), ("series", "Gamma")]),
        ({"kind": "series", "q": "beta"}, [("series", "Beta")]),
        ({"trailer": "present"}, [("movies", "Gamma")]),
        ({"status": "downloaded"}, [("movies", "Gamma")]),
        ({"reason": "trailer-present"}, [("movies", "Gamma")]),
        ({"connection": "movies", "monitored": "false"}, [("movies", "Gamma")]),
        ({"held": "true"}, []),
        ({"q": "2010"}, [("movies", "Amélie 100%")]),
        ({"q": "tt0002001", "connection": "movies"}, [("movies", "Alpha")]),
        ({"q": "100%"}, [("movies", "Amélie 100%")]),
        ({"q": "%"}, [("movies", "Amélie 100%")]),
        ({"q": "am 100"}, [("movies", "Amélie 100%")]),
        ({"q": "am xx"}, []),
    ]:
        with subtests.test(query=query, expected=expected):
            assert sorted(shown(await client.get("media", **query))) == expected


async def test_pages_follow_each_other_without_gap_or_overlap_in_every_order(
    client: Client, titles: None, subtests: pytest.Subtests
) -> None:
    for sort in ["id", "title", "-first_seen", "-last_changed"]:
        with subtests.test(sort=sort):
            whole = (await client.get("media", sort=sort)).document
            assert whole["next_cursor"] is None
            pages: list[dict[str, Any]] = []
            cursor: dict[str, object] = {}
            while True:
                page = (await client.get("media", sort=sort, limit=3, **cursor)).document
                pages += page["items"]
                if page["next_cursor"] is None:
                    break
                cursor = {"cursor": page["next_cursor"]}
            assert [item["id"] for item in pages] == [item["id"] for item in whole["items"]]
            assert pages == whole["items"]
            assert len(pages) == 7


async def test_by_title_upper_and_lower_case_make_no_difference(
    stage: Stage, client: Client, titles: None
) -> None:
    stage.household.movies.add("alphabet", 2011)
    await stage.refresh()
    answer = await client.get("media", connection="movies", sort="title")
    assert [title for _, title in shown(answer)] == ["Alpha", "alphabet", "Amélie 100%", "Beta", "Gamma"]


async def test_a_wrong_parameter_is_named(client: Client, subtests: pytest.Subtests) -> None:
    for query, where in [
        ({"limit": "0"}, "query.limit"),
        ({"limit": "501"}, "query.limit"),
        ({"limit": "ten"}, "query.limit"),
        ({"limit": "1.0"}, "query.limit"),
        ({"cursor": "0"}, "query.cursor"),
        ({"cursor": str(2**63)}, "query.cursor"),
        ({"monitored": "yes"}, "query.monitored"),
        ({"monitored": "1"}, "query.monitored"),
        ({"trailer": "maybe"}, "query.trailer"),
        ({"status": ""}, "query.status"),
        ({"sort": "colour"}, "query.sort"),
        ({"q": "x" * 201}, "query.q"),
        ({"colour": "red"}, "query.colour"),
    ]:
        with subtests.test(query=query, where=where):
            answer = await client.get("media", **query)
            assert (answer.status, answer.document["errors"][0]["where"]) == (422, where)


async def test_a_parameter_given_twice_is_refused(client: Client) -> None:
    answer = await client.ask("GET", "media?connection=movies&connection=series")
    assert (answer.status, answer.document["detail"]) == (422, "query.connection: given twice")


async def test_an_item_that_is_not_there_is_not_found(client: Client, subtests: pytest.Subtests) -> None:
    for media_id in ["999", "0", "-1", "x", str(2**63), "1.0"]:
        with subtests.test(media_id=media_id):
            assert (await client.get(f"media/{media_id}")).status == 404


async def test_your_word_takes_effect_at_once_and_can_be_dropped(stage: Stage, owner: Client) -> None:
    (item,) = (await owner.get("media", connection="movies", q="Alpha")).document["items"]
    place = f"media/{item['id']}/intent"
    told = (await owner.ask("PUT", place, json={"intent": False})).document
    assert (told["intent"], told["monitored"], told["monitor_reason"]) == (False, False, "user")
    dropped = (await owner.ask("PUT", place, json={"intent": None})).document
    assert (dropped["intent"], dropped["monitored"], dropped["monitor_reason"]) == (
        None,
        True,
        "mode-missing",
    )
    assert (await owner.ask("PUT", "media/999/intent", json={"intent": True})).status == 404


async def test_a_word_on_many_tells_what_became_of_each(owner: Client) -> None:
    items = (await owner.get("media", connection="movies")).document["items"]
    ids = [item["id"] for item in items]
    await owner.ask("PUT", f"media/{ids[0]}/intent", json={"intent": False})
    answer = await owner.post("intents", {"ids": [*ids, 999], "intent": False})
    assert answer.document == {"changed": ids[1:], "unchanged": ids[:1], "unknown": [999]}


async def test_a_wrong_body_is_named_and_changes_nothing(
    stage: Stage, owner: Client, subtests: pytest.Subtests
) -> None:
    before = stage.household.database.content()
    for body, where in [
        ({}, "body"),
        ({"intent": "yes"}, "body.intent"),
        ({"intent": 1}, "body.intent"),
        ({"intent": True, "more": 1}, "body"),
        ([], "body"),
        ("null", "body"),
    ]:
        with subtests.test(body=body, where=where):
            content = body if isinstance(body, str) else json.dumps(body)
            as_json = {"Content-Type": "application/json"}
            answer = await owner.ask("PUT", "media/1/intent", data=content, headers=as_json)
            assert (answer.status, answer.document["errors"][0]["where"]) == (422, where)
            assert stage.household.database.content() == before


async def test_what_is_no_json_is_told_apart_from_what_is_wrong(owner: Client) -> None:
    as_json = {"Content-Type": "application/json"}
    for content in (b"{", b"\xff", b"", b'{"intent": true} x'):
        answer = await owner.ask("PUT", "media/1/intent", data=content, headers=as_json)
        assert (answer.status, answer.document["detail"][:20]) == (400, "the body is not JSON")
    answer = await owner.ask("PUT", "media/1/intent", data=b"intent=true")
    assert answer.status == 415


async def test_ids_that_cannot_be_are_refused(owner: Client, subtests: pytest.Subtests) -> None:
    for ids in [[], [0], [True], ["1"], [2**63], list(range(1, 10_002))]:
        with subtests.test(ids=ids):
            assert (await owner.post("intents", {"ids": ids, "intent": True})).status == 422


async def test_who_spoke_is_kept_by_the_name_of_the_key(stage: Stage, owner: Client) -> None:
    (item,) = (await owner.get("media", connection="movies", q="Alpha")).document["items"]
    await owner.ask("PUT", f"media/{item['id']}/intent", json={"intent": False})
    (row,) = await stage.daemon.store.matching(str(item["id"]))
    assert row.intent_by
    assert row.intent_by.startswith("API key ")


async def test_every_mistake_of_a_request_is_told_at_once_with_what_would_have_been_right(
    owner: Client,
) -> None:
    answer = await owner.get("media", trailer="lost", limit=0, colour="red", monitored="yes")
    told = {one["where"]: one.get("allowed") for one in answer.document["errors"]}
    assert (answer.status, told) == (
        422,
        {
            "query.trailer": ["present", "absent", "unknown"],
            "query.limit": None,
            "query.colour": None,
            "query.monitored": ["true", "false"],
        },
    )
    assert "one of: present, absent, unknown" in answer.document["detail"]
    answer = await owner.post("intents", {"ids": [0], "intent": "maybe", "colour": "red"})
    assert sorted(one["where"] for one in answer.document["errors"]) == ["body", "body.ids[0]", "body.intent"]


async def test_a_connection_that_does_not_exist_is_no_empty_list(
    client: Client, subtests: pytest.Subtests
) -> None:
    for path in ("media", "history", "refreshes", "quarantine", "events"):
        parameter = "connections" if path == "events" else "connection"
        with subtests.test(path):
            answer = await client.get(path, **{parameter: "nope"})
            assert (answer.status, answer.document["detail"]) == (
                404,
                "no connection 'nope'; there are: movies, series",
            )


async def test_a_list_tells_how_many_there_are_on_all_pages(client: Client) -> None:
    for path in ("media", "history", "refreshes"):
        document = (await client.get(path, limit=1)).document
        every = (await client.get(path, limit=500)).document["items"]
        assert (path, len(document["items"]), document["total"]) == (path, 1, len(every))
