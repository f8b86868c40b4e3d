"""Which movie an event of Radarr is about; the fixtures have the shapes of Radarr 3 and 6."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trailarrd.plugin import WebhookHint
from trailarrd_radarr import trailarrd_providers

EVENTS: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures/webhooks.json").read_text("utf-8"))
(RADARR,) = trailarrd_providers()

ABOUT = {
    "Test": None,
    "Grab": None,
    "Download": 12,
    "Download of Radarr 3": 796,
    "Rename": 12,
    "Rename of Radarr 3": 796,
    "MovieAdded": 341,
    "MovieFileDelete": 12,
    "MovieDelete": 12,
    "Health": None,
    "HealthRestored": None,
    "ApplicationUpdate": None,
    "ManualInteractionRequired": None,
}


def hint(event: dict[str, Any]) -> WebhookHint:
    assert RADARR.webhook is not None
    return RADARR.webhook(event)


def test_every_event_of_the_fixtures_is_tried() -> None:
    assert list(EVENTS) == list(ABOUT)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_names_the_movie_to_ask_for_again_or_none(name: str) -> None:
    movies = frozenset(arr_id for arr_id in (ABOUT[name],) if arr_id)
    event = name.partition(" ")[0]
    assert hint(EVENTS[name]) == WebhookHint(event=event, arr_ids=movies, deleted=event == "MovieDelete")


@pytest.mark.parametrize("name", [name for name, movie in ABOUT.items() if movie])
def test_an_event_that_lacks_its_movie_is_not_understood(name: str) -> None:
    event = {key: value for key, value in EVENTS[name].items() if key != "movie"}
    with pytest.raises(ValueError, match="names no movie"):
        hint(event)


def test_an_event_of_a_later_radarr_is_about_the_movie_that_it_shows() -> None:
    assert hint({"movie": {"id": 7}, "eventType": "MovieMoved"}).arr_ids == {7}
