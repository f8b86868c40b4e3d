"""What is read in Trailarr's database, whichever version made it, and of choices only what is proven."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.trailarr import TrailarrFile
from trailarrd.domain.monitoring import MonitorMode
from trailarrd.errors import DatabaseError
from trailarrd.store.trailarr import read_trailarr

if TYPE_CHECKING:
    from pathlib import Path

    from trailarrd.store.trailarr import Trailarr


def chosen(found: Trailarr) -> dict[str, bool]:
    return {choice.title: choice.intent for choice in found.choices if choice.intent is not None}


def test_version_0_4_has_modes_and_a_flag_that_everybody_writes(tmp_path: Path) -> None:
    file = TrailarrFile(tmp_path / "trailarr.db", "0.4")
    file.connection(1, "RADARR", monitor="MONITOR_MISSING")
    file.connection(2, "SONARR", monitor="MONITOR_SYNC")
    file.add("pathmapping", connection_id=1, path_from="/movies", path_to="/data/films")
    file.add("pathmapping", connection_id=2, path_from="/tv", path_to="/tv")
    file.movie(1, "wanted", monitor=1, trailer_exists=0)
    file.movie(2, "not wanted, though all without a trailer are", monitor=0, trailer_exists=0)
    file.movie(3, "has one", monitor=0, trailer_exists=1)
    file.movie(4, "as the server has it", monitor=0, trailer_exists=0, connection=2, is_movie=0)
    file.add("trailerprofile", name="1080p")
    found = read_trailarr(file.path)
    radarr, sonarr = found.connections
    assert (radarr.name, radarr.provider, radarr.mode) == ("My radarr", "radarr", MonitorMode.MISSING)
    assert (radarr.key.reveal(), "k3y" in repr(found)) == ("k3y", False)
    assert [(one.remote, one.local) for one in radarr.mappings] == [("/movies", "/data/films")]
    assert (sonarr.provider, sonarr.mode, sonarr.mappings) == ("sonarr", MonitorMode.SYNC, [])
    assert chosen(found) == {"not wanted, though all without a trailer are": False}
    assert found.choices[0].external_ids == {"imdb": "tt2", "tmdb": "2"}
    assert found.left_out == ["1 trailer profiles"]


def test_version_0_9_has_events_by_which_the_user_is_known(tmp_path: Path) -> None:
    file = TrailarrFile(tmp_path / "trailarr.db", "0.9")
    file.connection(1, "RADARR", monitor="MONITOR_SYNC")
    for number, (title, flag) in enumerate(
        [("yes", 1), ("no", 0), ("changed by a sync since", 0), ("by the system", 1), ("as it came", 0)],
        start=1,
    ):
        file.movie(number, title, monitor=flag, trailer_exists=0)
    file.event(1, "MONITOR_CHANGED", "USER", "false", "2026-01-01 10:00:00")
    file.event(1, "MONITOR_CHANGED", "USER", "true", "2026-01-02 10:00:00")
    file.event(2, "MONITOR_CHANGED", "USER", "false")
    file.event(3, "MONITOR_CHANGED", "USER", "true")
    file.event(4, "MONITOR_CHANGED", "SYSTEM", "true")
    file.movie(7, "with a video", monitor=1, trailer_exists=0, youtube_trailer_id="abcdefghij0")
    file.movie(8, "with another since", monitor=1, trailer_exists=0, youtube_trailer_id="found")
    file.movie(9, "by a search", monitor=1, trailer_exists=0, youtube_trailer_id="abcdefghij9")
    file.event(7, "YOUTUBE_ID_CHANGED", "USER", "abcdefghij0")
    file.event(8, "YOUTUBE_ID_CHANGED", "USER", "abcdefghij0")
    file.event(9, "YOUTUBE_ID_CHANGED", "SYSTEM", "abcdefghij9")
    found = read_trailarr(file.path)
    assert chosen(found) == {"yes": True, "no": False}
    assert {choice.title: choice.url for choice in found.choices if choice.url} == {
        "with a video": "https://www.youtube.com/watch?v=abcdefghij0"
    }


def test_version_0_11_applies_its_mode_once_so_that_the_flag_itself_may_be_will(tmp_path: Path) -> None:
    file = TrailarrFile(tmp_path / "trailarr.db", "0.11")
    file.connection(1, "RADARR", monitor_new_media=1)
    file.connection(2, "SONARR", monitor_new_media=0)
    file.connection(3, "PLEX", monitor_new_media=0)
    file.movie(1, "turned off", monitor=0, tmdb_id="603")
    file.movie(2, "turned off by the system", monitor=0)
    file.movie(3, "has one", monitor=0)
    file.movie(4, "off from the beginning", monitor=0, connection=2, is_movie=0)
    file.movie(5, "without any id elsewhere", monitor=0, imdb_id=None, txdb_id="")
    file.event(2, "MONITOR_CHANGED", "SYSTEM", "false")
    file.add("download", media_id=3, file_exists=1)
    found = read_trailarr(file.path)
    assert [(one.provider, one.mode) for one in found.connections] == [
        ("radarr", None),
        ("sonarr", MonitorMode.NONE),
    ]
    assert chosen(found) == {"turned off": False}
    assert found.choices[0].external_ids == {"imdb": "tt1", "tmdb": "603"}
    assert found.left_out == ["1 connection(s) of Plex"]


def test_another_programs_database_and_no_database_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    other, none = tmp_path / "other.db", tmp_path / "none.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE connection (id INTEGER)")
    none.write_bytes(b"no database" * 100)
    before = {path: path.read_bytes() for path in (other, none)}
    for path in (other, none, tmp_path / "missing.db"):
        with pytest.raises(DatabaseError):
            read_trailarr(path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
