"""What is wrong in every possible way: values, records, and the ways of changing one into the other."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

GONE: Final = object()
"""In place of a value: the field is not there."""


def nested(depth: int) -> Any:
    """Lists and objects in turn."""
    value: Any = "deep inside"
    for level in range(depth):
        value = [value] if level % 2 else {"deeper": value}
    return value


VALUES: Final[dict[str, Any]] = {
    "absent": GONE,
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "one": 1,
    "minus one": -1,
    "a year": 1999,
    "2^31": 2**31,
    "2^63-1": 2**63 - 1,
    "2^63": 2**63,
    "-2^63-1": -(2**63) - 1,
    "2^64": 2**64,
    "a long number": int("9" * 4000),
    "one and a half": 1.5,
    "a whole fraction": 2.0,
    "huge": 1e308,
    "tiny": -5e-324,
    "empty": "",
    "blank": " \t\n",
    "digits": "17",
    "text": "a text",
    "a path": "/movies/Some Folder",
    "a path that climbs": "/movies/../../etc",
    "a Windows path": "C:\\movies\\Some Folder",
    "NUL": "a\0b",
    "control characters": "".join(map(chr, range(1, 32))),
    "half a pair": "\ud800",
    "the other half": "\udfff",
    "a pair": "\U0001f600",
    "not a character": "\uffff",
    "right to left": "\u202egnp.trailer",
    "brackets": '}],[{"id":1,"title":"\\',
    "a long text": "long " * 2000,
    "list": [],
    "object": {},
    "list of null": [None],
    "list of itself": [[[]]],
    "object of null": {"": None},
    "deep": nested(40),
    "wide": list(range(500)),
}
"""In place of any value of a record."""


def places(record: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Every field, and every field of an object in it."""
    for name, value in record.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *below) for below in places(value))


def mutated(record: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The record with another value in that place."""
    changed = copy.deepcopy(record)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    if value is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = copy.deepcopy(value)
    return changed


def table(record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The record with each value in each place, one at a time."""
    for place in places(record):
        for name, value in VALUES.items():
            yield f"{'.'.join(place)}: {name}", mutated(record, place, value)


ANYTHING: Final[SearchStrategy[Any]] = st.recursive(
    st.sampled_from([value for value in VALUES.values() if value is not GONE])
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
"""Any JSON value."""


@st.composite
def mutants(draw: st.DrawFn, record: dict[str, Any]) -> Any:
    """The record with one to four values changed; now and then no record at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(ANYTHING)
    changed = record
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(list(places(changed)) or [("id",)]))
        changed = mutated({**dict.fromkeys(place[:1]), **changed}, place, draw(st.just(GONE) | ANYTHING))
    return changed
