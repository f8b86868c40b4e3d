"""Posters as servers have them, and trailers that are watched: to whom, from where, and how much of them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from trailarrd.config.model import WebSettings
from trailarrd.runtime.posters import Posters
from trailarrd.testing.picture import poster

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Client, Stage


def questions(stage: Stage) -> int:
    return sum("mediacover" in one.path for one in stage.household.movies.server.requests)


async def test_a_poster_is_asked_of_its_server_once_and_kept(stage: Stage, client: Client) -> None:
    for _ in range(2):
        answer = await client.ask("GET", f"/media/{stage.movie}/poster")
        assert (answer.status, answer.content) == (200, poster("Alpha"))
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Cache-Control"].startswith("private")
    assert questions(stage) == 1
    (kept,) = (stage.daemon.store.folder or stage.household.home).joinpath("posters").iterdir()
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


async def test_no_server_is_asked_for_posters_that_nobody_wants(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(stage.daemon.asked().settings()), "web", WebSettings(posters=False))
    answer = await client.ask("GET", f"/media/{stage.movie}/poster")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert questions(stage) == 0


async def test_what_has_no_poster_shows_nothing_and_is_not_asked_for_again(
    stage: Stage, client: Client
) -> None:
    await stage.household.movies.server.stop()
    for _ in range(2):
        answer = await client.ask("GET", f"/media/{stage.movie}/poster")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    await stage.household.movies.server.start()


async def test_of_too_many_posters_the_oldest_go(tmp_path: Path) -> None:
    posters = Posters(tmp_path, most=10)

    async def ask() -> bytes:
        return poster("Alpha")

    for number in range(30):
        await posters.get(str(number), ask)
    assert len(list((tmp_path / "posters").iterdir())) <= 10


async def test_strangers_see_neither(stage: Stage, client: Client) -> None:
    await stage.key()
    for path in (f"/media/{stage.movie}/poster", f"/media/{stage.movie}/trailer"):
        assert (await client.ask("GET", path)).status == 401


@pytest.fixture
async def film(stage: Stage) -> bytes:
    """The trailer of the first movie."""
    content = bytes(range(256)) * 2000
    stage.household.movies.put(1, "Trailers/Official Trailer.mp4")
    while stage.household.database.sql(f"SELECT trailer_file FROM media WHERE id = {stage.movie}") == [
        (None,)
    ]:
        await stage.refresh()  # a busy machine may hold a disk for too slow
    stage.household.database.sql("UPDATE roots SET state = 'ok'")
    (file,) = stage.household.home.rglob("Official Trailer.mp4")
    file.write_bytes(content)
    return content


PARTS = [
    (None, 200, slice(None)),
    ("bytes=0-", 206, slice(None)),
    ("bytes=300-499", 206, slice(300, 500)),
    ("bytes=-100", 206, slice(-100, None)),
    ("bytes=511999-", 206, slice(511999, None)),
    ("bytes=512000-", 416, None),
    ("bytes=abc", 416, None),
]
"""The range that is asked for, the status, and which part is sent."""


async def test_a_trailer_is_watched_whole_or_from_where_somebody_likes(
    stage: Stage, client: Client, film: bytes, subtests: pytest.Subtests
) -> None:
    path = f"/media/{stage.movie}/trailer"
    for range_, status, part in PARTS:
        with subtests.test(range_):
            asking = client.saying(Range=range_) if range_ else client
            answer = await asking.ask("GET", path)
            assert answer.status == status
            if part is not None:
                assert answer.content == film[part]
                assert answer.headers["Content-Type"] == "video/mp4"
            head = await asking.ask("HEAD", path)
            assert (head.status, head.content) == (status, b"")


async def test_nothing_but_a_trailer_below_a_believed_root_is_shown(
    stage: Stage, client: Client, film: bytes, tmp_path: Path
) -> None:
    database = stage.household.database
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(b"secret")
    (file,) = stage.household.home.rglob("Official Trailer.mp4")

    def keep(file: str) -> None:
        database.sql(f"UPDATE media SET trailer_file = '{file}' WHERE id = {stage.movie}")

    async def status() -> int:
        return (await client.ask("GET", f"/media/{stage.movie}/trailer")).status

    assert await status() == 200
    for wrong in ("../../../secret.mp4", "/etc/passwd", "the item itself.mkv"):
        keep(wrong)
        assert (wrong, await status()) == (wrong, 404)
    database.sql(f"UPDATE media SET trailer_file = 'Trailers/Official Trailer.mp4' WHERE id = {stage.movie}")
    file.unlink()
    file.symlink_to(secret)
    assert await status() == 404
    file.unlink()
    os.mkfifo(file)
    assert await status() == 404
    file.unlink()
    file.write_bytes(film)
    assert await status() == 200
    database.sql("UPDATE roots SET state = 'other-device'")
    assert await status() == 404
