"""Movies as Radarr 6 lists them."""

import string
from random import Random
from typing import Any, Final

from trailarrd.testing.draft import Draft, Record, join, name_of

_TRAILER_ID: Final = string.ascii_letters + string.digits + "-_"
_HEX: Final = "0123456789abcdef"
_STUDIOS: Final = ("Lantern Pictures", "Northlight", "Studio Belvédère", "Harbour & Sons", "")
_GENRES: Final = ("Action", "Adventure", "Comedy", "Drama", "Family", "Mystery", "Thriller")
_LANGUAGES: Final = ("français", "Deutsch", "español", "日本語", "русский", "svenska", "한국어", "Türkçe")
_KEYWORDS: Final = (
    "small town", "letter", "promise", "homecoming", "based on novel or book", "sea",
    "father son relationship", "road trip", "lighthouse", "secret", "1970s", "winter",
    "inheritance", "aftercreditsstinger", "train",
)  # fmt: skip
_OVERVIEW: Final = (
    "When an old promise comes due, a reluctant stranger returns to the town that everyone else has left. "
    "What begins as a short visit turns into a search through letters, half-remembered songs and the kind of "
    "silence that only families keep, until the “last” witness decides to talk. As winter closes the road, "
    "the few who stayed must choose whether the truth is worth the warmth that it will cost them."
)


def movie(draft: Draft) -> Record:
    """One movie; fields without a value are absent and `id` comes last, as the server writes it."""
    random = draft.random
    tmdb_id = 1000 + draft.arr_id * 37
    path = draft.folder(f"{draft.file_name} ({draft.year or ''})")
    has_file = draft.year > 0 and random.random() < 0.75
    record: Record = {
        **_titles(draft),
        "secondaryYearSourceId": 0,
        "sortTitle": draft.sort_title,
        "sizeOnDisk": _size(draft.arr_id) if has_file else 0,
        "status": "released" if draft.year else "announced",
        "overview": _OVERVIEW,
        **_dates(draft),
        "images": _images(draft.arr_id, random),
        "website": "" if random.random() < 0.3 else f"https://www.example.com/{tmdb_id}",
        "year": draft.year,
        **_trailer(random),
        "studio": random.choice(_STUDIOS),
        "path": path,
        "qualityProfileId": 7,
        "hasFile": has_file,
        "movieFileId": 5000 + draft.arr_id if has_file else 0,
        "monitored": random.random() < 0.8,
        "minimumAvailability": "released",
        "isAvailable": draft.year > 0,
        "folderName": path,
        "runtime": random.randint(70, 180) if draft.year else 0,
        "cleanTitle": draft.clean_title,
        **_imdb(tmdb_id, random),
        "tmdbId": tmdb_id,
        "titleSlug": str(tmdb_id),
        "rootFolderPath": draft.root,
        **({"certification": "PG-13"} if random.random() < 0.7 else {}),
        "genres": random.sample(_GENRES, 3),
        "keywords": random.sample(_KEYWORDS, random.randint(0, 15)),
        "tags": [1, 2] if random.random() < 0.2 else [],
        "added": f"2021-03-{1 + draft.arr_id % 28:02d}T14:59:23Z",
        "ratings": _ratings(random),
        **({"movieFile": _movie_file(draft, path)} if has_file else {}),
        **({"collection": {"title": "A Collection", "tmdbId": 90}} if draft.arr_id % 4 == 0 else {}),
        "popularity": round(random.uniform(0.6, 90.0), 3),
        "lastSearchTime": "2026-04-06T07:26:21Z",
        "statistics": _statistics(draft.arr_id, has_file=has_file),
        "id": draft.arr_id,
    }
    return record


def movie_with_file(record: Record, has_file: bool) -> Record:  # noqa: FBT001  # of a Dialect
    """The same once Radarr has its file, or has none any more."""
    kept = {name: value for name, value in record.items() if name not in ("movieFile", "id")}
    arr_id, path = record["id"], record["path"]
    kept |= {
        "hasFile": has_file,
        "movieFileId": 5000 + arr_id if has_file else 0,
        "sizeOnDisk": _size(arr_id) if has_file else 0,
        "statistics": _statistics(arr_id, has_file=has_file),
    }
    if has_file:
        name = f"{name_of(path)} Bluray-1080p.mkv"
        told = {"movieId": arr_id, "relativePath": name, "path": join(path, name), "size": _size(arr_id)}
        kept["movieFile"] = record.get("movieFile", {**told, "quality": _quality(), "id": 5000 + arr_id})
    return {**kept, "id": arr_id}


