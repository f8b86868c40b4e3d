"""What is known of an item besides what decides: facts, all of them optional."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

T = TypeVar("T")

FACT: Final = Meta(extra={"fact": True})
Fact = Annotated[T | None, FACT]
"""A record's field for a fact, `studio: Fact[str] = None`: what is of another type costs no item."""

Line = Annotated[str, Meta(min_length=1, max_length=300)]
Lines = Annotated[tuple[Line, ...], Meta(max_length=100)]
Overview = Annotated[str, Meta(min_length=1, max_length=4000)]
Minutes = Annotated[int, Meta(ge=1, le=100_000)]
Seasons = Annotated[int, Meta(ge=0, le=10_000)]


class ReleaseStatus(StrEnum):
    """How far an item has come in the world."""

    ANNOUNCED = "announced"
    IN_CINEMAS = "in-cinemas"
    RELEASED = "released"
    """It can be watched at home."""
    CONTINUING = "continuing"
    """A series of which more is to come."""
    ENDED = "ended"
    DELETED = "deleted"
    """Where its server has its facts from, it is there no longer."""

    @classmethod
    def told(cls, word: str | None) -> ReleaseStatus | None:
        """By the word of a server of the *arr family; None for any other."""
        return _WORDS.get(word)


_WORDS: Final[dict[str | None, ReleaseStatus]] = {
    **{status.value: status for status in ReleaseStatus},
    "tba": ReleaseStatus.ANNOUNCED,
    "upcoming": ReleaseStatus.ANNOUNCED,
    "inCinemas": ReleaseStatus.IN_CINEMAS,
}


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Facts of one item; None: the server does not say.

    A fact that does not fit what is told here is left out, and never costs the item.
    """

    sort_title: Line | None = None
    """By which lists are in order: most often without an article."""
    original_title: Line | None = None
    """In the language that it was made in."""
    original_language: Line | None = None
    """Its English name: `French`."""
    status: ReleaseStatus | None = None
    """How far it has come: `ReleaseStatus.told(record.status)`."""
    release_date: date | None = None
    """The earliest at which it could be watched at home; of a series when it was first aired."""
    added: datetime | None = None
    """When it was added to the server."""
    runtime: Minutes | None = None
    """Minutes; of a series those of an episode."""
    genres: Lines | None = None
    """In the words of the server, and in its order."""
    studio: Line | None = None
    """The studio, or the network of a series."""
    certification: Line | None = None
    """For which ages, in the words of the server: `PG-13`."""
    collection: Line | None = None
    """Of which films it is one."""
    tags: tuple[Line | int, ...] | None = None
    """By name, or by the ids that `tags` of the API manager names: names are stored.

    None: they could not be asked for, or the server has none. Those that were known last are kept.
    """
    seasons: Seasons | None = None
    """How many are monitored, specials not counted."""
    slug: Line | None = None
    """What the server's own pages call it in their address."""
    overview: Overview | None = None
    """What it is about, in at most 4,000 characters; every other text has at most 300."""


NO_DETAILS: Final = Details()
_UNTOLD: Final = "{}"

UNUSABLE: Final = (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError)
"""What comes of a plugin's values that are no facts."""
_ESCAPE: Final = b"\\"
_NUL: Final = b"\\u0000"
_UNSET: Final = 1
"""The year of the time that a server of the *arr family has where it does not know any."""

_encode: Final = msgspec.json.Encoder().encode


class _InOrder(Details, frozen=True, array_like=True, gc=False):
    """The same, as it is checked the quickest."""


def as_json(told: Details) -> tuple[str, Details]:
    """Those facts that fit, as they are stored and as they are."""
    if told is NO_DETAILS:
        return _UNTOLD, told
    if text := _fitting_text(told):
        return text, told
    fits = fitting(told)
    return _encode(fits).decode(), fits


def fitting(told: Details) -> Details:
    """The same without the facts that do not fit."""
    if told is NO_DETAILS or _fitting_text(told):
        return told
    facts = {}
    for name in told.__struct_fields__:
        with suppress(*UNUSABLE):
            one = msgspec.structs.replace(NO_DETAILS, **{name: getattr(told, name)})
            if _fitting_text(one):
                facts[name] = getattr(told, name)
    return Details(**facts)


def _fitting_text(told: Details) -> str | None:
    """Them as JSON; None if one does not fit."""
    try:
        text = _encode(told)
        checked = msgspec.convert(msgspec.structs.astuple(told), _InOrder)
    except UNUSABLE:
        return None
    has_nul = _ESCAPE in text and _NUL in text
    day, added = checked.release_date, checked.added
    unset = (day and day.year == _UNSET) or (added and added.year == _UNSET)
    return None if has_nul or unset else text.decode()


def tags_told(told: Details) -> tuple[str | int, ...]:
    """The names or ids that a parser gave."""
    tags: Any = told.tags
    if not isinstance(tags, tuple | list):
        return ()
    return tuple([one for one in tags if isinstance(one, str | int)])
