"""An Entry as a row of the database: there, back, and what differs between two of them.

A row has the fields of the Media and of the Entry in their order, and what is derived of them; of which
kind each is, the table of the same names says. It holds what SQLite itself holds (no truths, but 0 and 1,
which the driver need not adapt): nothing stands between it and the driver, which is a third of the time
of a first refresh.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
import sqlalchemy as sa
from msgspec.structs import astuple

from trailarrd.domain.details import as_json
from trailarrd.domain.known import NO_SIGNATURE
from trailarrd.domain.media import Media
from trailarrd.domain.plan import Entry
from trailarrd.domain.search import keys_of, titles_of, with_tags_of
from trailarrd.store.tables import MediaTable

Row: TypeAlias = "tuple[Any, ...]"
"""The values of `ENTRY_COLUMNS`, as SQLite stores them."""

_OTHER_NAMES: Final = {"path": "remote_path", "identity": "identity_mark", "exclusion": "verdict"}
_MEDIA, _OWN = (
    [_OTHER_NAMES.get(field, field) for field in fields]
    for fields in (
        Media.__struct_fields__,
        (field for field in Entry.__struct_fields__ if field != "media"),
    )
)
_DERIVED: Final = ("titles_folded", "keys_folded", "added", "folder", "trailer_mark")
ENTRY_COLUMNS: Final = (*_MEDIA, *_OWN, *_DERIVED)
"""The columns of `media` that an Entry fills."""
_SHOWN: Final = ENTRY_COLUMNS.index("fingerprint")
SHOWN_COLUMNS, HIDDEN_COLUMNS = ENTRY_COLUMNS[:_SHOWN], ENTRY_COLUMNS[_SHOWN:]
"""What events tell of; and what is stored only to compare an item and to know it again."""

AT: Final = {name: at for at, name in enumerate(ENTRY_COLUMNS)}
"""Where in a row each of them is."""
_HAS_FILE: Final = AT["has_file"]
_DETAILS: Final = AT["details"]
_KEYS: Final = AT["keys_folded"]
QUIET_COLUMNS: Final = ("has_file", "details", *HIDDEN_COLUMNS)
"""What may change without an event: a fact that is met for the first time is no news of the item."""

_TABLE: Final = MediaTable.__table__.columns
TRUTHS, QUIET_TRUTHS = (
    [index for index, name in enumerate(names) if isinstance(_TABLE[name].type, sa.Boolean)]
    for names in (ENTRY_COLUMNS, QUIET_COLUMNS)
)
"""Which columns of an entry, and of its quiet ones, are truths."""
_IN_TABLE_ORDER: Final = [(column.name, AT[column.name]) for column in _TABLE if column.name in SHOWN_COLUMNS]
_encode_json: Final = msgspec.json.Encoder().encode
_decode_json: Final = msgspec.json.Decoder().decode
_ANSWERS: Final[dict[Any, int | None]] = {True: 1, False: 0, None: None}


def _encoder(column: str) -> Callable[[Any], Any] | None:
    match _TABLE[column].type:
        case sa.JSON():
            return lambda value: _encode_json(value).decode()
        case sa.Boolean():
            return _ANSWERS.__getitem__ if _TABLE[column].nullable else int
        case sa.Enum():
            return str
    return None


_BLANK: Final = [AT[name] for name in ("identity_mark", "signature", "keys_folded", "trailer_mark")]
"""Where 0 or nothing says that there is none."""
_ENCODERS: Final = [
    (at, encode) for name, at in AT.items() if name != "details" and (encode := _encoder(name)) is not None
]


def to_row(entry: Entry) -> Row:
    """The entry with its facts encoded, once for all that follows, and without those that do not fit."""
    media = entry.media
    details, told = as_json(media.details)
    row = [
        *astuple(media),
        *astuple(entry)[1:],
        titles_of(media.title, told),
        keys_of(media.year, media.external_ids, told, has_file=media.has_file),
        told.added and int(told.added.timestamp()),
        entry.folder,
        entry.trailer_hash,
    ]
    row[_DETAILS] = details
    for at, encode in _ENCODERS:
        row[at] = encode(row[at])
    for at in _BLANK:
        row[at] = row[at] or None
    return tuple(row)


def from_row(row: Row) -> Entry:
    values = {name: _told(name, value) for name, value in zip(ENTRY_COLUMNS, row, strict=True)}
    values["identity_mark"] = values["identity_mark"] or 0
    values["signature"] = values["signature"] or NO_SIGNATURE
    media = [values[name] for name in _MEDIA]
    return msgspec.convert([media, *(values[name] for name in _OWN)], Entry)


def changed(row: Row, **columns: Any) -> Row:
    """The same with other values in these columns."""
    values = list(row)
    for name, value in columns.items():
        values[AT[name]] = value
    return tuple(values)


def quiet(row: Row) -> Row:
    """The values of `QUIET_COLUMNS`."""
    return (row[_HAS_FILE], row[_DETAILS], *row[_SHOWN:])


def moved_to(row: Row) -> Row:
    """Whether the item is contradicted, and its path: if that changes now, its files are still on the way."""
    return row[AT["contradicted"]], row[AT["remote_path"]]


def keep_untold(before: Row, after: Row) -> Row:
    """The row after, with the tags of the one before if they could not be asked for."""
    if before[_DETAILS] == after[_DETAILS]:
        return after
    known, told = _decode_json(before[_DETAILS]), _decode_json(after[_DETAILS])
    if "tags" in told or "tags" not in known:
        return after
    details = _encode_json({**told, "tags": known["tags"]}).decode()
    keys = with_tags_of(before[_KEYS] or "", after[_KEYS] or "")
    return changed(after, details=details, keys_folded=keys)


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
