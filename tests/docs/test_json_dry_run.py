"""What docs/json.md promises of `refresh --dry-run --json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import chapters, page, plain, table
from tests.docs.test_json import CONFIG, kind_of, output
from trailarrd.testing import RADARR, SONARR, SimulatedArr, SimulatedLibrary
from trailarrd.testing.server import API_KEY

if TYPE_CHECKING:
    from pathlib import Path

import json

CHAPTERS = chapters(page("json.md"))


async def lines(folder: Path) -> list[dict[str, object]]:
    """Of items that are new, changed, with and without a year, a path and a trailer; and of an error."""
    movies = SimulatedLibrary(RADARR, size=3, seed=1, roots=("/movies",))
    movies.edit(1, year=0)
    series = SimulatedLibrary(SONARR, size=2, seed=1, roots=("D:\\TV",))
    async with SimulatedArr(movies) as radarr, SimulatedArr(series) as sonarr:
        text = CONFIG.format(folder=folder, radarr=radarr.url, sonarr=sonarr.url, key=API_KEY)
        (folder / "trailarrd.yaml").write_text(text)
        for arr_id in movies.ids:
            place = folder / str(movies.record(arr_id)["path"]).lstrip("/")
            place.mkdir(parents=True)
            (place / (movies.own_file(arr_id) or "x.mkv")).write_bytes(b"x")
        await output(folder, "refresh", "movies")
        trailer = folder / str(movies.record(2)["path"]).lstrip("/") / "a-trailer.mkv"
        trailer.write_bytes(b"x")
        out = await output(folder, "refresh", "movies", "series", "wrong", "--dry-run", "--json")
    return [json.loads(line) for line in out.splitlines()]


async def test_every_field_is_there_with_each_promised_type_and_no_other_is(tmp_path: Path) -> None:
    found = await lines(tmp_path)
    ends = [line for line in found if line["action"] == "end"]
    items = [line for line in found if line["action"] != "end"]
    assert (len(items), len(ends)) == (3, 3)
    for chapter, objects in (("refresh --dry-run --json", items), ("The end of a connection", ends)):
        promised = {plain(name): kind for name, kind, _ in table(CHAPTERS[chapter])}
        for one in objects:
            assert list(one) == list(promised)
            for name, value in one.items():
                assert kind_of(value) in promised[name].split(" or "), name
        met = {name: {kind_of(one[name]) for one in objects} for name in promised}
        unmet = {name: kinds for name, kinds in promised.items() if not met[name] >= set(kinds.split(" or "))}
        assert set(unmet) <= {"year"}


@pytest.mark.parametrize("name", ["added", "changed", "restored", "removed", "held", "released"])
def test_each_action_is_counted_at_the_end(name: str) -> None:
    assert name in {plain(row[0]) for row in table(CHAPTERS["The end of a connection"])}
