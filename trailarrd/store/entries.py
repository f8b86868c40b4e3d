"""An Entry as a row of the database: there, back, and what differs between two of them.

A row has the fields of the Media, but for its details, and of the Entry in their order; of which kind
each is, the table of the same names says. It holds what SQLite itself holds (no truths, but 0 and 1,
which the driver need not adapt): nothing stands between it and the driver, which is a third of the time
of a first refresh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
import sqlalchemy as sa

from trailarrd.domain.keys import file_hash, folder_hash
from trailarrd.domain.known import NO_SIGNATURE
from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import TrailerState
from trailarrd.domain.plan import Entry
from trailarrd.domain.search import tags_in
from trailarrd.store.tables import MediaTable

Row: TypeAlias = "tuple[Any, ...]"
"""The values of `ENTRY_COLUMNS`, as SQLite stores them."""

_OTHER_NAMES: Final = {"path": "remote_path", "identity": "identity_mark"}
_BARE: Final = Media.__struct_fields__.index("details")
"""Where a Media has nothing: its details are the Entry's."""
_MEDIA, _OWN = (
    [_OTHER_NAMES.get(field, field) for field in fields]
    for fields in (
        (field for field in Media.__struct_fields__ if field != "details"),
        (field for field in Entry.__struct_fields__ if field != "media"),
    )
)
ENTRY_COLUMNS: Final = (*_MEDIA, *_OWN, "folder", "trailer_mark")
"""The columns of `media` that an Entry fills."""
_SHOWN: Final = ENTRY_COLUMNS.index("fingerprint")
SHOWN_COLUMNS, HIDDEN_COLUMNS = ENTRY_COLUMNS[:_SHOWN], ENTRY_COLUMNS[_SHOWN:]
"""What events tell of; and what is stored only to compare an item and to know it again."""

_HAS_FILE: Final = ENTRY_COLUMNS.index("has_file")
_HAD_FILE: Final = ENTRY_COLUMNS.index("had_file")
_DETAILS: Final = ENTRY_COLUMNS.index("details")
_KEYS: Final = ENTRY_COLUMNS.index("keys_folded")
QUIET_COLUMNS: Final = ("has_file", "details", *HIDDEN_COLUMNS)
"""What may change without an event: a fact that is met for the first time is no news of the item."""

_TABLE: Final = MediaTable.__table__.columns
TRUTHS, QUIET_TRUTHS = (
    [index for index, name in enumerate(names) if isinstance(_TABLE[name].type, sa.Boolean)]
    for names in (ENTRY_COLUMNS, QUIET_COLUMNS)
)
"""Which columns of an entry, and of its quiet ones, are truths."""
_IN_TABLE_ORDER: Final = [
    (column.name, ENTRY_COLUMNS.index(column.name)) for column in _TABLE if column.name in SHOWN_COLUMNS
]
_TRAILER: Final = ENTRY_COLUMNS.index("trailer")
_TRAILER_FILE: Final = ENTRY_COLUMNS.index("trailer_file")
_PATH: Final = ENTRY_COLUMNS.index("remote_path")
_CONTRADICTED: Final = ENTRY_COLUMNS.index("contradicted")
_encode_json: Final = msgspec.json.Encoder().encode
_decode_json: Final = msgspec.json.Decoder().decode
_ANSWERS: Final[dict[Any, int | None]] = {True: 1, False: 0, None: None}


def _encoder(column: str) -> Callable[[Any], Any] | None:
    match _TABLE[column].type:
        case sa.JSON():
            return lambda value: _encode_json(value).decode()
        case sa.Boolean():
            return _ANSWERS.__getitem__ if _TABLE[column].nullable else int
    return None


_ENCODERS: Final = [
    (index, encode)
    for index, name in enumerate(ENTRY_COLUMNS)
    if name != "details" and (encode := _encoder(name)) is not None
]


def plain(entry: object) -> list[Any]:
    """The same as msgspec writes it: lists, texts, numbers, truths and bytes."""
    values: list[Any] = msgspec.to_builtins(entry, builtin_types=(bytes,))
    return values


def to_row(entry: list[Any]) -> Row:
    media, *own = entry
    row = [*media, *own]
    del row[_BARE]
    row += folder_hash(row[_PATH]), file_hash(row[_TRAILER_FILE])
    for index, encode in _ENCODERS:  # not details, which are JSON already
        row[index] = encode(row[index])
    hidden = [value or None for value in row[_SHOWN:]]  # 0 and empty: there is none
    hidden[_HAD_FILE - _SHOWN] = row[_HAD_FILE]
    return (*row[:_SHOWN], *hidden)


def from_row(row: Row) -> Entry:
    values = {name: _told(name, value) for name, value in zip(ENTRY_COLUMNS, row, strict=True)}
    values["identity_mark"] = values["identity_mark"] or 0
    values["signature"] = values["signature"] or NO_SIGNATURE
    values["details"] = row[_DETAILS]
    values |= {name: values[name] or "" for name in ("titles_folded", "keys_folded")}
    media = [values[name] for name in _MEDIA]
    media.insert(_BARE, {})
    return msgspec.convert([media, *(values[name] for name in _OWN)], Entry)


def quiet(row: Row) -> Row:
    """The values of `QUIET_COLUMNS`."""
    return (row[_HAS_FILE], row[_DETAILS], *row[_SHOWN:])


def moved_to(row: Row) -> Row:
    """Whether the item is contradicted, and its path: if that changes now, its files are still on the way."""
    return row[_CONTRADICTED], row[_PATH]


def trailer_file(row: Row) -> str | None:
    file: str | None = row[_TRAILER_FILE]
    return file


def is_absent(row: Row) -> bool:
    absent: bool = row[_TRAILER] == TrailerState.ABSENT
    return absent


def keep_untold(before: Row, after: Row) -> Row:
    """The row after, with the tags of the one before if they could not be asked for."""
    if before[_DETAILS] == after[_DETAILS]:
        return after
    known, told = _decode_json(before[_DETAILS]), _decode_json(after[_DETAILS])
    if "tags" in told or "tags" not in known:
        return after
    row = list(after)
    row[_DETAILS] = _encode_json({**told, "tags": known["tags"]}).decode()
    row[_KEYS] = (after[_KEYS] or "") + tags_in(before[_KEYS] or "")
    return tuple(row)


def compare(before: Row, after: Row) -> Mapping[str, list[Any]]:
    """What differs: `{column: [before, after]}`; of details those facts that were known before."""
    if before[:_SHOWN] == after[:_SHOWN]:
        return {}
    differing = (
        (name, at)
        for name, at in _IN_TABLE_ORDER
        if before[at] != after[at] and not (at == _HAS_FILE and None in (before[at], after[at]))
    )  # that nothing was said of a file until now is the news of another version, not of the item
    told = ((name, _told(name, before[at]), _told(name, after[at])) for name, at in differing)
    news = {name: [old, new] for name, old, new in told if old != new}  # JSON may be spelled in two ways
    if "details" in news:
        old, new = news.pop("details")
        if names := [name for name in old if old[name] != new.get(name)]:
            news["details"] = [{name: facts.get(name) for name in names} for facts in (old, new)]
    return news


def _told(column: str, value: Any) -> Any:
    """A value as history tells it."""
    match _TABLE[column].type:
        case sa.JSON():
            return _decode_json(value)
        case sa.Boolean():
            return None if value is None else bool(value)
    return value
