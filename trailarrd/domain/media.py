"""One item of an Arr library, as its parser understood it."""

from collections.abc import Mapping
from types import NoneType
from typing import Final, NewType, Self, TypeGuard

import msgspec
from msgspec.structs import force_setattr

from trailarrd.domain.details import NO_DETAILS, Details, fitting
from trailarrd.domain.paths import RemotePath
from trailarrd.domain.text import is_encodable

MediaKind = NewType("MediaKind", str)
"""What an item is, as an open slug chosen by the provider: `MediaKind("movie")`, `MediaKind("artist")`, …

The core treats all kinds alike; users filter by it.
"""

UNKNOWN_KIND: Final = MediaKind("unknown")
"""The kind of items whose provider is not loaded."""

MAX_YEAR: Final = 9999

MAX_ID: Final = 2**63 - 1
"""The largest integer that every supported database stores."""
MAX_TEXT: Final = 1024
"""Characters of a title or an id: the longest real title has a quarter of that."""
MAX_PATH: Final = 4096
"""Characters of a path, as Linux takes it; both keep one item's answer from filling database and pages."""


_EXACT: Final = (int, int, bool, Details)
_STR: Final = {str}
_ANSWERS: Final = {bool, NoneType}


class Media(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One movie, series, artist, …: a frozen value without any trace of trailarrd's own state.

    Building one checks what the database and the disk rely on and raises `ValueError` or
    `TypeError` naming the field; such a record is quarantined, it never stops the others::

        Media(
            arr_id=12,
            title="The Long Harbour",
            path=RemotePath("/movies/The Long Harbour (2019)"),
            monitored_remotely=True,
            year=2019,
            external_ids={"tmdb": "501234"},
        )

    It is a `msgspec.Struct`, quick to build: `msgspec.structs.replace` makes a changed copy.
    """

    arr_id: int
    """The item's id on its Arr server, 1 to 2**63 - 1."""
    title: str
    """As the server shows it; not empty."""
    path: RemotePath
    """The item's folder as the server sees it."""
    monitored_remotely: bool
    """The Arr server's own monitored flag."""
    year: int | None = None
    """1 to 9999. None when the server does not know it; Arr servers say 0 for that."""
    external_ids: Mapping[str, str] = {}
    """Ids elsewhere by lower-case name: `{"tmdb": "603", "imdb": "tt0133093"}`, unknown ones left out."""
    youtube_trailer_id: str | None = None
    """The trailer that the server suggests, as a bare YouTube id."""
    main_file: str | None = None
    """The item's own video, relative to its folder: never taken for a trailer."""
    has_file: bool | None = None
    """Whether the server has the item's own file, of a series any of an episode; None: it says nothing."""
    details: Details = NO_DETAILS
    """What else is known of it."""

    def __post_init__(self) -> None:
        """Check it, quickly where that is enough: it is done for every item of every refresh."""
        ids = dict(self.external_ids)  # of its own: whoever gave them may change his
        force_setattr(self, "external_ids", ids)
        texts = [self.title, self.path, *ids, *ids.values()]
        if self.youtube_trailer_id is not None:
            texts.append(self.youtube_trailer_id)
        if self.main_file is not None:
            texts.append(self.main_file)
        year = 1 if self.year is None else self.year
        exact = (
            (type(self.arr_id), type(year), type(self.monitored_remotely), type(self.details)) == _EXACT
            and type(self.has_file) in _ANSWERS
            and {*map(type, texts)} == _STR
        )
        if not (exact and 0 < self.arr_id <= MAX_ID and 0 < year <= MAX_YEAR and _are_plain(texts)):
            self._check()
        if not exact:
            self._make_plain()

    def fitting(self) -> Self:
        """The same without the facts that do not fit, which is most often itself."""
        details = fitting(self.details)
        return self if details is self.details else self.with_details(details)

    def with_details(self, details: Details) -> Self:
        """The same with other details; nothing is checked anew."""
        same: Self = self.__copy__()  # type: ignore[attr-defined]  # `copy` calls it, and takes three times as long
        force_setattr(same, "details", details)
        return same

    def _check(self) -> None:
        _check_integer("arr_id", self.arr_id, 1, MAX_ID)
        if self.year is not None:
            _check_integer("year", self.year, 1, MAX_YEAR)
        if not isinstance(self.monitored_remotely, bool):
            raise TypeError("monitored_remotely is not a boolean")
        if type(self.has_file) not in _ANSWERS:
            raise TypeError("has_file is neither a boolean nor None")
        if type(self.details) is not Details:
            raise TypeError("details is no Details")
        _check_text("title", self.title)
        _check_text("path", self.path, MAX_PATH)
        for name, value in self.external_ids.items():
            _check_text("external_ids", name)
            _check_text(f"external_ids.{name}", value)
        for name, hint in (("youtube_trailer_id", self.youtube_trailer_id), ("main_file", self.main_file)):
            if hint is not None:
                _check_text(name, hint, MAX_PATH)

    def _make_plain(self) -> None:
        """Texts and numbers of a plugin's own kinds become Python's: others cannot be encoded."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name != "external_ids":
                force_setattr(self, name, _plain(value))
        ids = {_plain(name): _plain(value) for name, value in self.external_ids.items()}
        force_setattr(self, "external_ids", ids)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return str.__str__(value)
    return int.__int__(value) if isinstance(value, int) and not isinstance(value, bool) else value


def is_arr_id(value: object) -> TypeGuard[int]:
    """Whether an Arr server may have given this to an item as its id."""
    return type(value) is int and 1 <= value <= MAX_ID


def _are_plain(texts: list[str]) -> bool:
    """Whether that is enough: all are printable, as no NUL and no half of a pair is, and none is empty."""
    together = f"|{'|'.join(texts)}|"
    if len(together) > MAX_TEXT:
        return False
    # Or a text begins with a space, or has such bars: then each is looked at.
    return "||" not in together and "| " not in together and together.isprintable()


def _check_integer(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is not an integer")
    if not low <= value <= high:
        raise ValueError(f"{name} is out of range: {str(value)[:24]}")


def _check_text(name: str, value: object, most: int = MAX_TEXT) -> None:
    """Non-empty, of sane length, and encodable: a lone surrogate or a NUL would fail in the database."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is not a string")
    if not value.strip():
        raise ValueError(f"{name} is empty")
    if len(value) > most:
        raise ValueError(f"{name} has {len(value):,} characters, and no more than {most:,} are taken")
    if "\0" in value:
        raise ValueError(f"{name} contains a NUL character")
    if not (value.isascii() or is_encodable(value)):
        raise ValueError(f"{name} is not valid Unicode")
