"""Events that the server posts; skipped if the provider takes none."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest

from trailarrd.plugin import WebhookHint
from trailarrd.testing.contract import mutation
from trailarrd.testing.contract.forbidden import outside_world_forbidden
from trailarrd.testing.contract.verdict import fail, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trailarrd.testing.contract.trial import Trial

Event = dict[str, Any]

_NO_EVENTS: Final[tuple[Event, ...]] = (
    {},
    {"eventType": None},
    {"eventType": 17},
    {"eventType": ""},
    {"eventType": ["Test"]},
    {"EventKind": "Download"},
)
_UNKNOWN: Final = "InventedInVersion99"


class WebhookChecks:
    """Webhooks: known events, unknown ones, Test, and what is no event at all."""

    def test_known_events_name_their_items(self, trial: Trial) -> None:
        """Each event of the fixture `events` gives the hint that stands beside it."""
        _takes_events(trial)
        require(
            trial.events,
            "the provider takes events, and the kit was given none",
            do="define a fixture `events`: pairs of an event, as the server posts it, and its WebhookHint",
            why="names in events often differ from those in the API, which only a real event shows",
        )
        for event, expected in trial.events:
            hint = _hint(trial, copy.deepcopy(event))
            if isinstance(hint, WebhookHint) and "delete" in hint.event.lower() and not expected.deleted:
                hint = replace(hint, deleted=False)  # whoever wrote it down knew of no such thing
            require(
                hint == expected,
                f"the event {_named(event)} gives {hint}, expected was {expected}",
                do="take the item's id from where the event has it",
                why="the core asks again for exactly the items that are named",
            )

    def test_only_a_deletion_says_that_items_are_gone(self, trial: Trial) -> None:
        """A hint that is `deleted` comes of an event that says so in its name."""
        _takes_events(trial)
        for event, _ in trial.events:
            hint = _hint(trial, copy.deepcopy(event))
            require(
                not (isinstance(hint, WebhookHint) and hint.deleted)
                or "delete" in str(event.get("eventType")).lower(),
                f"the event {_named(event)} gives {hint}, which says that the item is gone",
                do="set deleted for the event that tells of a deleted item, and for no other",
                why="such an item is removed as soon as its server confirms it",
            )

    def test_a_test_event_asks_for_nothing(self, trial: Trial) -> None:
        """`Test` names no item and does not ask for the library, whatever else is in it."""
        _takes_events(trial)
        for event in ({}, *(event for event, _ in trial.events)):
            hint = _hint(trial, {**copy.deepcopy(event), "eventType": "Test"})
            require(
                isinstance(hint, WebhookHint) and not hint.arr_ids and not hint.whole,
                f"a Test gives {hint}",
                do="return WebhookHint(event='Test') before anything else is looked at",
                why="the items in a Test are made up, and a user presses that button often",
            )

    def test_an_unknown_event_is_not_ignored(self, trial: Trial) -> None:
        """An event of an unknown name asks for items, for the library, or raises `ValueError`."""
        _takes_events(trial)
        known = [event for event, hint in trial.events if hint.arr_ids]
        for event in ({}, *known):
            hint = _hint(trial, {**copy.deepcopy(event), "eventType": _UNKNOWN})
            require(
                isinstance(hint, ValueError) or hint.arr_ids or hint.whole,
                f"an event of an unknown name gives {hint}",
                do="raise ValueError for what you do not know; the core then asks for the whole library",
                why="new versions of an application bring new events, and some of them change items",
            )

    def test_what_is_no_event_is_a_value_error(self, trial: Trial) -> None:
        """JSON without the name of an event raises `ValueError`."""
        _takes_events(trial)
        for event in _NO_EVENTS:
            hint = _hint(trial, event)
            require(
                isinstance(hint, ValueError) or hint.whole,
                f"{event} gives {hint}",
                do="raise ValueError if eventType is not a string with something in it",
                why="the core then asks for the whole library, so that nothing is missed",
            )

    def test_broken_events_raise_value_errors_only(self, trial: Trial) -> None:
        """Whatever is in an event, it gives a `WebhookHint` or raises `ValueError`."""
        _takes_events(trial)
        for event, _ in trial.events:
            for mutate in (
                mutation.without_a_field,
                mutation.with_null,
                mutation.with_another_type,
                mutation.with_a_hostile_value,
            ):
                for mutant in mutate(dict(event)):
                    _hint(trial, mutant.record, when=f"in the event {_named(event)} {mutant.what}")

    def test_reading_an_event_is_pure(self, trial: Trial) -> None:
        """The same event gives the same hint, is not changed, and neither files nor network are used."""
        _takes_events(trial)
        for given, _ in trial.events:
            before, event = given, copy.deepcopy(given)
            with outside_world_forbidden() as touched:
                first, second = _hint(trial, event), _hint(trial, event)
            require(
                repr(first) == repr(second) and event == before and not touched,
                f"the event {_named(event)} gives {first}, then {second}; used were {touched or 'no files'}",
                do="look at the event only: keep nothing, change nothing, ask nobody",
                why="the server waits for the answer, and may send the same event twice",
            )


def _takes_events(trial: Trial) -> None:
    if trial.provider.webhook is None:
        pytest.skip("the provider takes no events")


def _hint(trial: Trial, event: Mapping[str, object], *, when: str = "") -> WebhookHint | ValueError:
    """What the provider makes of an event; a failed check if that is neither a hint nor a ValueError."""
    webhook = trial.provider.webhook
    try:
        hint: object = webhook(event) if webhook else None
    except ValueError as error:
        return error
    except Exception as error:  # noqa: BLE001  # the author is told
        hint = error
    if not isinstance(hint, WebhookHint):
        _complain(hint, when or f"the event is {_named(event)}")
    return hint


def _complain(given: object, when: str) -> NoReturn:
    fail(
        f"the webhook gives {given!r}, when {when}",
        do="return a WebhookHint, and raise ValueError for whatever else comes in",
        why="anybody who knows the address can post anything",
    )


def _named(event: Mapping[str, object]) -> str:
    return str(event.get("eventType", event))[:80]
