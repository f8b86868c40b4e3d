"""The floor: fetch, decode, look, compare or insert the same rows, straight on, with nothing else.

No mapping, no decisions, no history, no safety: what a refresh costs at least with these libraries.
`floor.py URL KEY DATABASE MEDIA` prints one JSON object.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import resource
import sqlite3
import sys
import time

import aiohttp
import msgspec

CREATE = (
    "create table if not exists media (arr_id integer primary key, fingerprint blob, title text, path text, "
    "year integer, monitored integer, trailer text, tmdb integer, imdb text, youtube text, file text)"
)


class File(msgspec.Struct, rename="camel"):
    relative_path: str | None = None


class Movie(msgspec.Struct, rename="camel"):
    id: int
    title: str
    path: str
    monitored: bool
    year: int
    tmdb_id: int = 0
    imdb_id: str | None = None
    you_tube_trailer_id: str | None = None
    movie_file: File | None = None


async def fetch(url: str, key: str) -> list[Movie]:
    """The list, cut at the ends of indented items and decoded group by group."""
    movies: list[Movie] = []
    decoder = msgspec.json.Decoder(list[Movie])
    headers = {"X-Api-Key": key, "Accept-Encoding": "identity"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/v3/movie", headers=headers) as answer,
    ):
        buffer = b""
        async for piece in answer.content.iter_chunked(2**16):
            buffer += piece
            end = buffer.rfind(b"\n  },")
            if end >= 0:
                movies += decoder.decode(b"[" + buffer[:end].lstrip(b"[,") + b"}]")
                buffer = buffer[end + 5 :]
        movies += decoder.decode(b"[" + buffer.lstrip(b"["))
    return movies


def has_trailer(folder: str) -> bool:
    """One listing, and one more for a Trailers folder."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name.lower()
                if "-trailer." in name or (name == "trailers" and os.listdir(entry.path)):  # noqa: PTH208
                    return True
    except FileNotFoundError:
        pass
    return False


def row_of(movie: Movie, media: str) -> tuple[object, ...]:
    trailer = "present" if has_trailer(media + movie.path) else "absent"
    file = movie.movie_file.relative_path if movie.movie_file else None
    mark = hashlib.blake2b(repr((movie, trailer)).encode(), digest_size=16).digest()
    return (
        *(movie.id, mark, movie.title, movie.path, movie.year, movie.monitored, trailer),
        *(movie.tmdb_id, movie.imdb_id, movie.you_tube_trailer_id, file),
    )


def main(url: str, key: str, database: str, media: str) -> None:
    began = time.perf_counter()
    movies = asyncio.run(fetch(url, key))
    rows = [row_of(movie, media) for movie in movies]
    db = sqlite3.connect(database)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=normal")
    db.execute(CREATE)
    known = dict(db.execute("select arr_id, fingerprint from media"))
    changed = [row for row in rows if known.get(row[0]) != row[1]]
    db.executemany("insert or replace into media values (?,?,?,?,?,?,?,?,?,?,?)", changed)
    db.commit()
    db.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {"seconds": time.perf_counter() - began, "peak_mib": peak, "changed": len(changed)}
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:5])
