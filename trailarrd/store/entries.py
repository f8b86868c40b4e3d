"""An Entry as columns: there, back, and what differs between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trailarrd.domain.media import Media
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import Entry
from trailarrd.store.tables import MediaTable

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY_COLUMNS: Final = (
    MediaTable.arr_id,
    MediaTable.title,
    MediaTable.year,
    MediaTable.external_ids,
    MediaTable.remote_path,
    MediaTable.local_path,
    MediaTable.main_file,
    MediaTable.youtube_trailer_id,
    MediaTable.monitored_remotely,
    MediaTable.trailer,
    MediaTable.trailer_file,
    MediaTable.monitored,
    MediaTable.monitor_reason,
)


def to_columns(entry: Entry) -> dict[str, Any]:
    """The entry's values by column name, in the order of `ENTRY_COLUMNS`."""
    media = entry.media
    return {
        "arr_id": media.arr_id,
        "title": media.title,
        "year": media.year,
        "external_ids": dict(media.external_ids),
        "remote_path": media.path,
        "local_path": entry.local_path,
        "main_file": media.main_file,
        "youtube_trailer_id": media.youtube_trailer_id,
        "monitored_remotely": media.monitored_remotely,
        "trailer": entry.trailer,
        "trailer_file": entry.trailer_file,
        "monitored": entry.monitored,
        "monitor_reason": entry.monitor_reason,
    }


def from_columns(row: Mapping[Any, Any]) -> Entry:
    """The entry that a row holds."""
    local_path = row["local_path"]
    return Entry(
        media=Media(
            arr_id=row["arr_id"],
            title=row["title"],
            path=RemotePath(row["remote_path"]),
            monitored_remotely=row["monitored_remotely"],
            year=row["year"],
            external_ids=row["external_ids"],
            youtube_trailer_id=row["youtube_trailer_id"],
            main_file=row["main_file"],
        ),
        local_path=None if local_path is None else LocalPath(local_path),
        trailer=row["trailer"],
        trailer_file=row["trailer_file"],
        monitored=row["monitored"],
        monitor_reason=row["monitor_reason"],
    )


def compare(before: Entry, after: Entry) -> dict[str, list[Any]]:
    """What differs: `{column: [before, after]}`."""
    old, new = to_columns(before), to_columns(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}
