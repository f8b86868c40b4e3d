"""The floor: fetch, decode, look, compare or insert the same rows, straight on, with nothing else.

No mapping, no decisions, no safety: what a refresh costs at least with these libraries, this schema
and this disk. `floor.py HOW URL ANSWER KEY DATABASE MEDIA` prints one JSON object. HOW is `whole`, as
anybody would write it: the answer is read, then decoded. Or it is `cut`: the answer is decoded in groups
while it arrives, as trailarrd does, which is quicker.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import sys
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from benchmarks import WARM_UP
from benchmarks.meter import Meter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = "2026-01-01 00:00:00.000000"
COLUMNS = (
    "arr_id, fingerprint, title, year, external_ids, remote_path, local_path, main_file, youtube_trailer_id, "
    "monitored_remotely, trailer, trailer_file, monitored, monitor_reason, signature, folder, identity_mark, "
    "connection_id, kind, first_refresh, first_seen, last_changed, has_file, had_file, details, "
    "titles_folded, keys_folded, added"
)
INSERT = f"insert into media ({COLUMNS}) values ({', '.join('?' * 28)})"
UPDATE = f"update media set ({COLUMNS}) = ({', '.join('?' * 28)}) where connection_id = 1 and arr_id = ?"
ADDED = (
    "insert into history (at, connection, media_id, arr_id, title, event, detail, refresh_id) "
    "select ?, 'movies', id, arr_id, title, 'added', '{}', 1 from media where id > ?"
)
UPDATED = (
    "insert into history (at, connection, media_id, arr_id, title, event, detail, refresh_id) "
    "select ?, 'movies', id, arr_id, title, 'updated', ?, 1 from media where connection_id = 1 and arr_id = ?"
)


class File(msgspec.Struct, rename="camel"):
    relative_path: str | None = None


class Named(msgspec.Struct):
    name: str | None = None
    title: str | None = None


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
    has_file: bool = False
    sort_title: str | None = None
    original_title: str | None = None
    original_language: Named | None = None
    status: str | None = None
    digital_release: datetime | None = None
    added: datetime | None = None
    runtime: int | None = None
    genres: tuple[str, ...] = ()
    studio: str | None = None
    certification: str | None = None
    collection: Named | None = None
    tags: tuple[int, ...] = ()
    title_slug: str | None = None
    overview: str | None = None


class Details(msgspec.Struct, omit_defaults=True):
    """What is stored of it as JSON."""

    sort_title: str | None = None
    original_title: str | None = None
    original_language: str | None = None
    status: str | None = None
    release_date: date | None = None
    added: datetime | None = None
    runtime: int | None = None
    genres: tuple[str, ...] | None = None
    studio: str | None = None
    certification: str | None = None
    collection: str | None = None
    tags: tuple[int, ...] | None = None
    slug: str | None = None
    overview: str | None = None


encode = msgspec.json.Encoder().encode


@asynccontextmanager
async def asked(url: str, key: str) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = {"X-Api-Key": key, "Accept-Encoding": "identity"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/v3/movie", headers=headers) as answer,
    ):
        yield answer


async def fetch_whole(url: str, key: str) -> list[Movie]:
    async with asked(url, key) as answer:
        return msgspec.json.decode(await answer.read(), type=list[Movie])


async def fetch_cut(url: str, key: str) -> list[Movie]:
    """The list, cut at the ends of indented items and decoded group by group."""
    movies: list[Movie] = []
    decoder = msgspec.json.Decoder(list[Movie])
    async with asked(url, key) as answer:
        buffer = b""
        async for piece in answer.content.iter_chunked(2**16):
            buffer += piece
            end = buffer.rfind(b"\n  },")
            if end >= 0:
                movies += decoder.decode(b"[" + buffer[:end].lstrip(b"[,") + b"}]")
                buffer = buffer[end + 5 :]
        movies += decoder.decode(b"[" + buffer.lstrip(b"["))
    return movies


FETCH = {"whole": fetch_whole, "cut": fetch_cut}


def signature_of(folder: str) -> bytes:
    facts = os.stat(folder)  # noqa: PTH116  # as fast as can be
    told = b"%d %d %d" % (facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
    return hashlib.blake2b(told, digest_size=10).digest()


def trailer_in(folder: str) -> str | None:
    """One listing, and one more for a Trailers folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.lower()
            if "-trailer." in name:
                return entry.name
            if name == "trailers" and (inside := os.listdir(entry.path)):  # noqa: PTH208  # likewise
                return f"{entry.name}/{inside[0]}"
    return None