def own_movie_file(record: Record) -> str | None:
    """The movie's own file, relative to its folder."""
    if not record.get("hasFile"):
        return None
    file: str | None = (record.get("movieFile") or {}).get("relativePath")
    return file or f"{name_of(record['path'])}.mkv"


def _titles(draft: Draft) -> Record:
    return {
        "title": draft.title,
        "originalTitle": draft.title,
        "originalLanguage": {"id": 1, "name": "English"},
        "alternateTitles": [
            {
                "sourceType": "tmdb",
                "movieMetadataId": draft.arr_id,
                "title": f"{draft.title} ({language})",
                "id": draft.arr_id * 8 + position,
            }
            for position, language in enumerate(_LANGUAGES[: draft.random.randint(2, 8)])
        ],
    }


def _dates(draft: Draft) -> Record:
    if not draft.year:
        return {}
    cinema = {"inCinemas": f"{draft.year}-03-14T00:00:00Z"} if draft.random.random() < 0.75 else {}
    return {
        **cinema,
        "physicalRelease": f"{draft.year}-09-01T00:00:00Z",
        "digitalRelease": f"{draft.year}-07-20T00:00:00Z",
        "releaseDate": f"{draft.year}-07-20T00:00:00Z",
    }


def _images(arr_id: int, random: Random) -> list[Record]:
    if random.random() < 0.05:
        return []
    art = "".join(random.choices(_HEX, k=27))
    return [
        {
            "coverType": cover,
            "url": f"/MediaCover/{arr_id}/{cover}.jpg?lastWrite=638412345505555528",
            "remoteUrl": f"https://images.example.com/t/p/original/{cover[0]}{art}.jpg",
        }
        for cover in ("poster", "fanart")
    ]


def _trailer(random: Random) -> Record:
    """Empty in a fifth of a library, and absent in rows that old versions wrote."""
    chance = random.random()
    if chance < 0.03:
        return {}
    return {"youTubeTrailerId": "" if chance < 0.23 else "".join(random.choices(_TRAILER_ID, k=11))}


def _imdb(tmdb_id: int, random: Random) -> Record:
    chance = random.random()
    if chance < 0.03:
        return {}
    return {"imdbId": "" if chance < 0.04 else f"tt{1_000_000 + tmdb_id:07d}"}


def _ratings(random: Random) -> Record:
    sources = ("imdb", "tmdb", "metacritic", "rottenTomatoes", "trakt")
    return {
        source: {
            "votes": random.randint(0, 90_000),
            "value": round(random.uniform(1, 10), 3),
            "type": "user",
        }
        for source in sources
    }


def _size(arr_id: int) -> int:
    return 1_311_268_683 + arr_id


def _statistics(arr_id: int, *, has_file: bool) -> Record:
    if not has_file:
        return {"movieFileCount": 0, "sizeOnDisk": 0, "releaseGroups": []}
    return {"movieFileCount": 1, "sizeOnDisk": _size(arr_id), "releaseGroups": ["GROUP"]}


def _movie_file(draft: Draft, path: str) -> Record:
    name = f"{draft.file_name} ({draft.year}) Bluray-1080p.mkv"
    return {
        "movieId": draft.arr_id,
        "relativePath": name,
        "path": join(path, name),
        "size": _size(draft.arr_id),
        "dateAdded": "2021-03-22T14:59:42Z",
        "sceneName": f"{draft.file_name.replace(' ', '.')}.{draft.year}.1080p.BluRay.x264-GROUP",
        "releaseGroup": "GROUP",
        "edition": "",
        "languages": [{"id": 1, "name": "English"}],
        "quality": _quality(),
        "indexerFlags": 0,
        "mediaInfo": _media_info(),
        "originalFilePath": f"{draft.file_name.replace(' ', '.')}.{draft.year}.1080p.BluRay.x264-GROUP.mkv",
        "qualityCutoffNotMet": False,
        "id": 5000 + draft.arr_id,
    }


def _quality() -> dict[str, Any]:
    return {
        "quality": {
            "id": 7,
            "name": "Bluray-1080p",
            "source": "bluray",
            "resolution": 1080,
            "modifier": "none",
        },
        "revision": {"version": 1, "real": 0, "isRepack": False},
    }


def _media_info() -> Record:
    return {
        "audioBitrate": 640_000,
        "audioChannels": 5.1,
        "audioCodec": "AC3",
        "audioLanguages": "eng/fre",
        "audioStreamCount": 2,
        "videoBitDepth": 8,
        "videoBitrate": 8_100_000,
        "videoCodec": "x264",
        "videoFps": 23.976,
        "videoDynamicRange": "",
        "videoDynamicRangeType": "",
        "resolution": "1920x1080",
        "runTime": "1:40:38",
        "scanType": "Progressive",
        "subtitles": "eng/fre/ger/spa",
    }
