"""Whether all is well, over HTTP."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import Client, Stage


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from the request before."""
    monkeypatch.setattr("trailarrd.web.health._AGE", 0.0)


async def test_all_is_well_after_a_first_refresh(client: Client) -> None:
    answer = await client.get("/health")
    document = answer.document
    assert (answer.status, document["status"], document["daemon"], document["ailments"]) == (
        200,
        "ok",
        True,
        [],
    )
    movies, _ = document["connections"]
    assert (movies["connection"], movies["state"], movies["held"], movies["unknown_roots"]) == (
        *("movies", "ok", 0, []),
    )
    assert movies["age_s"] < 60
    assert movies["next_refresh"] > movies["last_success"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_connection_that_fails_is_told_and_makes_503(stage: Stage, client: Client) -> None:
    await stage.household.movies.server.stop()
    await stage.refresh()
    answer = await client.get("/health")
    (issue,) = answer.document["ailments"]
    assert (answer.status, answer.document["status"]) == (503, "not-well")
    assert (issue["code"], issue["connection"]) == ("connection-failed", "movies")
    assert issue["message"].startswith("unavailable: ")


async def test_held_removals_and_unknown_roots_are_told(stage: Stage, client: Client) -> None:
    stage.household.movies.library.delete(1, 2, 3)
    stage.household.series.folder.rename(stage.household.series.folder.with_name("unmounted"))
    await stage.refresh()
    answer = await client.get("/health")
    told = [(one["code"], one["connection"]) for one in answer.document["ailments"]]
    assert (answer.status, told) == (503, [("removals-held", "movies"), ("root-unknown", "series")])
    movies, series = answer.document["connections"]
    assert (movies["held"], series["unknown_roots"]) == (3, [str(stage.household.series.folder)])


async def test_a_database_in_trouble_is_told_and_the_process_still_lives(
    stage: Stage, client: Client
) -> None:
    await client.get("version")
    stage.household.database.sql("ALTER TABLE connections RENAME TO gone")
    health, ready, live = [await client.get(f"/health{end}") for end in ("", "/ready", "/live")]
    stage.household.database.sql("ALTER TABLE gone RENAME TO connections")
    assert [one.status for one in (health, ready, live)] == [503, 503, 200]
    assert health.document["ailments"][0]["code"] == "database"
    assert (await client.get("/health/ready")).status == 200


async def test_whoever_asks_what_all_are_told_is_answered_without_the_database(
    stage: Stage, client: Client
) -> None:
    """Also as the very first, when nothing is known of anybody."""
    stage.household.database.sql("ALTER TABLE api_keys RENAME TO gone")
    paths = (
        "/health/live",
        "/health/ready",
        "/no/such",
        "/api/v1/openapi.json",
        "/icon.svg",
        "/api/v1/version",
    )
    answers = [await client.knowing("trailarrd_x").get(path) for path in paths]
    stage.household.database.sql("ALTER TABLE gone RENAME TO api_keys")
    assert [one.status for one in answers] == [200, 200, 404, 200, 200, 503]
    assert answers[-1].document["detail"].startswith("database ")


async def test_what_was_known_of_connections_is_told_beside_a_database_in_trouble(
    stage: Stage, client: Client
) -> None:
    before = (await client.get("/health")).document["connections"]
    stage.household.database.sql("ALTER TABLE connections RENAME TO gone")
    after = (await client.get("/health")).document
    stage.household.database.sql("ALTER TABLE gone RENAME TO connections")
    assert [one["connection"] for one in after["connections"]] == [one["connection"] for one in before]
    assert [one["code"] for one in after["ailments"]] == ["database"]


async def test_a_loop_that_was_blocked_is_told(client: Client) -> None:
    time.sleep(1.5)  # noqa: ASYNC251  # blocks the loop on purpose
    answer = await client.get("/health")
    assert (answer.status, answer.document["ailments"][0]["code"]) == (503, "loop-lag")
    assert answer.document["lag_s"] > 1.0


async def test_it_is_told_without_waking_a_disk(stage: Stage, owner: Client) -> None:
    touched: list[str] = []

    def noted(real: Callable[..., Any]) -> Callable[..., Any]:
        def noting(path: Any, *args: Any, **options: Any) -> Any:
            touched.append(str(path))
            return real(path, *args, **options)

        return noting

    with pytest.MonkeyPatch.context() as spying:
        for name in ("stat", "lstat", "scandir", "listdir", "statvfs", "open", "access"):
            spying.setattr(os, name, noted(getattr(os, name)))
        answers = [await owner.get(path) for path in ("/health", "/health/ready", "/health/live", "/metrics")]
    assert [answer.status for answer in answers] == [200] * 4
    media = tuple(str(shelf.folder) for shelf in stage.household.shelves.values())
    assert str(stage.household.database.path.parent) in touched, "whether there is room"
    assert [path for path in touched if path.startswith(media)] == []


async def test_a_stranger_is_told_one_word(stage: Stage, client: Client) -> None:
    stranger = client.saying(X_Forwarded_For="1.2.3.4")
    answers = [await stranger.get(path) for path in ("/health", "/health/live", "/health/ready")]
    assert [(one.status, one.document) for one in answers] == [(200, {"status": "ok"})] * 3
    await stage.household.movies.server.stop()
    await stage.refresh()
    answer = await stranger.get("/health")
    assert (answer.status, answer.document) == (503, {"status": "not-well"})


async def test_health_lies_below_the_base_path(stage: Stage) -> None:
    async with stage.client(base_path="/trailarrd") as client:
        assert (await client.get("/trailarrd/health/live")).status == 200
        assert (await client.get("/health/live")).status == 404
