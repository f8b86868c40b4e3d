"""`trailarrd import trailarr`: a configuration that works, and choices that wait for their items."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.trailarr import TrailarrFile
from tests.world import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import CommandLine
    from tests.household import Household

VIDEO = "abcdefghij0"
URL = f"https://www.youtube.com/watch?v={VIDEO}"


@pytest.fixture
def old(household: Household, tmp_path: Path) -> TrailarrFile:
    """A Trailarr in a container, where the movies lie in /data/films."""
    file = TrailarrFile(tmp_path / "trailarr.db", "0.9")
    movies = household.movies.server.url
    file.connection(1, "RADARR", movies, monitor="MONITOR_MISSING", api_key=KEY)
    file.connection(2, "SONARR", "http://127.0.0.1:1", monitor="MONITOR_NEW")
    file.add("pathmapping", connection_id=1, path_from="/movies", path_to="/data/films")
    file.add("pathmapping", connection_id=2, path_from="/tv", path_to="/data/tv")
    file.movie(1, "Alpha", monitor=0, trailer_exists=0, imdb_id="tt0002001", youtube_trailer_id=VIDEO)
    file.movie(2, "Another that had this number", monitor=0, trailer_exists=0)
    file.event(1, "YOUTUBE_ID_CHANGED", "USER", VIDEO)
    return file


async def test_what_is_taken_over_is_listed_and_works_and_choices_wait_for_their_items(
    household: Household, trailarrd: CommandLine, old: TrailarrFile, tmp_path: Path
) -> None:
    config = tmp_path / "new.yaml"
    words = ("--config", str(config), "import", "trailarr", str(old.path))
    refused = await trailarrd.bare(*words, answer="n\n")
    assert (refused.code, config.exists()) == (130, False)
    done = await trailarrd.bare(*words, answer="y\n", XDG_STATE_HOME=str(tmp_path))
    assert f"My-radarr: radarr at {household.movies.server.url}, Radarr " in done.out
    assert f"  /movies is {household.movies.folder} here" in done.out, "found on this host, not believed"
    assert "no to Alpha, of My-radarr: everything without a trailer is wanted there but this" in done.out
    assert f"the video for Alpha, of My-radarr: {URL}, as you named it" in done.out
    assert "My-sonarr: sonarr at http://127.0.0.1:1, it did not answer" in done.out
    assert "  /tv is /data/tv here, as Trailarr has it; but there is no such folder\n" in done.out
    assert done.code == 1, "check says that a server is down"
    text = config.read_text()
    assert ("monitor: missing" in text, "monitor: new" in text, KEY in text + done.out + done.err) == (
        *(True, True),
        False,
    )
    await trailarrd.bare("--config", str(config), "refresh", "My-radarr", XDG_STATE_HOME=str(tmp_path))
    listed = await trailarrd.bare("--config", str(config), "media", "--json", XDG_STATE_HOME=str(tmp_path))
    told = {one["title"]: (one["intent"], one["monitored"]) for one in listed.lines}
    assert told == {"Alpha": (False, False), "Beta": (None, True), "Gamma": (None, True)}
    with closing(sqlite3.connect(tmp_path / "trailarrd" / "trailarrd.db")) as db:
        assert db.execute("SELECT title, intent FROM foretold").fetchall() == [
            ("Another that had this number", 0)
        ]
        assert db.execute("SELECT intent_by FROM media WHERE arr_id = 1").fetchall() == [("Trailarr",)]
        named = "SELECT title, url, stage, asked_at FROM downloads JOIN media ON media.id = media_id"
        assert db.execute(named).fetchall() == [("Alpha", URL, "open", None)]


async def test_a_folder_means_the_database_in_it_and_one_without_servers_is_refused(
    trailarrd: CommandLine, tmp_path: Path
) -> None:
    TrailarrFile(tmp_path / "trailarr.db", "0.11")
    done = await trailarrd.bare("--config", str(tmp_path / "a.yaml"), "import", "trailarr", str(tmp_path))
    assert (done.code, "has no connection to a Radarr or Sonarr" in done.err) == (2, True)
