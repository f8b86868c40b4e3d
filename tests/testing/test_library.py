"""The simulated library: the same from the same seed, shaped like a real one, and changeable."""

from __future__ import annotations

import json
from statistics import mean

import pytest

from trailarrd.testing import RADARR, SONARR, Dialect, SimulatedLibrary

BOTH = pytest.mark.parametrize("dialect", [RADARR, SONARR], ids=lambda d: d.app_name)


@BOTH
def test_the_same_seed_gives_the_same_library_and_another_seed_another(dialect: Dialect) -> None:
    first = SimulatedLibrary(dialect, size=30, seed=1)
    assert first.records == SimulatedLibrary(dialect, size=30, seed=1).records
    assert first.records != SimulatedLibrary(dialect, size=30, seed=2).records


@BOTH
def test_a_larger_library_begins_with_the_smaller_one(dialect: Dialect) -> None:
    small, large = (SimulatedLibrary(dialect, size=size, seed=1) for size in (10, 50))
    assert large.records[:10] == small.records


@BOTH
def test_ids_paths_and_identities_are_unique_even_after_every_title_was_used(dialect: Dialect) -> None:
    records = SimulatedLibrary(dialect, size=3000, seed=4).records
    assert [record["id"] for record in records] == list(range(1, 3001))
    for field in ("path", "title", dialect.identity):
        assert len({record[field] for record in records}) == 3000


@BOTH
def test_records_have_the_shape_of_the_real_ones(dialect: Dialect) -> None:
    for record in SimulatedLibrary(dialect, size=300, seed=1).records:
        assert list(record)[-1] == "id"
        assert None not in record.values()
        assert record["path"].startswith(dialect.root + "/")
        assert record["rootFolderPath"] == dialect.root
        assert isinstance(record["monitored"], bool)


def test_a_radarr_library_has_the_gaps_of_a_real_one() -> None:
    records = SimulatedLibrary(RADARR, size=300, seed=1).records
    trailers = [record.get("youTubeTrailerId") for record in records]
    assert None in trailers
    assert "" in trailers
    assert {len(trailer) for trailer in trailers if trailer} == {11}
    unknown_year = [record for record in records if record["year"] == 0]
    assert unknown_year
    assert all(record["path"].endswith(" ()") and not record["hasFile"] for record in unknown_year)
    assert {"imdbId" in record for record in records} == {True, False}
    assert any(record["images"] == [] for record in records)
    for record in records:
        assert record["folderName"] == record["path"]
        assert record["titleSlug"] == str(record["tmdbId"])
        assert ("movieFile" in record) == record["hasFile"] == (record["movieFileId"] > 0)


def test_a_sonarr_library_has_the_gaps_of_a_real_one() -> None:
    records = SimulatedLibrary(SONARR, size=300, seed=1).records
    assert {"statistics" in record for record in records} == {True, False}
    assert any(record["tmdbId"] == 0 for record in records)
    assert any(record["year"] == 0 for record in records)
    assert not any("hasFile" in record or "youTubeTrailerId" in record for record in records)


@pytest.mark.parametrize(("dialect", "low", "high"), [(RADARR, 4300, 6000), (SONARR, 3000, 4500)])
def test_records_are_as_large_as_the_servers_send_them(dialect: Dialect, low: int, high: int) -> None:
    library = SimulatedLibrary(dialect, size=300, seed=1)
    assert low < mean(map(len, library.elements(covers=True))) < high


def test_items_are_spread_over_the_roots_in_the_style_of_each_root() -> None:
    library = SimulatedLibrary(RADARR, size=4, roots=("D:\\Movies", "\\\\nas\\movies"))
    roots = [record["rootFolderPath"] for record in library.records]
    assert sorted(roots) == ["D:\\Movies", "D:\\Movies", "\\\\nas\\movies", "\\\\nas\\movies"]
    for record in library.records:
        assert record["path"].startswith(record["rootFolderPath"] + "\\")
        assert "/" not in record["path"]


def test_records_are_copies() -> None:
    library = SimulatedLibrary(RADARR, size=1)
    library.edit(1, genres=["Drama"])
    library.record(1)["genres"].append("changed")
    assert library.record(1)["genres"] == ["Drama"]


