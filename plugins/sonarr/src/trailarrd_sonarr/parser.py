"""From Sonarr's record to a Media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.plugin import Details, Media, ReleaseStatus, RemotePath

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
        details=_details(record),
    )


def _details(record: SeriesRecord) -> Details:
    language, aired = record.original_language, record.first_aired
    return Details(
        sort_title=record.sort_title or None,
        original_language=language.name or None if language else None,
        status=ReleaseStatus.told(record.status),
        release_date=aired.date() if aired else None,
        added=record.added,
        runtime=record.runtime or None,
        genres=record.genres,
        studio=record.network or None,
        certification=record.certification or None,
        tags=record.tags,
        seasons=_monitored_seasons(record),
        slug=record.title_slug or None,
        overview=record.overview or None,
    )


def _monitored_seasons(record: SeriesRecord) -> int | None:
    if record.seasons is None:
        return None
    return sum(one.monitored and one.season_number > 0 for one in record.seasons)


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
