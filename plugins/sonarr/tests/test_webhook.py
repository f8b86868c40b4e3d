"""Which series an event of Sonarr is about; the fixtures have the shapes of Sonarr 3 and 4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trailarrd.plugin import WebhookHint
from trailarrd_sonarr import trailarrd_providers

EVENTS: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures/webhooks.json").read_text("utf-8"))
(SONARR,) = trailarrd_providers()

ABOUT = {
    "Test": None,
    "Grab": None,
    "Download of one file": 31,
    "Download of a whole release": 31,
    "Download of Sonarr 3": 7,
    "Rename": 31,
    "SeriesAdd": 32,
    "SeriesDelete": 31,
    "EpisodeFileDelete": 31,
    "Health": None,
    "HealthRestored": None,
    "ApplicationUpdate": None,
    "ManualInteractionRequired": None,
}


def hint(event: dict[str, Any]) -> WebhookHint:
    assert SONARR.webhook is not None
    return SONARR.webhook(event)


def test_every_event_of_the_fixtures_is_tried() -> None:
    assert list(EVENTS) == list(ABOUT)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_names_the_series_to_ask_for_again_or_none(name: str) -> None:
    series = frozenset(arr_id for arr_id in (ABOUT[name],) if arr_id)
    event = name.partition(" ")[0]
    assert hint(EVENTS[name]) == WebhookHint(event=event, arr_ids=series, deleted=event == "SeriesDelete")


@pytest.mark.parametrize("name", [name for name, series in ABOUT.items() if series])
def test_an_event_that_lacks_its_series_is_not_understood(name: str) -> None:
    event = {key: value for key, value in EVENTS[name].items() if key != "series"}
    with pytest.raises(ValueError, match="names no series"):
        hint(event)


def test_an_event_of_a_later_sonarr_is_about_the_series_that_it_shows() -> None:
    assert hint({"series": {"id": 7}, "eventType": "SeriesMoved"}).arr_ids == {7}
