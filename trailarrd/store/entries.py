"""An Entry as a row of the database: there, back, and what differs between two of them.

A row holds what SQLite itself holds (no truths, but 0 and 1, which the driver need not adapt): it is
built once for each item, and nothing stands between it and the driver. That is a third of the time of
a first refresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from trailarrd.domain.media import Media
from trailarrd.domain.monitoring import MonitorReason, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

EntryRow: TypeAlias = tuple[Any, ...]
"""The values of `ENTRY_COLUMNS`, as SQLite stores them."""

ENTRY_COLUMNS: Final = (
    "arr_id",
    "title",
    "year",
    "external_ids",
    "remote_path",
    "local_path",
    "main_file",
    "youtube_trailer_id",
    "monitored_remotely",
    "trailer",
    "trailer_file",
    "monitored",
    "monitor_reason",
)
"""The columns of `media` that an Entry fills."""

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, str]).decode
_TRUTHS: Final = frozenset({"monitored_remotely", "monitored"})
_WIDTH: Final = len(ENTRY_COLUMNS)


def to_row(entry: Entry) -> EntryRow:
    """The entry's values in the order of `ENTRY_COLUMNS`."""
    media = entry.media
    return (
        media.arr_id,
        media.title,
        media.year,
        _encode(media.external_ids).decode(),
        media.path,
        entry.local_path,
        media.main_file,
        media.youtube_trailer_id,
        int(media.monitored_remotely),
        entry.trailer.value,
        entry.trailer_file,
        int(entry.monitored),
        entry.monitor_reason.value,
    )


def from_row(row: EntryRow) -> Entry:
    """The entry that a row begins with."""
    arr_id, title, year, ids, path, local, main_file, youtube, remotely, state, file, monitored, reason = row[
        :_WIDTH
    ]
    return Entry(
        media=Media(
            arr_id=arr_id,
            title=title,
            path=RemotePath(path),
            monitored_remotely=bool(remotely),
            year=year,
            external_ids=_decode(ids),
            youtube_trailer_id=youtube,
            main_file=main_file,
        ),
        local_path=None if local is None else LocalPath(local),
        trailer=TrailerState(state),
        trailer_file=file,
        monitored=bool(monitored),
        monitor_reason=MonitorReason(reason),
    )


def compare(before: EntryRow, after: EntryRow) -> Mapping[str, list[Any]]:
    """What differs: `{column: [before, after]}`."""
    if before == after:
        return {}
    pairs = zip(ENTRY_COLUMNS, before, after, strict=True)
    told = ((name, _told(name, old), _told(name, new)) for name, old, new in pairs if old != new)
    return {name: [old, new] for name, old, new in told if old != new}


def _told(column: str, value: Any) -> Any:
    """A value as history tells it."""
    if column == "external_ids":
        return _decode(value)
    return bool(value) if column in _TRUTHS else value
