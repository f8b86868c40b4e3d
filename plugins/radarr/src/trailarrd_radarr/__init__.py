"""Radarr for trailarrd: movies by `GET /api/v3/movie`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.plugin import ArrLive, ArrWebhook, MediaKind, Provider, hookimpl
from trailarrd_radarr.api import MovieRecord, RadarrApiManager
from trailarrd_radarr.parser import parse_movie

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def trailarrd_providers() -> Iterator[Provider[MovieRecord]]:
    """The one provider of this plugin."""
    yield Provider(
        name="radarr",
        media_kind=MediaKind("movie"),
        api_manager=RadarrApiManager,
        parser=parse_movie,
        identity="tmdb",
        webhook=ArrWebhook(item="movie"),
        live=ArrLive(
            item="movie", parts={"moviefile": "movieId"}, whole_library={"RefreshMovie", "RescanMovie"}
        ),
        links={
            "Radarr": "{url}/movie/{slug}",
            "TMDb": "https://www.themoviedb.org/movie/{tmdb}",
            "IMDb": "https://www.imdb.com/title/{imdb}/",
        },
    )