@BOTH
def test_added_items_take_the_next_id_and_follow_their_title_and_year(dialect: Dialect) -> None:
    library = SimulatedLibrary(dialect, size=2)
    record = library.add(title="Heat: Again?", year=1995, monitored=False)
    assert (record["id"], record["title"], record["year"]) == (3, "Heat: Again?", 1995)
    assert record["monitored"] is False
    suffix = " (1995)" if dialect is RADARR else ""
    assert record["path"] == f"{dialect.root}/Heat Again{suffix}"
    assert library.ids == [1, 2, 3]


def test_an_edit_of_any_type_is_taken_as_it_is_and_id_stays_last() -> None:
    library = SimulatedLibrary(RADARR, size=2)
    library.edit(2, title=17, novelty={"a": [None]}, id=1)
    record = library.record(2)
    assert (record["title"], record["novelty"], record["id"]) == (17, {"a": [None]}, 1)
    assert list(record)[-1] == "id"


def test_cleared_fields_are_absent() -> None:
    library = SimulatedLibrary(RADARR, size=1)
    assert "overview" not in library.clear(1, "overview", "nothing")
    assert "overview" not in json.loads(library.elements(covers=True)[0])


def test_a_move_is_told_by_every_field_that_tells_the_folder() -> None:
    library = SimulatedLibrary(RADARR, roots=("/movies", "/movies/kids"))
    library.add(title="Up", year=2009, root="/movies")
    with_file = library.edit(1, movieFile={"relativePath": "Up.mkv", "path": "?"})
    assert with_file["path"] == "/movies/Up (2009)"
    moved = library.move(1, "/movies/kids/Up")
    assert moved["path"] == moved["folderName"] == "/movies/kids/Up"
    assert moved["rootFolderPath"] == "/movies/kids"
    assert moved["movieFile"]["path"] == "/movies/kids/Up/Up.mkv"
    assert library.edit(1, path="/elsewhere/Up")["rootFolderPath"] == "/elsewhere"
    assert library.edit(1, path=5)["path"] == 5


def test_deleted_ids_are_not_given_out_again() -> None:
    library = SimulatedLibrary(RADARR, size=3)
    library.delete(3, 1)
    assert library.ids == [2]
    assert library.add()["id"] == 4
    with pytest.raises(KeyError):
        library.delete(1)


@BOTH
def test_a_readded_item_is_the_same_under_a_new_id(dialect: Dialect) -> None:
    library = SimulatedLibrary(dialect, size=3)
    before = library.record(2)
    after = library.readd(2)
    assert (2 in library, after["id"]) == (False, 4)
    assert {name for name in before if before[name] != after[name]} <= {"id", "movieFile"}
    if "movieFile" in after:
        assert after["movieFile"]["movieId"] == 4


@BOTH
def test_a_reinstalled_server_has_the_same_items_under_other_ids(dialect: Dialect) -> None:
    library = SimulatedLibrary(dialect, size=5)
    before = {record["id"]: record[dialect.identity] for record in library.records}
    numbers = library.reinstall()
    after = {record["id"]: record[dialect.identity] for record in library.records}
    assert sorted(after) == [1, 2, 3, 4, 5]
    assert {numbers[old]: identity for old, identity in before.items()} == after
    assert all(old != new for old, new in numbers.items())
    assert library.add()["id"] == 6


def test_anything_can_stand_where_a_record_was() -> None:
    library = SimulatedLibrary(RADARR, size=2)
    library.replace(1, [None, "no record"])
    assert json.loads(library.elements(covers=False)[0]) == [None, "no record"]


def test_the_encoded_list_follows_every_change() -> None:
    library = SimulatedLibrary(RADARR, size=4)

    def listed() -> list[object]:
        return [json.loads(element) for element in library.elements(covers=True)]

    assert listed() == library.records
    library.edit(1, year=2001)
    library.clear(2, "year")
    library.move(3, "/movies/Moved")
    library.delete(4)
    library.add()
    assert listed() == library.records
    library.readd(1)
    library.reinstall()
    assert listed() == library.records


def test_identity_finds_an_item() -> None:
    library = SimulatedLibrary(RADARR, size=5)
    library.edit(4, tmdbId=603)
    assert (library.find(603), library.find(604)) == ([4], [])
