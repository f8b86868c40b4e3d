"""What every provider must do, shown of Lidarr's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from trailarrd.plugin import Provider, WebhookHint
from trailarrd.testing import Dialect
from trailarrd.testing.contract import ProviderContract
from trailarrd_lidarr import ArtistRecord, parse_artist, trailarrd_providers

NAMES = {"artistName": "The Slow Tides", "foreignArtistId": "0f6b3e1c-58a4-4b6e-9d2e-7c1f00000001"}
RECORD = {**NAMES, "status": "ended", "path": "/music/The Slow Tides", "monitored": True}
EVENTS = json.loads((Path(__file__).parent / "fixtures/webhooks.json").read_text("utf-8"))
NEWS = {"Download", "Rename", "Retag", "ArtistAdd", "ArtistDelete", "AlbumDelete"}


class TestLidarr(ProviderContract):
    @pytest.fixture
    def provider(self) -> Provider[ArtistRecord]:
        (lidarr,) = trailarrd_providers()
        return lidarr

    @pytest.fixture
    def dialect(self) -> Dialect:
        names = {"title": "artistName", "identity": "foreignArtistId"}
        return Dialect.from_samples(
            app_name="Lidarr", api_root="api/v1", resource="artist", records=[{**RECORD, "id": 31}], **names
        )

    @pytest.fixture
    def events(self) -> list[tuple[dict[str, Any], WebhookHint]]:
        ids = {name: frozenset({31} if name in NEWS else ()) for name in (one["eventType"] for one in EVENTS)}
        return [
            (one, WebhookHint(event=name, arr_ids=ids[name], deleted=name == "ArtistDelete"))
            for one, name in zip(EVENTS, ids, strict=True)
        ]


@pytest.mark.parametrize(
    ("counts", "has_file"),
    [((12, 24), True), ((0, 24), False), ((0, 0), None), (None, None)],
)
def test_lidarr_has_a_file_if_it_has_one_of_any_track(counts: Any, has_file: bool | None) -> None:
    statistics = counts and dict(zip(("trackFileCount", "totalTrackCount"), counts, strict=True))
    record = msgspec.convert({**RECORD, "id": 31, "statistics": statistics}, ArtistRecord)
    assert parse_artist(record).has_file is has_file
