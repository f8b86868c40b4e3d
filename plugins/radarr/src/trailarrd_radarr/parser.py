"""From Radarr's record to a Media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.plugin import Media, RemotePath

if TYPE_CHECKING:
    from trailarrd_radarr.api import MovieRecord


def parse_movie(record: MovieRecord) -> Media:
    """A movie; Radarr's zeros and empty strings mean that it does not know."""
    file = record.movie_file
    return Media(
        arr_id=record.id,
        title=record.title,
        path=RemotePath(record.path),
        monitored_remotely=record.monitored,
        year=record.year or None,
        external_ids=_external_ids(record),
        youtube_trailer_id=record.you_tube_trailer_id or None,
        main_file=(file.relative_path or None) if file else None,
        has_file=record.has_file,
    )


def _external_ids(record: MovieRecord) -> dict[str, str]:
    ids: dict[str, str] = {}
    if record.tmdb_id > 0:
        ids["tmdb"] = str(record.tmdb_id)
    if record.imdb_id:
        ids["imdb"] = record.imdb_id
    return ids
