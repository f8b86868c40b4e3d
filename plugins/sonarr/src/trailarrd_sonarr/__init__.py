"""Sonarr for trailarrd: series by `GET /api/v3/series`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trailarrd.plugin import ArrLive, ArrWebhook, MediaKind, Provider, hookimpl
from trailarrd_sonarr.api import SeriesRecord, SonarrApiManager
from trailarrd_sonarr.parser import parse_series
from trailarrd_sonarr.trailers import TRAILERS

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def trailarrd_providers() -> Iterator[Provider[SeriesRecord]]:
    """The one provider of this plugin."""
    yield Provider(
        name="sonarr",
        media_kind=MediaKind("series"),
        api_manager=SonarrApiManager,
        parser=parse_series,
        identity="tvdb",
        trailers=TRAILERS,
        webhook=ArrWebhook(item="series"),
        live=ArrLive(
            item="series",
            parts={"episodefile": "seriesId"},
            whole_library={"RefreshSeries", "RescanSeries"},
        ),
        links={
            "Sonarr": "{url}/series/{slug}",
            "TVDb": "https://thetvdb.com/dereferrer/series/{tvdb}",
            "TMDb": "https://www.themoviedb.org/tv/{tmdb}",
            "IMDb": "https://www.imdb.com/title/{imdb}/",
        },
    )