def fingerprint_of(movie: Movie, details: bytes) -> bytes:
    file = movie.movie_file.relative_path if movie.movie_file else None
    text = (
        f"{movie.id}\0{movie.title}\0{movie.path}\0{movie.year}\0{movie.monitored}\0{movie.tmdb_id}\0"
        f"{movie.imdb_id}\0{movie.you_tube_trailer_id}\0{file}\0{movie.has_file}"
    )
    return hashlib.blake2b(text.encode() + details, digest_size=16).digest()


def details_of(movie: Movie) -> bytes:
    released, language, collection = movie.digital_release, movie.original_language, movie.collection
    return encode(
        Details(
            movie.sort_title,
            movie.original_title,
            language.name if language else None,
            movie.status,
            released.date() if released else None,
            movie.added,
            movie.runtime,
            movie.genres,
            movie.studio,
            movie.certification,
            (collection.title or collection.name) if collection else None,
            movie.tags,
            movie.title_slug,
            movie.overview,
        )
    )


def found_by(movie: Movie) -> tuple[str, str]:
    titles = dict.fromkeys((movie.sort_title, movie.title, movie.original_title))
    language = movie.original_language.name if movie.original_language else ""
    keys = [str(movie.year), str(movie.tmdb_id), movie.imdb_id or "", f"f:{movie.has_file}"]
    keys += [*(f"g:{genre}" for genre in movie.genres), f"l:{language}", f"r:{movie.status}"]
    return "\n".join(filter(None, titles)).lower(), "\n".join(["", *keys, ""]).lower()


def row_of(movie: Movie, details: bytes, mark: bytes, folder: str, signature: bytes) -> tuple[object, ...]:
    file = trailer_in(folder)
    ids = json.dumps({"tmdb": str(movie.tmdb_id), "imdb": movie.imdb_id})
    state = ("present", file, False, "trailer-present") if file else ("absent", None, True, "mode-missing")
    path = int.from_bytes(hashlib.blake2b(movie.path.encode(), digest_size=8).digest(), "big", signed=True)
    return (
        *(movie.id, mark, movie.title, movie.year, ids, movie.path, folder),
        *(movie.movie_file.relative_path if movie.movie_file else None, movie.you_tube_trailer_id),
        *(movie.monitored, *state, signature, path, movie.tmdb_id, 1, "movie", 1, NOW, NOW),
        *(movie.has_file, movie.has_file, details.decode(), *found_by(movie)),
        int(movie.added.timestamp()) if movie.added else None,
    )


def main(how: str, url: str, answer: str, key: str, database: str, media: str) -> None:
    fetch = FETCH[how]
    asyncio.run(fetch(f"{url}/{WARM_UP}", key))
    meter = Meter()
    db = sqlite3.connect(database)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=normal")
    known = {
        arr_id: (fingerprint, signature)
        for arr_id, fingerprint, signature in db.execute("select arr_id, fingerprint, signature from media")
    }
    movies = asyncio.run(fetch(f"{url}/{answer}", key))
    new: list[tuple[object, ...]] = []
    changed: list[tuple[object, ...]] = []
    for movie in movies:
        folder = media + movie.path
        details = details_of(movie)
        found = fingerprint_of(movie, details), signature_of(folder)
        before = known.get(movie.id)
        if before != found:
            (changed if before else new).append(row_of(movie, details, found[0], folder, found[1]))
    last = db.execute("select coalesce(max(id), 0) from media").fetchone()[0]
    db.executemany(INSERT, new)
    db.execute(ADDED, (NOW, last))
    db.executemany(UPDATE, [(*row, row[0]) for row in changed])
    db.executemany(UPDATED, [(NOW, json.dumps({"title": ["", row[2]]}), row[0]) for row in changed])
    db.commit()
    used = meter.read()
    db.close()
    print(json.dumps({**used, "changed": len(new) + len(changed)}))


if __name__ == "__main__":
    main(*sys.argv[1:7])
