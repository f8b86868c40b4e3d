"""A document is what it was after the way through JSON, and has no time finer than a second."""

from __future__ import annotations

import importlib
import json
import pkgutil
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from types import SimpleNamespace, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.depth import IS_DEEP
from trailarrd import documents
from trailarrd.documents import Document, to_second
from trailarrd.documents.connections import Progress
from trailarrd.documents.media import Event, Item, Told
from trailarrd.documents.plugins import Plugin
from trailarrd.domain.history import HistoryEvent

MODULES = [
    importlib.import_module(f"trailarrd.documents.{one.name}")
    for one in pkgutil.iter_modules(documents.__path__)
]
DOCUMENTS = sorted(
    {
        one
        for module in MODULES
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Document)
    }
    - {Document},
    key=lambda one: one.__name__,
)
PLAIN = {
    str: st.text(st.characters(exclude_categories=["Cs"])),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    float: st.floats(0, 1e6),
    type(None): st.none(),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)).map(to_second),
    Any: st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-9, 9),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """All that a field of that type may hold."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, UnionType):
        return st.one_of(*[values_of(one) for one in get_args(kind)])
    if get_origin(kind) in (list, tuple):
        return st.lists(values_of(get_args(kind)[0]), max_size=3).map(get_origin(kind))
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return st.dictionaries(values_of(key), values_of(value), max_size=3)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values_of(hints[name]) for name in kind.__struct_fields__})


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda one: one.__name__)
@settings(max_examples=500 if IS_DEEP else 8)
@given(data=st.data())
def test_what_is_decoded_is_what_was_encoded_and_the_command_line_prints_the_same(
    kind: type[Document], data: st.DataObject
) -> None:
    """But for fields that only the API tells; and a plugin's reason comes last."""
    document = data.draw(values_of(kind))
    assert msgspec.json.decode(msgspec.json.encode(document), type=kind) == document
    answered = json.loads(msgspec.json.encode(document))
    printed = json.loads(msgspec.json.encode(document.printed()))
    expected = [name for name in answered if name not in kind.api_only]
    if kind is Plugin:
        expected = ["name", "distribution", "version", "status", "providers", "reason"]
    assert list(printed) == expected
    if kind is not Told:  # in it are documents that have fields for the API alone, too
        assert printed == {name: answered[name] for name in expected}


def test_in_what_is_told_of_one_item_the_command_line_leaves_out_what_it_always_did() -> None:
    assert (Item.api_only, Event.api_only) == (("held_since",), ("number",))


@given(moment=st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30)))))
def test_times_are_in_utc_to_the_second(moment: datetime) -> None:
    text = msgspec.to_builtins(Progress(since=to_second(moment), fetched=0))["since"]
    assert text == f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"
    assert to_second(None) is None


def test_a_document_is_like_a_row_in_the_fields_of_the_same_names() -> None:
    at = datetime(2026, 1, 31, 19, 30, 0, 999, tzinfo=timezone(timedelta(hours=1)))
    row = SimpleNamespace(
        at=at, connection="movies", arr_id=3, title="Alpha", event=HistoryEvent.ADDED, other=1
    )
    event = Event.like(row, number=7, id=5, detail={}, refresh=None)
    assert event == Event(
        number=7,
        at=datetime(2026, 1, 31, 18, 30, tzinfo=UTC),
        connection="movies",
        id=5,
        arr_id=3,
        title="Alpha",
        event=HistoryEvent.ADDED,
        detail={},
        refresh=None,
    )
