"""From Sonarr's record to a Media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.plugin import Media, RemotePath

if TYPE_CHECKING:
    from trailarrd_sonarr.api import SeriesRecord, Statistics


def parse_series(record: SeriesRecord) -> Media:
    """A series; Sonarr's zeros and empty strings mean that it does not know.

    Sonarr names no trailer and no main file: episodes lie in the folder or in season folders.
    """
    return Media(
        arr_id=record.id,
        title=record.title,
        path=RemotePath(record.path),
        monitored_remotely=record.monitored,
        year=record.year or None,
        external_ids=_external_ids(record),
        has_file=_has_file(record.statistics),
    )


def _has_file(counts: Statistics | None) -> bool | None:
    """Whether there is a file of any episode; nothing of a series without episodes, as in the list."""
    if counts is None or counts.episode_file_count is None or counts.total_episode_count == 0:
        return None
    return counts.episode_file_count > 0


def _external_ids(record: SeriesRecord) -> dict[str, str]:
    numbers = {"tvdb": record.tvdb_id, "tmdb": record.tmdb_id, "tvmaze": record.tv_maze_id}
    ids = {name: str(number) for name, number in numbers.items() if number > 0}
    if record.imdb_id:
        ids["imdb"] = record.imdb_id
    return ids
