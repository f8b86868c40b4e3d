"""What Radarr says of a movie, and where to ask for it."""

from __future__ import annotations

from datetime import datetime  # msgspec reads it
from typing import TYPE_CHECKING, ClassVar

import msgspec

from trailarrd.plugin import ArrApiManager, Fact

if TYPE_CHECKING:
    from collections.abc import Mapping


class MovieFile(msgspec.Struct, rename="camel", gc=False):
    """The video that Radarr takes for the movie."""

    relative_path: str | None = None


class Named(msgspec.Struct, gc=False):
    """A language, or a collection, which Radarr 4 and newer name by its title."""

    name: str | None = None
    title: str | None = None


class MovieRecord(msgspec.Struct, rename="camel", gc=False):
    """The fields of a MovieResource that are needed; Radarr leaves out what is null."""

    id: int
    title: str
    path: str
    monitored: bool = False
    year: int = 0
    tmdb_id: int = 0
    imdb_id: str | None = None
    you_tube_trailer_id: str | None = None
    movie_file: MovieFile | None = None
    has_file: bool | None = None
    sort_title: Fact[str] = None
    original_title: Fact[str] = None
    original_language: Fact[Named] = None
    """Told by Radarr 4.1 and newer."""
    status: Fact[str] = None
    digital_release: Fact[datetime] = None
    physical_release: Fact[datetime] = None
    added: Fact[datetime] = None
    runtime: Fact[int] = None
    genres: Fact[tuple[str, ...]] = None
    studio: Fact[str] = None
    certification: Fact[str] = None
    collection: Fact[Named] = None
    tags: Fact[tuple[int, ...]] = None
    title_slug: Fact[str] = None
    overview: Fact[str] = None


class RadarrApiManager(ArrApiManager[MovieRecord]):
    """Radarr's API v3, as served by Radarr 3 to 6."""

    app_name = "Radarr"
    resource = "movie"
    # Spares the server a directory listing per movie (5.0.2 and newer; older ones ignore it).
    list_query: ClassVar[Mapping[str, str]] = {"excludeLocalCovers": "true"}
    webhook_switches = (
        "onDownload",
        "onUpgrade",
        "onRename",
        "onMovieAdded",
        "onMovieDelete",
        "onMovieFileDelete",
    )
    record_type = MovieRecord
