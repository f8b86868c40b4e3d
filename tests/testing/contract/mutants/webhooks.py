"""Mistakes with events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.testing.contract.mutants.mistake import Mistakes
from trailarrd.plugin import ArrWebhook, WebhookHint

mistakes = Mistakes()
HEALTHY = ArrWebhook(item="author")


@mistakes.webhook("test_known_events_name_their_items")
def reads_the_first_book(event: Any) -> WebhookHint:
    books = event.get("books")
    if not isinstance(books, list):
        return HEALTHY(event)
    return WebhookHint(event=str(event.get("eventType")), arr_ids=frozenset({books[0]["id"]}))


@mistakes.webhook("test_only_a_deletion_says_that_items_are_gone", "test_known_events_name_their_items")
def takes_each_event_for_a_deletion(event: Any) -> WebhookHint:
    hint = HEALTHY(event)
    return replace(hint, deleted=bool(hint.arr_ids))


@mistakes.webhook("test_a_test_event_asks_for_nothing")
def takes_a_test_for_real(event: Any) -> WebhookHint:
    return HEALTHY({**event, "eventType": "Download"} if event.get("eventType") == "Test" else event)


@mistakes.webhook("test_an_unknown_event_is_not_ignored")
def ignores_what_it_does_not_know(event: Any) -> WebhookHint:
    return HEALTHY(event) if event.get("eventType") == "Download" else WebhookHint(event="?")


@mistakes.webhook("test_what_is_no_event_is_a_value_error")
def takes_anything_for_an_event(event: Any) -> WebhookHint:
    named = isinstance(event.get("eventType"), str) and event["eventType"]
    return HEALTHY(event) if named else WebhookHint(event="unknown")


@mistakes.webhook("test_broken_events_raise_value_errors_only")
def trusts_the_server(event: Any) -> WebhookHint:
    if not event.get("eventType"):
        raise ValueError("no event")
    changes_nothing = event["eventType"] in ("Test", "Grab", "Health")
    ids = () if changes_nothing else (event["author"]["id"],)
    return WebhookHint(event=event["eventType"], arr_ids=frozenset(ids))


@mistakes.webhook("test_broken_events_raise_value_errors_only")
def returns_nothing_for_an_unknown_item(event: Any) -> Any:
    try:
        return HEALTHY(event)
    except ValueError:
        return None


@mistakes.webhook("test_reading_an_event_is_pure")
def takes_the_event_apart(event: Any) -> WebhookHint:
    hint = HEALTHY(event)
    event.pop("author", None)
    return hint
