"""What the common reader of *arr events makes of anything that a server may post."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.plugin import ArrWebhook, WebhookHint

READ = ArrWebhook(item="artist")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(
    st.sampled_from(["eventType", "artist", "id", "albums"]),
    json_values | st.fixed_dictionaries({"id": json_values}) | st.sampled_from(["Test", "Download"]),
)


def test_an_event_that_shows_an_item_is_news_of_it() -> None:
    event = {"eventType": "Retag", "artist": {"id": 3, "name": "Tides"}, "trackFile": {"id": 9}}
    assert READ(event) == WebhookHint(event="Retag", arr_ids=frozenset({3}), whole=False)


@pytest.mark.parametrize("name", ["Test", "Grab", "Health", "ApplicationUpdate"])
def test_an_event_that_changes_nothing_asks_for_nothing_whatever_it_shows(name: str) -> None:
    assert READ({"eventType": name, "artist": {"id": 1}}) == WebhookHint(event=name)


def test_a_provider_says_which_further_events_change_nothing() -> None:
    read = ArrWebhook(item="artist", change_nothing=frozenset({"Retag"}))
    for name in ("Retag", "Grab"):
        assert read({"eventType": name, "artist": {"id": 3}}) == WebhookHint(event=name)
    assert read({"eventType": "Rename", "artist": {"id": 3}}).arr_ids == {3}


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"eventType": None},
        {"eventType": ""},
        {"eventType": 7, "artist": {"id": 3}},
        {"eventType": "Download"},
        {"eventType": "Download", "artist": None},
        {"eventType": "Download", "artist": [{"id": 3}]},
        {"eventType": "Download", "artist": {}},
        {"eventType": "Download", "artist": {"id": "3"}},
        {"eventType": "Download", "artist": {"id": True}},
        {"eventType": "Download", "artist": {"id": 0}},
        {"eventType": "Download", "artist": {"id": 2**63}},
        {"eventType": "Download", "movie": {"id": 3}},
    ],
    ids=str,
)
def test_a_shape_that_is_not_understood_is_a_value_error(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the event"):
        READ(event)


@given(body=bodies)
def test_there_is_a_hint_or_a_value_error_for_whatever_is_posted(body: dict[str, Any]) -> None:
    try:
        hint = READ(body)
    except ValueError as error:
        said = str(error)
    else:
        said = ""
        assert hint.event == body["eventType"]
        assert len(hint.arr_ids) <= 1
    assert len(said) < 100


@pytest.mark.parametrize("arr_ids", [{0}, {-1}, {True}, {"3"}, {2**63}, [2.0]], ids=str)
def test_a_hint_names_ids_that_an_item_can_have(arr_ids: Any) -> None:
    with pytest.raises(ValueError, match="arr_ids"):
        WebhookHint(event="Download", arr_ids=arr_ids)


@pytest.mark.parametrize("event", ["", None, 3], ids=str)
def test_a_hint_names_its_event(event: Any) -> None:
    with pytest.raises(TypeError, match="event is"):
        WebhookHint(event=event)


def test_a_hint_may_be_given_its_ids_in_any_collection() -> None:
    assert WebhookHint(event="Download", arr_ids=[4, 4, 5]).arr_ids == {4, 5}  # type: ignore[arg-type]  # what a plugin may well write
