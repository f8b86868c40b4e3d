"""Names that people mean as a trailer's, found in the folders of what the last refresh left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import CommandLine, _logging_as_before
from tests.doctor.conftest import facts
from tests.mounts import hung
from trailarrd.doctor.names import NameExamination
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.trailers import STANDARD
from trailarrd.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.doctor.conftest import Doctor
    from trailarrd.doctor import Finding
    from trailarrd.store.folders import ItemFolder

__all__ = ["_logging_as_before"]


@pytest.fixture
async def folder(doctor: Doctor) -> Path:
    """The first of three movies, with its own video; nothing was refreshed yet."""
    movies = doctor.household.movies
    movies.library.edit(1, movieFile={"relativePath": "Alpha (2001).mkv"})
    folder = movies.folder / "Alpha (2001)"
    folder.joinpath("the item itself.mkv").rename(folder / "Alpha (2001).mkv")
    return folder


async def refresh(doctor: Doctor) -> None:
    assert (await CommandLine(doctor.household)("refresh")).code == 0


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


async def test_where_every_name_counts_there_is_nothing_to_tell(doctor: Doctor, folder: Path) -> None:
    assert "trailers-looked-at" not in await doctor()
    put(folder, "Alpha (2001)-trailer.mkv", "Extras/Making of.mkv")
    await refresh(doctor)
    found = await doctor()
    assert facts(found) == {}
    assert found["trailers-looked-at"].fact == "3 of 3 items' folders were looked at"


async def test_what_looks_like_a_trailer_is_told_with_a_name_that_counts(
    doctor: Doctor, folder: Path
) -> None:
    put(folder, "Alpha trailer.mkv", "Extras/Trailers/Tease\x1br.mp4", "Trailers/x.nfo")
    await refresh(doctor)
    found = facts(await doctor())
    assert list(found) == ["trailers-misnamed"]
    place, name = "media servers show no trailers from this folder", "its name does not end like a trailer's"
    better = "as Alpha (2001)-trailer"
    assert found["trailers-misnamed"].splitlines() == [
        "2 files:",
        f"{folder}/Alpha trailer.mkv: {name}; {better}.mkv it would count",
        f"{folder}/Extras/Trailers/Tease\N{REPLACEMENT CHARACTER}r.mp4: {place}; {better}.mp4 it would count",
    ]


async def test_a_title_with_the_word_in_it_says_nothing(doctor: Doctor) -> None:
    series = doctor.household.series
    series.library.edit(1, path="/tv/Trailer Park Boys (2001)")
    show = series.folder / "Trailer Park Boys (2001)"
    put(show, "Season 01/Trailer Park Boys S01E01.mkv", "Season 01/Trailer Park Boys - The Trailer.mkv")
    await refresh(doctor)
    assert facts(await doctor("series")) == {}
    put(show, "Trailer Park Boys trailer.mkv")
    (fact,) = facts(await doctor("series")).values()
    assert fact.endswith("; as Trailers/Trailer Park Boys trailer.mkv it would count")


async def test_a_stray_video_that_hides_a_trailer_is_told_and_the_trailer_counts(
    doctor: Doctor, folder: Path
) -> None:
    put(folder, "Alpha (2001)-trailer.mkv", "Teaser.mkv", "Alpha (2001) - 2160p.mkv")
    await refresh(doctor)
    assert facts(await doctor()) == {"trailers-hidden": f"1 file:\n{folder}/Teaser.mkv"}
    told = await CommandLine(doctor.household)("media", "--connection", "movies", "--json")
    assert {one["title"]: one["trailer"] for one in told.lines}["Alpha"] == "present"


async def test_offline_it_is_looked_for_too_and_not_by_a_daemon_that_starts_nor_in_quiet_hours(
    doctor: Doctor, folder: Path
) -> None:
    put(folder, "Alpha trailer.mkv")
    await refresh(doctor)
    assert list(facts(await doctor(offline=True))) == ["trailers-misnamed"]
    assert facts(await doctor(sparing=True, thorough=False)) == {}
    assert facts(await doctor(quiet=True)) == {}


async def folders_of(doctor: Doctor) -> list[ItemFolder]:
    await refresh(doctor)
    async with Store.open_to_read(doctor.household.database.url) as store:
        return await store.folders("movies")


def judged(*folders: ItemFolder) -> list[Finding]:
    names = NameExamination("movies", STANDARD, 1)
    names.judge(folders)
    return list(names.findings())


async def looked_at(*pages: Sequence[ItemFolder], deadline: float = 1, seconds: float = 10) -> list[Finding]:
    names = NameExamination("movies", STANDARD, deadline, seconds)
    for page in pages:
        await names.look(page)
    return list(names.findings())


async def test_what_is_stored_needs_no_disk(doctor: Doctor, folder: Path) -> None:
    """As 0.1.0 left it: tests/upgrade has its real databases."""
    first, second, _ = await folders_of(doctor)
    (finding,) = judged(
        first._replace(trailer_file="Alpha trailer.mkv"), second._replace(trailer_file="Trailers/x.mkv")
    )
    assert (finding.code.value, finding.level.value) == ("trailers-outdated", "warning")
    assert finding.fact == (
        f"1 file:\n{folder}/Alpha trailer.mkv: its name does not end like a trailer's; "
        "as Alpha (2001)-trailer.mkv it would count"
    )


async def test_what_is_told_as_stored_is_not_told_again(doctor: Doctor, folder: Path) -> None:
    put(folder, "Alpha trailer.mkv")
    first, *_ = await folders_of(doctor)
    found = await looked_at([first._replace(trailer_file="Alpha trailer.mkv")])
    assert [one.code.value for one in found] == ["trailers-looked-at"]


async def test_so_many_are_told_and_how_many_more(doctor: Doctor, folder: Path) -> None:
    put(folder, *(f"Trailer {number}.mkv" for number in range(120)))
    found = await looked_at(await folders_of(doctor))
    lines = found[1].fact.splitlines()
    assert (len(lines), lines[0], lines[-1]) == (102, "120 files:", "and 20 more")


async def test_it_takes_its_time_and_no_more_however_many_pages_there_are(
    doctor: Doctor, tmp_path: Path
) -> None:
    folders = await folders_of(doctor)
    (finding,) = await looked_at(folders, folders, seconds=0)
    assert finding.fact == "0 of 6 items' folders were looked at"
    (tmp_path / "hung").mkdir()
    with hung(tmp_path / "hung") as stuck:
        first = folders[0]._replace(local_path=LocalPath(f"{stuck}/Alpha"))
        (finding,) = await looked_at([first], folders[1:], deadline=0.1, seconds=0.1)
    assert finding.fact == "1 of 3 items' folders were looked at"


async def test_trailers_that_vanish_are_told_without_a_look_and_those_of_older_rules_are_none(
    doctor: Doctor,
) -> None:
    await refresh(doctor)
    when = "'2026-03-01 00:00:00.000000'"
    doctor.household.database.sql(f"UPDATE media SET vanishing_since = {when}, misnamed = (arr_id = 3)")
    finding = (await doctor(sparing=True, thorough=False))["trailers-vanishing"]
    assert (finding.code.value, finding.level.value) == ("trailers-vanishing", "warning")
    assert finding.fact == "2 trailers are not seen any more; which: trailarrd vanished movies"
