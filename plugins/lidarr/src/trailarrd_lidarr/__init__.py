"""Lidarr for trailarrd: artists by `GET /api/v1/artist`."""

from __future__ import annotations

from datetime import datetime  # msgspec reads it

import msgspec

from trailarrd.plugin import (
    ArrApiManager,
    ArrLive,
    ArrWebhook,
    Details,
    Fact,
    Media,
    MediaKind,
    Provider,
    ReleaseStatus,
    RemotePath,
    TrailerRules,
    hookimpl,
)


class Statistics(msgspec.Struct, rename="camel"):
    """What Lidarr counts of an artist; its list does so only of one with tracks."""

    track_file_count: int
    total_track_count: int


class ArtistRecord(msgspec.Struct, rename="camel"):
    """The fields of an ArtistResource that are needed; events call some of them by other names."""

    id: int
    artist_name: str
    path: str
    monitored: bool = False
    foreign_artist_id: str | None = None
    statistics: Statistics | None = None
    sort_name: Fact[str] = None
    status: Fact[str] = None
    added: Fact[datetime] = None
    genres: Fact[tuple[str, ...]] = None
    tags: Fact[tuple[int, ...]] = None
    overview: Fact[str] = None


class LidarrApiManager(ArrApiManager[ArtistRecord]):
    """Lidarr's API v1."""

    app_name = "Lidarr"
    api_root = "api/v1"
    resource = "artist"
    record_type = ArtistRecord
    webhook_switches = (
        "onReleaseImport",
        "onUpgrade",
        "onRename",
        "onArtistAdd",
        "onArtistDelete",
        "onAlbumDelete",
        "onTrackRetag",
    )


def parse_artist(record: ArtistRecord) -> Media:
    """An artist; the id elsewhere is MusicBrainz's."""
    known = record.foreign_artist_id
    counts = record.statistics
    return Media(
        arr_id=record.id,
        title=record.artist_name,
        path=RemotePath(record.path),
        monitored_remotely=record.monitored,
        external_ids={"musicbrainz": known} if known else {},
        has_file=counts.track_file_count > 0 if counts and counts.total_track_count else None,
        details=Details(
            sort_title=record.sort_name or None,
            status=ReleaseStatus.told(record.status),
            added=record.added,
            genres=record.genres,
            tags=record.tags,
            slug=known or None,
            overview=record.overview or None,
        ),
    )


SOUND = frozenset({"aac", "aiff", "alac", "ape", "flac", "m4a", "mp3", "ogg", "opus", "wav", "wma", "wv"})


@hookimpl
def trailarrd_providers() -> list[Provider[ArtistRecord]]:
    """The one provider of this plugin."""
    lidarr = Provider(
        name="lidarr",
        media_kind=MediaKind("artist"),
        api_manager=LidarrApiManager,
        parser=parse_artist,
        identity="musicbrainz",
        trailers=TrailerRules(
            stems=frozenset(),
            suffixes=(),
            folders=(("trailers",), ("music videos",)),
            own_extensions=SOUND,
        ),
        links={
            "Lidarr": "{url}/artist/{musicbrainz}",
            "MusicBrainz": "https://musicbrainz.org/artist/{musicbrainz}",
        },
        webhook=ArrWebhook(item="artist", change_nothing=frozenset({"DownloadFailure", "ImportFailure"})),
        live=ArrLive(
            item="artist",
            parts={"album": "artistId", "trackfile": "artistId"},
            whole_library={"RefreshArtist", "RescanFolders"},
        ),
    )
    return [lidarr]
