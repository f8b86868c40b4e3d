"""What Sonarr says of a series, and where to ask for it."""

from __future__ import annotations

from datetime import datetime  # msgspec reads it

import msgspec

from trailarrd.plugin import ArrApiManager, Fact


class Statistics(msgspec.Struct, rename="camel", gc=False):
    """What Sonarr counts of a series; its list does so only of one with episodes."""

    episode_file_count: int | None = None
    total_episode_count: int | None = None


class Season(msgspec.Struct, rename="camel", gc=False):
    """What is needed of a season; 0 are the specials."""

    season_number: int = 0
    monitored: bool = False


class Language(msgspec.Struct, gc=False):
    """A language by its English name."""

    name: str | None = None


class SeriesRecord(msgspec.Struct, rename="camel", gc=False):
    """The fields of a SeriesResource that are needed; Sonarr leaves out what is null."""

    id: int
    title: str
    path: str
    monitored: bool = False
    year: int = 0
    tvdb_id: int = 0
    tmdb_id: int = 0
    tv_maze_id: int = 0
    imdb_id: str | None = None
    statistics: Statistics | None = None
    seasons: Fact[list[Season]] = None
    sort_title: Fact[str] = None
    original_language: Fact[Language] = None
    """Told by Sonarr 4 and newer."""
    status: Fact[str] = None
    first_aired: Fact[datetime] = None
    added: Fact[datetime] = None
    runtime: Fact[int] = None
    genres: Fact[tuple[str, ...]] = None
    network: Fact[str] = None
    certification: Fact[str] = None
    tags: Fact[tuple[int, ...]] = None
    title_slug: Fact[str] = None
    overview: Fact[str] = None


class SonarrApiManager(ArrApiManager[SeriesRecord]):
    """Sonarr's API v3, as served by Sonarr 3 and 4, and beside v5."""

    app_name = "Sonarr"
    resource = "series"
    # onImportComplete would tell of every import a second time.
    webhook_switches = (
        "onDownload",
        "onUpgrade",
        "onRename",
        "onSeriesAdd",
        "onSeriesDelete",
        "onEpisodeFileDelete",
    )
    record_type = SeriesRecord
