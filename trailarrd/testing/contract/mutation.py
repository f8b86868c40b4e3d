"""Records with one thing wrong, made from good ones: systematically, or by chance."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from random import Random

    from trailarrd.testing.draft import Record

Place = tuple[str | int, ...]
"""Where in a record: names and positions from the outside in."""

_DEEPEST: Final = 3
_ONE_OF_EACH_TYPE: Final[tuple[Any, ...]] = (None, True, 17, 1.5, "text", [], {}, [{"id": 1}], {"id": [None]})
HOSTILE: Final[tuple[Any, ...]] = (
    -1,
    0,
    2**31,
    2**63,
    10**30,
    -(2**70),
    1e308,
    -0.0,
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\N{RIGHT-TO-LEFT OVERRIDE}",
    "../../etc/passwd",
    "x" * 100_000,
    "%s{}${0}",
    "\n\r\t",
    "\N{FULLWIDTH DIGIT TWO}\N{ARABIC-INDIC DIGIT ONE}",
    "1e5",
    "NaN",
    [None] * 50,
    {"": None},
)
"""Values that are well-typed somewhere and do harm to those who did not think of them."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A record, and what is wrong with it."""

    what: str
    record: Any


def without_a_field(record: Record) -> Iterator[Mutant]:
    """Each field once left out, as the servers do with what they do not know."""
    for place in places(record):
        mutant = copy.deepcopy(record)
        container = _at(mutant, place[:-1])
        if isinstance(container, dict):
            del container[place[-1]]
            yield Mutant(f"{spelled(place)} is absent", mutant)


def with_null(record: Record) -> Iterator[Mutant]:
    """Each field once null."""
    for place in places(record):
        yield _with(record, place, None)


def with_another_type(record: Record) -> Iterator[Mutant]:
    """Each field once with a value of each other JSON type."""
    for place in places(record):
        value = _at(record, place)
        for other in _ONE_OF_EACH_TYPE:
            if type(other) is not type(value):
                yield _with(record, place, other)


def with_a_hostile_value(record: Record) -> Iterator[Mutant]:
    """Each field of the record itself once with each of the values that do harm."""
    for name in record:
        for value in HOSTILE:
            yield _with(record, (name,), value)


def without_value(record: Record, *, kept: Container[object]) -> Iterator[Mutant]:
    """Each number once 0 and each string once empty, which is how servers say that they do not know."""
    for place in places(record):
        value = _at(record, place)
        if place[0] in kept or isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            yield _with(record, place, 0)
        elif isinstance(value, str):
            yield _with(record, place, "")


def by_chance(record: Record, random: Random) -> Mutant:
    """Up to five things wrong at once, anywhere in the record."""
    mutant, done = copy.deepcopy(record), []
    for _ in range(random.randint(1, 5)):
        found = list(places(mutant))
        if not found:
            break
        place = random.choice(found)
        value = random.choice((*HOSTILE, *_ONE_OF_EACH_TYPE))
        _at(mutant, place[:-1])[place[-1]] = copy.deepcopy(value)
        done.append(f"{spelled(place)} is {_short(value)}")
    return Mutant(", ".join(done), mutant)


def places(record: Record) -> Iterator[Place]:
    """Every field, of the record and of what is in it; of a list only the first item."""
    yield from _places(record, ())


def values(record: Record) -> list[object]:
    """Everything that stands in the record."""
    return [_at(record, place) for place in places(record)]


def spelled(place: Place) -> str:
    """As one writes it: `movieFile.relativePath`, `images[0].url`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def _places(value: object, above: Place) -> Iterator[Place]:
    if len(above) >= _DEEPEST:
        return
    inside: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value[:1])
    for key, inner in inside:
        yield (*above, key)
        yield from _places(inner, (*above, key))


def _with(record: Record, place: Place, value: object) -> Mutant:
    mutant = copy.deepcopy(record)
    _at(mutant, place[:-1])[place[-1]] = copy.deepcopy(value)
    return Mutant(f"{spelled(place)} is {_short(value)}", mutant)


def _at(value: Any, place: Place) -> Any:
    for key in place:
        value = value[key]
    return value


def _short(value: object) -> str:
    return "null" if value is None else ascii(value)[:40]
