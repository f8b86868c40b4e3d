"""Claims over HTTP: one downloader works on an item, and says how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage


async def test_an_item_is_claimed_prolonged_and_given_back(owner: Client) -> None:
    made = await owner.post("claims", {"id": 1, "owner": "a"})
    assert (made.status, made.document["percent"]) == (201, None)
    assert (await owner.get("media/1")).document["status"] == "downloading"
    told = {"owner": "a", "minutes": 5, "percent": 42.5, "words": "merging"}
    prolonged = await owner.ask("PUT", "claims/1", json=told)
    assert (prolonged.status, prolonged.document["words"]) == (200, "merging")
    (claim,) = (await owner.get("claims")).document["items"]
    assert (claim["id"], claim["owner"], claim["percent"]) == (1, "a", 42.5)
    assert (await owner.ask("DELETE", "claims/1?owner=a")).status == 204
    assert (await owner.get("claims")).document["items"] == []


async def test_what_somebody_works_on_nobody_else_gets(owner: Client) -> None:
    await owner.post("claims", {"id": 1, "owner": "a"})
    for answer in (
        await owner.post("claims", {"id": 1, "owner": "b"}),
        await owner.ask("PUT", "claims/1", json={"owner": "b"}),
    ):
        assert (answer.status, answer.document["detail"]) == (409, "'a' works on it already")
    assert (await owner.ask("DELETE", "claims/1?owner=b")).status == 404
    assert (await owner.post("claims", {"id": 999, "owner": "a"})).status == 404


async def test_progress_of_an_earlier_claim_is_not_told_of_a_later_one(owner: Client) -> None:
    await owner.ask("PUT", "claims/1", json={"owner": "a", "percent": 90})
    await owner.ask("DELETE", "claims/1?owner=a")
    await owner.post("claims", {"id": 1, "owner": "b"})
    (claim,) = (await owner.get("claims")).document["items"]
    assert (claim["owner"], claim["percent"]) == ("b", None)


async def test_a_folder_is_looked_at_on_request_and_the_server_not_asked(stage: Stage, owner: Client) -> None:
    movies = stage.household.movies
    movies.put(1, "Trailers/Official Trailer.mkv")
    before = len(movies.server.requests)
    answer = await owner.post(f"media/{stage.movie}/look")
    assert (answer.status, answer.document["trailer"]) == (200, "present")
    assert len(movies.server.requests) == before


async def test_one_item_is_refreshed_alone(stage: Stage, owner: Client) -> None:
    stage.household.movies.library.edit(1, title="Another Name")
    answer = await owner.post(f"media/{stage.movie}/refresh")
    assert (answer.status, answer.document["title"]) == (200, "Another Name")
