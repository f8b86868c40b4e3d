"""What Prometheus is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from tests.web.conftest import Client, Stage


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from the request before."""
    monkeypatch.setattr("trailarrd.web.health._AGE", 0.0)


async def samples(client: Client) -> dict[str, float]:
    """Each sample's value by its name and labels: `name{a=1}`."""
    answer = await client.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        f"{sample.name}{{{','.join(f'{key}={told}' for key, told in sorted(sample.labels.items()))}}}": (
            sample.value
        )
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


async def test_items_are_counted_by_status_and_by_trailer(stage: Stage, client: Client) -> None:
    stage.household.movies.put(3, "Trailers/Teaser.mkv")
    await stage.refresh()
    found = await samples(client)
    assert found["trailarrd_media_items{connection=movies,status=downloaded}"] == 1
    assert found["trailarrd_media_items{connection=movies,status=monitored}"] == 2
    assert found["trailarrd_media_items{connection=movies,status=missing}"] == 0
    assert found["trailarrd_media_trailer_items{connection=movies,trailer=present}"] == 1
    assert found["trailarrd_media_trailer_items{connection=movies,trailer=absent}"] == 2
    assert found["trailarrd_media_monitored_items{connection=movies}"] == 2


async def test_refreshes_scans_and_requests_are_counted_and_timed(stage: Stage, client: Client) -> None:
    before = await samples(client)
    await stage.household.movies.server.stop()
    await stage.refresh()
    after = await samples(client)

    def grown(name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    assert grown("trailarrd_refreshes_total{connection=movies,outcome=failed}") == 1
    assert grown("trailarrd_refreshes_total{connection=series,outcome=ok}") == 1
    assert grown("trailarrd_refresh_duration_seconds_count{connection=series}") == 1
    assert grown("trailarrd_disk_scan_duration_seconds_count{connection=series}") == 1
    request = "trailarrd_arr_request_duration_seconds_count{connection=%s,method=GET,status=%s}"
    assert grown(request % ("movies", "error")) >= 1
    assert grown(request % ("series", "200")) >= 2
    assert after["trailarrd_connection_up{connection=movies}"] == 0
    assert after["trailarrd_connection_up{connection=series}"] == 1
    assert after["trailarrd_healthy{}"] == 0
    assert after["trailarrd_database_up{}"] == 1


async def test_held_quarantined_and_unknown_are_told(stage: Stage, client: Client) -> None:
    stage.household.movies.library.delete(1, 2, 3)
    stage.household.series.library.edit(2, title=17)
    stage.household.series.folder.rename(stage.household.series.folder.with_name("unmounted"))
    await stage.refresh()
    found = await samples(client)
    assert found["trailarrd_removals_held_items{connection=movies}"] == 3
    assert found["trailarrd_quarantined_records{connection=series}"] == 1
    assert found["trailarrd_roots_unknown{connection=series}"] == 1


async def test_answers_are_timed_by_the_pattern_of_their_route(client: Client) -> None:
    await client.get("media/17")
    await client.get("no/such/thing")
    found = await samples(client)
    count = "trailarrd_http_request_duration_seconds_count{method=%s,route=%s,status=404}"
    assert found[count % ("GET", "/api/v1/media/{media_id}")] == 1
    assert found[count % ("any", "none")] == 1
    assert "17" not in "".join(found)


async def test_a_database_in_trouble_is_told_rather_than_zeros(stage: Stage, client: Client) -> None:
    before = await samples(client)
    stage.household.database.sql("ALTER TABLE connections RENAME TO gone")
    found = await samples(client)
    stage.household.database.sql("ALTER TABLE gone RENAME TO connections")
    name = "trailarrd_media_items{connection=movies,status=monitored}"
    assert (found["trailarrd_database_up{}"], found[name]) == (0, before[name])


async def test_a_stranger_is_told_nothing(client: Client, stage: Stage) -> None:
    assert (await client.saying(X_Forwarded_For="1.2.3.4").get("/metrics")).status == 401
    token = await stage.key("prometheus", may_write=False)
    assert (await client.saying(Authorization=f"Bearer {token}").get("/metrics")).status == 200
