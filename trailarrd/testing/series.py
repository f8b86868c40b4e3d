"""Series as Sonarr 4 lists them."""

from typing import Final

from trailarrd.testing.draft import Draft, Record, name_of

_NETWORKS: Final = ("Channel North", "BeeTV", "Kanal Åtta", "Streamhouse")
_GENRES: Final = ("Action", "Animation", "Comedy", "Crime", "Drama", "Science Fiction")
_ALTERNATIVE_TITLES: Final = ("La série", "Die Serie", "La serie")
_OVERVIEW: Final = (
    "Four neighbours share a staircase, a laundry room and one secret. Season by season the house gives up "
    "another floor of its past, and nobody on it is quite who the name plate says."
)


def series(draft: Draft) -> Record:
    """One series; `id` comes last, and without episodes there are no statistics in a list."""
    random = draft.random
    tvdb_id = 70_000 + draft.arr_id * 31
    seasons = [_season(number, draft.arr_id) for number in range(random.randint(1, 7))]
    ended = draft.year > 0 and random.random() < 0.6
    record: Record = {
        "title": draft.title,
        "alternateTitles": [
            {"title": f"{draft.title}: {title}", "seasonNumber": -1}
            for title in _ALTERNATIVE_TITLES[: random.randint(0, 3)]
        ],
        "sortTitle": draft.sort_title,
        "status": ("ended" if ended else "continuing") if draft.year else "upcoming",
        "ended": ended,
        "overview": _OVERVIEW,
        **({"network": random.choice(_NETWORKS)} if random.random() < 0.95 else {}),
        "airTime": "21:00",
        "images": [] if random.random() < 0.03 else _images(draft.arr_id, tvdb_id),
        "originalLanguage": {"id": 1, "name": "English"},
        "seasons": seasons,
        "year": draft.year,
        "path": draft.folder(draft.file_name),
        "qualityProfileId": 7,
        "seasonFolder": True,
        "monitored": random.random() < 0.8,
        "monitorNewItems": "all",
        "useSceneNumbering": False,
        "runtime": random.choice((22, 40, 50)),
        "tvdbId": tvdb_id,
        "tvRageId": 0,
        "tvMazeId": draft.arr_id * 3 if random.random() < 0.95 else 0,
        "tmdbId": 138_000 + draft.arr_id if random.random() < 0.95 else 0,
        **_aired(draft.year),
        "seriesType": "anime" if random.random() < 0.1 else "standard",
        "cleanTitle": draft.clean_title,
        **({"imdbId": f"tt{2_000_000 + tvdb_id:07d}"} if random.random() < 0.97 else {}),
        "titleSlug": draft.sort_title.replace(" ", "-"),
        "rootFolderPath": draft.root,
        **({"certification": "TV-14"} if random.random() < 0.7 else {}),
        "genres": random.sample(_GENRES, 3),
        "tags": [1] if random.random() < 0.2 else [],
        "added": f"2023-08-{1 + draft.arr_id % 28:02d}T23:04:02Z",
        "ratings": {"votes": random.randint(0, 9000), "value": round(random.uniform(1, 10), 1)},
        **({"statistics": _statistics(len(seasons) - 1)} if len(seasons) > 1 else {}),
        "languageProfileId": 1,
        "id": draft.arr_id,
    }
    return record


def single_series(record: Record) -> Record:
    """What `GET /series/{id}` says more than the list: statistics even without an episode."""
    if "statistics" in record:
        return record
    arr_id = {"id": record["id"]} if "id" in record else {}
    return {**_without_id(record), "statistics": _statistics(0), **arr_id}


def series_with_file(record: Record, has_file: bool) -> Record:  # noqa: FBT001  # of a Dialect
    """The same once Sonarr has the files of all its episodes, or of none any more."""
    counts = _statistics(max(1, len(record.get("seasons", ())) - 1))
    if not has_file:
        counts |= {"episodeFileCount": 0, "sizeOnDisk": 0, "releaseGroups": [], "percentOfEpisodes": 0}
    return {**_without_id(record), "statistics": counts, "id": record["id"]}


def own_episode_file(record: Record) -> str | None:
    """One of its episodes' files, relative to its folder."""
    if not record.get("statistics", {}).get("episodeFileCount"):
        return None
    return f"Season 01/{name_of(record['path'])} - S01E01.mkv"


def _without_id(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != "id"}


def _season(number: int, arr_id: int) -> Record:
    count = 0 if number == 0 else 10
    return {
        "seasonNumber": number,
        "monitored": number > 0,
        "statistics": {
            "episodeFileCount": count,
            "episodeCount": count,
            "totalEpisodeCount": count,
            "sizeOnDisk": count * 419_663_032 + arr_id if count else 0,
            "releaseGroups": ["FLUTE", "GROUP"] if count else [],
            "percentOfEpisodes": 100 if count else 0,
        },
    }


def _statistics(season_count: int) -> Record:
    episodes = season_count * 10
    return {
        "seasonCount": season_count,
        "episodeFileCount": episodes,
        "episodeCount": episodes,
        "totalEpisodeCount": episodes,
        "sizeOnDisk": episodes * 419_663_032,
        "releaseGroups": ["FLUTE", "GROUP"] if episodes else [],
        "percentOfEpisodes": 100 if episodes else 0,
    }


def _images(arr_id: int, tvdb_id: int) -> list[Record]:
    return [
        {
            "coverType": cover,
            "url": f"/MediaCover/{arr_id}/{cover}.jpg?lastWrite=638602238424765532",
            "remoteUrl": f"https://artworks.example.com/v4/series/{tvdb_id}/{cover}/668ccb09ba2a5.jpg",
        }
        for cover in ("banner", "poster", "fanart", "clearlogo")
    ]


def _aired(year: int) -> Record:
    return {"firstAired": f"{year}-09-18T00:00:00Z", "lastAired": f"{year}-10-30T00:00:00Z"} if year else {}
