"""A library's records while they arrive: whole or an error, whatever its layout and its pieces."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailarrd.domain.connection import Limits
from trailarrd.plugin.cutter import BROKE_OFF, CutError
from trailarrd.plugin.library import BATCH, RecordStream
from trailarrd.plugin.provider import BrokenRecord

if TYPE_CHECKING:
    from collections.abc import Callable


class Record(msgspec.Struct):
    id: int
    title: str


TRICKY = st.text(alphabet=st.sampled_from('ab"\\{}[],:\n\r é\U0001f600'), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TRICKY, inner, max_size=3),
    max_leaves=6,
)
ITEMS = st.lists(
    st.fixed_dictionaries({"extra": VALUES, "title": TRICKY, "id": st.integers(0, 2**40)}), max_size=8
)


def _indented(items: list[Any]) -> str:
    return json.dumps(items, indent=2, ensure_ascii=False)


LAYOUTS: dict[str, Callable[[list[Any]], str]] = {
    "as Arr servers send it": _indented,
    "with CRLF": lambda items: _indented(items).replace("\n", "\r\n"),
    "compact": lambda items: json.dumps(items, separators=(",", ":")),
    "one line": json.dumps,
    "indented by four": lambda items: json.dumps(items, indent=4),
    "indented by one": lambda items: json.dumps(items, indent=1),
    "spaced out": lambda items: "\n  [ " + " ,\n\n".join(map(json.dumps, items)) + "\t]\n\n",
    "first item indented, the others not": lambda items: (
        _indented(items[:1])[:-2] + "".join(",\n  " + json.dumps(one) for one in items[1:]) + "\n]"
        if items
        else "[]"
    ),
    "closing braces of inner objects where items end": lambda items: (
        "[\n  {" + "},\n  {".join('"id":1,"title":"x","o":{\n  },"p":{\n  },"q":1' for _ in items) + "}]"
        if items
        else "[\n]"
    ),
}


def _read(body: bytes, cuts: list[int]) -> list[Any]:
    stream = RecordStream(Record)
    records: list[Any] = []
    edges = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        records += stream.feed(body[start:end])
    return records + list(stream.finish())


def _expected(body: bytes) -> list[Record]:
    return [Record(id=one["id"], title=one["title"]) for one in json.loads(body)]


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@given(items=ITEMS, cuts=st.lists(st.integers(0, 10**6), max_size=12))
def test_any_layout_cut_anywhere_gives_exactly_the_items(
    layout: str, items: list[Any], cuts: list[int]
) -> None:
    body = LAYOUTS[layout](items).encode()
    assert _read(body, cuts) == _expected(body)


INDENTED_IN_PART: dict[str, str] = {"an item a line": ",\n  ", "commas on lines of their own": "\n  ,\n  "}
"""Layouts that begin like the standard one, and in which no item ends like there."""


@pytest.mark.parametrize("between", INDENTED_IN_PART.values(), ids=list(INDENTED_IN_PART))
def test_a_layout_that_only_begins_like_the_standard_one_comes_in_batches_too(between: str) -> None:
    items: list[dict[str, Any]] = [{"id": number, "title": "x" * 1000} for number in range(1, 5001)]
    body = f"[\n  {between.join(map(json.dumps, items))}\n]".encode()
    limits = Limits(item_bytes=2 * 2**20)
    stream = RecordStream(Record, limits)
    batches = [stream.feed(body[start : start + 2**16]) for start in range(0, len(body), 2**16)]
    batches.append(stream.finish())
    assert [record for batch in batches for record in batch] == [Record(**item) for item in items]
    assert {len(batch) for batch in batches[:-1]} == {0, BATCH}


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@given(items=ITEMS.filter(bool), cuts=st.lists(st.integers(0, 10**6), max_size=6), end=st.integers(0, 10**6))
def test_a_body_that_ends_early_is_said_to_have_broken_off(
    layout: str, items: list[Any], cuts: list[int], end: int
) -> None:
    body = LAYOUTS[layout](items).rstrip().encode()
    body = body[: end % len(body)]
    with pytest.raises(CutError) as caught:
        _read(body, cuts)
    assert str(caught.value) == (BROKE_OFF if body.strip() else "the answer ends before it begins")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_anything_after_the_closing_bracket_is_an_error(layout: str) -> None:
    items = [{"id": n, "title": "t"} for n in (1, 2, 3)]
    for garbage in ("]", "x", "[]", "{}", ",", '"', "\n\n]"):
        with pytest.raises(CutError):
            _read((LAYOUTS[layout](items).rstrip() + garbage).encode(), [7, 40])


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "",
        "   \n",
        "{}",
        "null",
        '"[]"',
        "<!doctype html>" + " " * 80,
        '[{"id":1,"title":"a"} {"id":2,"title":"b"}]',
        '[{"id":1,"title":"a"},,{"id":2,"title":"b"}]',
        '[,{"id":1,"title":"a"}]',
        '[{"id":1,"title":"a"},]',
        '[\n  {\n    "id": 1,\n    "title": "a"\n  },\n]',
        '[\n  {\n    "id": 1,\n    "title": \n  },\n  {\n    "id": 2,\n    "title": "b"\n  }\n]',
        '[{"id":1,"title":"a"}}',
    ],
)
@given(cuts=st.lists(st.integers(0, 10**6), max_size=8))
def test_what_is_not_one_json_array_of_items_is_an_error(body: str, cuts: list[int]) -> None:
    with pytest.raises(CutError):
        _read(body.encode(), cuts)


@pytest.mark.parametrize("layout", ["as Arr servers send it", "compact"])
def test_a_record_of_the_wrong_shape_is_named_and_the_others_are_kept(layout: str) -> None:
    items: list[Any] = [{"id": n, "title": "t"} for n in range(1, 6)]
    items[1] = {"id": 2, "title": 7}
    items[3] = {"id": "four", "title": "t"}
    records = _read(LAYOUTS[layout](items).encode(), [30, 60, 90])
    broken = [one for one in records if isinstance(one, BrokenRecord)]
    assert [(one.position, one.arr_id) for one in broken] == [(1, 2), (3, None)]
    assert [one.id for one in records if isinstance(one, Record)] == [1, 3, 5]
    assert "title" in broken[0].reason


def test_an_item_without_end_is_an_error_before_it_fills_the_memory() -> None:
    stream = RecordStream(Record)
    stream.feed(b'[{"title": "' + b"x" * (Limits().item_bytes - 11))
    with pytest.raises(CutError, match="larger than 32 MiB"):
        stream.feed(b"x")


@pytest.mark.parametrize("depth", [65, 100_000])
@pytest.mark.parametrize("start", ["[", "[\n  {"])
def test_absurd_nesting_is_an_error(depth: int, start: str) -> None:
    with pytest.raises(CutError, match="nest"):
        _read((start + '{"a":' * depth).encode() if start == "[" else _deep(depth), [])


def _deep(depth: int) -> bytes:
    inner = "[" * max(depth, 2000) + "]" * max(depth, 2000)
    return f'[\n  {{\n    "a": {inner},\n    "id": 1,\n    "title": "x"\n  }}\n]'.encode()


def test_batches_are_large_and_lose_nothing_between_them() -> None:
    body = _indented([{"id": n, "title": "t"} for n in range(1, 1501)]).encode()
    stream = RecordStream(Record)
    batches = [stream.feed(body[start : start + 4096]) for start in range(0, len(body), 4096)]
    batches = [batch for batch in batches if batch] + [stream.finish()]
    assert [one.id for batch in batches for one in batch if isinstance(one, Record)] == list(range(1, 1501))
    assert all(len(batch) >= BATCH for batch in batches[:-1])


@pytest.mark.parametrize("layout", ["as Arr servers send it", "compact"])
def test_of_large_records_fewer_are_a_batch_so_that_they_never_fill_the_memory(layout: str) -> None:
    body = LAYOUTS[layout]([{"id": n, "title": "t" * 2**20} for n in range(1, 41)]).encode()
    stream = RecordStream(Record)
    batches = [stream.feed(body[start : start + 2**16]) for start in range(0, len(body), 2**16)]
    batches = [batch for batch in [*batches, stream.finish()] if batch]
    assert [one.id for batch in batches for one in batch if isinstance(one, Record)] == list(range(1, 41))
    assert max(map(len, batches)) <= 17


@given(
    items=ITEMS,
    indent=st.none() | st.integers(0, 4) | st.just("\t"),
    separators=st.tuples(st.sampled_from([",", ", ", " ,\n"]), st.sampled_from([":", " : ", ":\r\n"])),
    ascii_only=st.booleans(),
    cuts=st.lists(st.integers(0, 10**6), max_size=12),
)
def test_however_json_writes_it_the_same_records_come_out(
    items: list[Any], indent: Any, separators: tuple[str, str], ascii_only: bool, cuts: list[int]
) -> None:
    body = json.dumps(items, indent=indent, separators=separators, ensure_ascii=ascii_only).encode()
    assert _read(body, cuts) == _expected(body)


ENDLESS = {
    "of items": (
        b'[{"id":1,"title":"x"}',
        b',{"id":1,"title":"x"}',
        Limits(items=1000),
        "more than 1000 items",
    ),
    "of bytes": (b'[{"id":1,"title":"x"}', b"," + b" " * 999, Limits(answer_bytes=2**20), "than 1 MiB"),
    "in a string": (
        b'[{"id":1,"title":"x',
        b"y" * 999,
        Limits(item_bytes=2**20),
        "item is larger than 1 MiB",
    ),
    "in an escape": (b'[{"id":1,"title":"x', b"\\\\" * 499, Limits(item_bytes=2**20), "item is larger"),
    "in depth": (b'[{"id":1,"a":', b"[" * 7, Limits(depth=20), "deeper than 20 levels"),
    "in an indented item": (
        b'[\n  {\n    "id": 1',
        b',\n    "a": 1',
        Limits(item_bytes=2**20),
        "item is larger",
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_body_without_end_ends_in_an_error_that_names_the_limit(what: str) -> None:
    start, more, limits, message = ENDLESS[what]
    with pytest.raises(CutError, match=message) as caught:
        _feed(RecordStream(Record, limits), start, *[more] * 200_000)
    assert "limits." in str(caught.value)


def _feed(stream: RecordStream[Record], *pieces: bytes) -> list[Any]:
    return [record for piece in pieces for record in stream.feed(piece)] + stream.finish()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("depth", [5, 30])
def test_what_is_too_deep_does_not_hang_on_the_layout(layout: str, depth: int) -> None:
    inner: Any = 1
    for _ in range(depth):
        inner = {"a": [inner]}
    body = LAYOUTS[layout]([{"id": 1, "title": "x", "extra": inner}]).encode()
    if depth == 5 or "inner objects" in layout:  # that one takes nothing of the item
        assert len(_feed(RecordStream(Record, Limits(depth=20)), body)) == 1
    else:
        with pytest.raises(CutError, match="deeper than 20"):
            _feed(RecordStream(Record, Limits(depth=20)), body)


def test_one_item_as_large_as_is_allowed_is_no_problem() -> None:
    """No byte is looked at twice, however many pieces it comes in."""
    body = json.dumps([{"id": 1, "title": "x" * 2**24}, {"id": 2, "title": "y"}], indent=1).encode()
    stream, records = RecordStream(Record), list[Any]()
    for start in range(0, len(body), 2**14):
        records += stream.feed(body[start : start + 2**14])
    records += stream.finish()
    assert [one.id for one in records] == [1, 2]
