"""From Radarr's record to a Media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.plugin import Details, Media, ReleaseStatus, RemotePath

if TYPE_CHECKING:
    from datetime import date

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
        details=_details(record),
    )


def _details(record: MovieRecord) -> Details:
    language, collection = record.original_language, record.collection
    return Details(
        sort_title=record.sort_title or None,
        original_title=record.original_title or None,
        original_language=language.name or None if language else None,
        status=ReleaseStatus.told(record.status),
        release_date=_at_home(record),
        added=record.added,
        runtime=record.runtime or None,
        genres=record.genres,
        studio=record.studio or None,
        certification=record.certification or None,
        collection=collection.title or collection.name or None if collection else None,
        tags=record.tags,
        slug=record.title_slug or None,
        overview=record.overview or None,
    )


def _at_home(record: MovieRecord) -> date | None:
    digital, physical = record.digital_release, record.physical_release
    if digital is None or digital.year == 1 or (physical is not None and 1 < physical.year < digital.year):
        return physical and physical.date()
    return min(digital.date(), physical.date()) if physical and physical.year > 1 else digital.date()


def _external_ids(record: MovieRecord) -> dict[str, str]:
    ids: dict[str, str] = {}
    if record.tmdb_id > 0:
        ids["tmdb"] = str(record.tmdb_id)
    if record.imdb_id:
        ids["imdb"] = record.imdb_id
    return ids
