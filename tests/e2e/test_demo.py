"""`trailarrd demo`, which is what `./dev demo` runs: ends by itself, and shows exactly what it changed."""

from __future__ import annotations

import re

import pytest

from tests.demo import Played, play

COUNTS = ("outcome", "fetched", "added", "updated", "removed", "with_trailer", "monitored")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory)


def refreshes(text: str) -> list[dict[str, list[str]]]:
    """What each table of a refresh says, by connection, in the order of `COUNTS`."""
    found: list[dict[str, list[str]]] = []
    columns: list[str] = []
    for line in text.splitlines():
        cells = line.replace("with trailer", "with_trailer").split()
        if cells[:1] == ["connection"]:
            columns = cells if "fetched" in cells else []
            if columns:
                found.append({})
        elif columns and len(cells) == len(columns):
            row = dict(zip(columns, cells, strict=True))
            found[-1][row["connection"]] = [row[name] for name in COUNTS]
    return found


def test_it_plays_both_rounds_and_the_second_shows_exactly_the_changes(demo: Played) -> None:
    assert demo.code == 0, demo.err
    first, second = refreshes(demo.out)
    # 30 movies, the last one without a folder: every 3rd has a trailer by suffix (3 … 27: 9 of them),
    # of the others every 7th one in Trailers (7, 14, 28). 24 series: every 4th one (4 … 20: 5 of them).
    # Radarr's are monitored unless they have one or there is no file of them, Sonarr's as Sonarr says.
    assert first["movies"] == ["ok", "30", "30", "0", "0", "12", "17"]
    assert first["series"][:-1] == ["ok", "24", "24", "0", "0", "5"]

    # One movie added, of which there is no file yet, one edited; one series removed, a trailer dropped beside
    # another one.
    assert second["movies"] == ["ok", "31", "1", "1", "0", "12", "17"]
    assert second["series"][:-1] == ["ok", "23", "0", "1", "1", "6"]

    history = demo.out[demo.out.index("trailarrd history") :]
    events = ("added", "updated", "removed", "trailer-appeared")
    assert {event: len(re.findall(rf": {event}\b", history)) for event in events} == dict.fromkeys(events, 1)
    assert "Trailers/teaser.webm" in history


def test_it_says_what_to_do_next_and_leaves_nothing_behind(demo: Played) -> None:
    after = demo.out[demo.out.rindex("Next") :]
    assert "trailarrd.yaml" in after
    assert "1. trailarrd init " in after
    assert demo.left == []
