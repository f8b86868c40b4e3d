"""How long the first page of a list takes: `python -m benchmarks.lists [--items N] [--url URL]`.

Each filter by itself in some orders, and its total: the best of so many tries, as the machine has other
things to do as well, in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import re
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.domain.library import Listed, add
from trailarrd.domain.connection import Connection
from trailarrd.domain.details import Details, ReleaseStatus
from trailarrd.domain.media import Media, MediaKind
from trailarrd.domain.monitoring import MediaStatus, MonitorMode, MonitorReason, TrailerState
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import Item, Observation
from trailarrd.domain.planner import Planner
from trailarrd.domain.report import Outcome
from trailarrd.domain.want import Years
from trailarrd.store.filter import MediaFilter, MediaOrder
from trailarrd.store.store import Store

_TRIES: Final = 7
NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
WORDS: Final = re.findall(
    r"\w+",
    """
    harbour lantern night the of winter long road salt river glass north last silent iron garden house summer
    daughter king ghost paper train city storm two hundred blue letters machine orchard
    """,
)
GENRES: Final = re.findall(
    r"\w+",
    """
    Drama Comedy Action Thriller Romance Adventure Crime Horror Family Animation Fantasy Mystery History War
    Music Documentary Western
    """,
)
LANGUAGES: Final = ("English",) * 14 + ("French", "Japanese", "German", "Korean", "Spanish", "Icelandic")


def listed(arr_id: int, random: Random) -> Listed:
    """An item as libraries have them; one of a thousand is of a rare kind."""
    title = f"{' '.join(random.sample(WORDS, 3)).title()} {arr_id}"
    year, rare = random.randint(1930, 2026), arr_id % 1000 == 0
    media = Media(
        arr_id=arr_id,
        title=title,
        path=RemotePath(f"/movies/{title} ({year})"),
        monitored_remotely=True,
        year=year,
        external_ids={"tmdb": str(100_000 + arr_id), "imdb": f"tt{arr_id:07}"},
        has_file=random.random() < 0.85,
        details=Details(
            sort_title=title.lower().removeprefix("the "),
            original_language="Basque" if rare else random.choice(LANGUAGES),
            status=ReleaseStatus.DELETED if rare else ReleaseStatus.RELEASED,
            release_date=NOW.date(),
            added=NOW - timedelta(minutes=random.randint(0, 3_000_000)),
            runtime=random.randint(60, 200),
            genres=tuple(random.sample(GENRES, random.randint(1, 3))) + (("Film-Noir",) if rare else ()),
            tags=("rare",) if rare else ("4k",) if arr_id % 9 == 0 else (),
            studio=random.choice(WORDS).title(),
            slug=str(100_000 + arr_id),
            overview=" ".join(random.choices(WORDS, k=60)),
        ),
    )
    state = TrailerState.PRESENT if random.random() < 0.33 else TrailerState.ABSENT
    file = "a-trailer.mkv" if state is TrailerState.PRESENT else None
    return Listed(Item(media, LocalPath(f"/mnt{media.path}")), Observation(state, file))


@asynccontextmanager
async def library(url: str, items: int) -> AsyncIterator[Store]:
    """A database of so many items, a fifth of them of a second connection."""
    random, kind = Random(7), MediaKind("movie")
    async with Store.open(url) as store:
        await store.register([("movies", "radarr", kind), ("uhd", "radarr", kind)])
        for name, count in (("movies", items * 4 // 5), ("uhd", items // 5)):
            connection = Connection(name=name, provider="radarr", mode=MonitorMode.MISSING)
            start = await store.begin_refresh(connection, at=NOW)
            planner = Planner(await store.known(start), start.rules)
            add(planner, (listed(number, random) for number in range(1, count + 1)))
            await store.apply(start, planner.finish(), at=NOW, outcome=Outcome.OK)
        yield store


FILTERS: Final[dict[str, dict[str, Any]]] = {
    "everything": {},
    "words: common": {"text": "harbour"},
    "words: two": {"text": "harbour night"},
    "words: one item": {"text": "tt0001234"},
    "words: none": {"text": "zzzz"},
    "connection": {"connection": "uhd"},
    "kind": {"kind": "movie"},
    "trailer: present": {"trailer": TrailerState.PRESENT},
    "trailer: unknown (none)": {"trailer": TrailerState.UNKNOWN},
    "monitored": {"monitored": True},
    "reason: common": {"reason": MonitorReason.MODE_MISSING},
    "reason: user (none)": {"reason": MonitorReason.USER},
    "status: monitored": {"status": MediaStatus.MONITORED},
    "status: missing": {"status": MediaStatus.MISSING},
    "status: downloading (none)": {"status": MediaStatus.DOWNLOADING},
    "has file": {"has_file": True},
    "has no file": {"has_file": False},
    "tag: common": {"tag": "4k"},
    "tag: rare": {"tag": "rare"},
    "tag: none": {"tag": "nowhere"},
    "genre: common": {"genre": "Drama"},
    "genre: rare": {"genre": "Film-Noir"},
    "language: common": {"language": "English"},
    "language: rare": {"language": "Basque"},
    "release: rare": {"release": ReleaseStatus.DELETED},
    "years": {"years": Years(1990, 1999)},
    "added since": {"added_since": NOW - timedelta(days=7)},
    "added since: nearly all": {"added_since": NOW - timedelta(days=2000)},
    "changed since": {"changed_since": NOW},
    "contradicted": {"contradicted": True},
    "not contradicted": {"contradicted": False},
    "vanishing": {"vanishing": True},
    "held": {"held": True},
    "quarantined": {"quarantined": True},
    "not quarantined": {"quarantined": False},
    "genre and connection": {"genre": "Drama", "connection": "uhd"},
    "genre and words": {"genre": "Drama", "text": "harbour"},
}


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    """The best of some tries."""
    best, result = math.inf, None
    for _ in range(_TRIES):
        begun = time.perf_counter()
        result = await work()
        best = min(best, time.perf_counter() - begun)
    return best * 1000, result


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--url", help="a database that is empty; a file of its own if not given")
    parser.add_argument("--orders", nargs="*", default=["title", "-added", "year"])
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with library(told.url or f"sqlite:///{Path(folder)}/trailarrd.db", told.items) as store:
            print(f"{'filter':28} {'fit':>7} {'total':>9}" + "".join(f"{one:>14}" for one in told.orders))
            for name, words in FILTERS.items():
                which = MediaFilter(**words)
                total, count = await timed(partial(store.count, which, now=NOW))
                page = partial(store.select, which, limit=50, now=NOW)
                pages = [(await timed(partial(page, order=MediaOrder(one))))[0] for one in told.orders]
                print(f"{name:28} {count:7} {total:6.1f} ms" + "".join(f"{one:11.1f} ms" for one in pages))


if __name__ == "__main__":
    asyncio.run(main())
