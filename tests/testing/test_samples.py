"""A dialect made of a few records: its libraries look like them, and no two items are the same."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

from trailarrd.testing import Dialect, SimulatedArr, SimulatedLibrary, ThreadedArr

GAMES = [
    {"id": 9, "name": "Chess", "folder": "D:\\Games\\Chess", "gameId": 77, "tags": [1], "watched": True},
    {"id": 4, "name": "Go", "folder": "D:\\Games\\Go", "gameId": 0, "watched": False},
]


def games() -> Dialect:
    return Dialect.from_samples(
        app_name="Gamarr",
        api_root="api/v2",
        resource="game",
        records=GAMES,
        title="name",
        path="folder",
        monitored="watched",
        identity="gameId",
    )


def test_a_library_goes_round_the_samples() -> None:
    records = SimulatedLibrary(games(), size=5).records
    assert [record.get("tags") for record in records] == [[1], None, [1], None, [1]]
    assert [record["watched"] for record in records] == [True, False, True, False, True]


def test_items_differ_in_id_title_folder_and_identity() -> None:
    records = SimulatedLibrary(games(), size=300).records
    assert [record["id"] for record in records] == list(range(1, 301))
    assert len({record["name"] for record in records}) == 300
    assert len({record["folder"] for record in records}) == 300
    assert len({record["gameId"] for record in records if record["gameId"]}) == 150


def test_an_identity_keeps_its_look() -> None:
    sample = {"id": 1, "title": "T", "path": "/m/T", "guid": "5b11f4ce-a62d-471e-81fc-a69a8278c7da"}
    dialect = Dialect.from_samples(
        app_name="A", api_root="api/v1", resource="a", records=[sample], identity="guid"
    )
    assert SimulatedLibrary(dialect, size=2).record(2)["guid"] == "5b11f4ce-a62d-471e-81fc-a69a82000002"


def test_what_the_server_does_not_know_stays_unknown() -> None:
    assert SimulatedLibrary(games(), size=2).record(2)["gameId"] == 0


def test_the_root_folder_is_that_of_the_samples() -> None:
    library = SimulatedLibrary(games(), size=1)
    assert library.roots == ["D:\\Games"]
    assert library.record(1)["folder"].startswith("D:\\Games\\")
    assert library.is_windows


def test_samples_are_never_changed() -> None:
    before = json.dumps(GAMES)
    library = SimulatedLibrary(games(), size=2)
    library.edit(1, tags=[2], folder="E:\\Other\\Chess")
    assert library.record(1)["folder"] == "E:\\Other\\Chess"
    assert json.dumps(GAMES) == before


def test_the_list_is_filtered_by_the_identity() -> None:
    library = SimulatedLibrary(games(), size=4)
    assert library.find(77_000_003) == [3]


def test_a_blocking_client_gets_its_answer_from_a_server_in_a_thread() -> None:
    with ThreadedArr(SimulatedArr(SimulatedLibrary(games(), size=3), api_key="k3y")) as arr:
        request = Request(f"{arr.url}/api/v2/game", headers={"X-Api-Key": "k3y"})
        with urlopen(request) as response:
            assert len(json.load(response)) == 3
        with urlopen(Request(f"{arr.url}/api/v2/system/status", headers={"X-Api-Key": "k3y"})) as response:
            assert json.load(response)["appName"] == "Gamarr"
    assert [asked.phase for asked in arr.requests] == ["list", "status"]
