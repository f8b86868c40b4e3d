"""Root folders on this host, and where the library is if it is not there; each with its exact words."""

from __future__ import annotations

import grp
import os
import pwd
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.doctor.conftest import facts
from tests.mounts import hung, mounted, read_only, tmpfs
from trailarrd.disk.inspection import whoami
from trailarrd.doctor.roots import RootCase, RootExamination, files_elsewhere
from trailarrd.domain.paths import LocalPath, PathMapping, RemotePath
from trailarrd.domain.roots import RootObservation, RootState
from trailarrd.domain.times import AUTO, TimesPolicy, TrustTimes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doctor.conftest import Doctor
    from trailarrd.doctor import Finding

MAPPING = 'path_mappings: [{{remote: /movies, local: "{}"}}]'


@contextmanager
def another_user(folder: Path) -> Iterator[str]:
    """This process is nobody, who may at least reach the folder; only the superuser can be another."""
    if os.geteuid():
        pytest.skip("only the superuser can be another user")
    for above in [folder, *folder.parents[:-2]]:
        above.chmod(above.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        yield pwd.getpwuid(65534).pw_name
    finally:
        os.seteuid(0)


def remap(doctor: Doctor, local: Path) -> None:
    """What Radarr calls /movies is there, says trailarrd.yaml."""
    doctor.edit(MAPPING.format(doctor.household.movies.folder), MAPPING.format(local))


async def look(
    local: Path, *, deadline: float = 10.0, times: TimesPolicy = AUTO, caught: bool = False
) -> dict[str, Finding]:
    """What is found of a single root folder without any item."""
    root = LocalPath(str(local))
    examination = RootExamination(
        "movies",
        [RootCase(root)],
        [],
        deadline=deadline,
        times=times,
        caught=[root] if caught else [],
        starts=[],
    )
    return {finding.code.value: finding async for finding in examination.findings()}


async def test_a_root_that_is_here_and_holds_the_library_is_told_with_both_names(doctor: Doctor) -> None:
    found = await doctor()
    folder = doctor.household.movies.folder
    assert facts(found) == {}
    assert found["root-ok"].fact.startswith(f"/movies → {folder}: on ")
    assert found["folders-ok"].fact == f"/movies → {folder}: 3 of 3 items' folders are there"


async def test_a_missing_root_is_looked_for_and_the_mapping_is_proposed(doctor: Doctor) -> None:
    home, folder = doctor.household.home, doctor.household.movies.folder
    remap(doctor, home / "wrong" / "films")
    found = await doctor()
    assert facts(found) == {
        "root-missing": (
            f"/movies → {home}/wrong/films: it does not exist; the nearest folder that does is {home}"
        ),
        "mapping-found": f"{folder} holds 3 of 3 folders that the server has in /movies",
    }
    assert found["mapping-found"].paste == (
        f"    path_mappings:\n      - {{remote: /movies, local: {folder}}}"
    )


async def test_the_proposal_makes_it_well_when_it_is_pasted(doctor: Doctor) -> None:
    remap(doctor, doctor.household.home / "wrong")
    paste = (await doctor())["mapping-found"].paste
    assert paste
    doctor.edit("    " + MAPPING.format(doctor.household.home / "wrong"), paste)
    assert facts(await doctor()) == {}


async def test_a_root_that_is_another_folder_is_told_and_the_right_one_proposed(doctor: Doctor) -> None:
    """It is there and not empty; only the items' folders tell."""
    home, folder = doctor.household.home, doctor.household.movies.folder
    remap(doctor, home)
    assert facts(await doctor()) == {
        "folders-elsewhere": f"/movies → {home}: 0 of 3 items' folders are there",
        "mapping-found": f"{folder} holds 3 of 3 folders that the server has in /movies",
    }


async def test_a_windows_root_without_a_mapping_is_looked_for_too(doctor: Doctor) -> None:
    movies = doctor.household.movies
    for arr_id in movies.library.ids:
        name = movies.place(arr_id).name
        movies.library.edit(arr_id, path=f"D:\\Movies\\{name}")
    movies.library.roots[:] = ["D:\\Movies"]
    found = await doctor()
    assert facts(found) == {
        "root-unmapped": "D:\\Movies means nothing on this host",
        "mapping-found": f"{movies.folder} holds 3 of 3 folders that the server has in D:\\Movies",
        "mapping-unused": f"/movies is mapped to {movies.folder}",
    }
    assert found["mapping-found"].paste == (
        "    path_mappings:\n"
        f"      - {{remote: /movies, local: {movies.folder}}}\n"
        f"      - {{remote: 'D:\\Movies', local: {movies.folder}}}"
    )


async def test_mappings_that_are_right_stay_in_the_proposal(doctor: Doctor) -> None:
    home, movies = doctor.household.home, doctor.household.movies
    attic = home / "attic"
    for name in ("Old", "Older"):
        (attic / name).mkdir(parents=True)
        movies.library.add(title=name, year=1950, path=f"/attic/{name}")
    movies.library.roots.append("/attic")
    doctor.edit(
        MAPPING.format(movies.folder),
        f'path_mappings: [{{remote: /movies, local: "{movies.folder}"}}, {{remote: /attic, local: /no}}]',
    )
    assert (await doctor())["mapping-found"].paste == (
        "    path_mappings:\n"
        f"      - {{remote: /movies, local: {movies.folder}}}\n"
        f"      - {{remote: /attic, local: {attic}}}"
    )


async def test_what_is_nowhere_is_not_proposed(doctor: Doctor) -> None:
    movies = doctor.household.movies
    remap(doctor, doctor.household.home / "wrong")
    for arr_id in movies.library.ids:
        movies.library.edit(arr_id, path=f"/movies/Nowhere to be found {arr_id}")
    assert list(facts(await doctor())) == ["root-missing"]


async def test_an_empty_root_says_whether_anything_is_mounted_there(tmp_path: Path) -> None:
    assert facts(await look(tmp_path)) == {"root-empty": f"{tmp_path}: it is empty (no mount point)"}
    with tmpfs(tmp_path):
        assert facts(await look(tmp_path)) == {"root-empty": f"{tmp_path}: it is empty (a mount point)"}


async def test_a_mount_point_is_told_with_its_file_system(tmp_path: Path) -> None:
    with tmpfs(tmp_path):
        (tmp_path / "Heat").mkdir()
        assert (await look(tmp_path))["root-ok"].fact == f"{tmp_path}: a mount point, tmpfs at {tmp_path}"


@pytest.mark.parametrize(
    ("kind", "said", "caught", "why"),
    [
        ("tmpfs", AUTO, False, None),
        ("ramfs", AUTO, False, "ramfs does not promise them"),
        ("tmpfs", AUTO, True, "they were caught lying"),
        ("tmpfs", TimesPolicy(TrustTimes.NEVER), False, "disk.trust_times says so"),
        ("ramfs", TimesPolicy(TrustTimes.ALWAYS), True, None),
    ],
)
async def test_a_root_whose_folder_times_are_not_trusted_is_told_with_the_reason(
    tmp_path: Path, kind: str, said: TimesPolicy, caught: bool, why: str | None
) -> None:
    with mounted(kind, tmp_path):
        (tmp_path / "Heat").mkdir()
        found = (await look(tmp_path, times=said, caught=caught)).get("times-not-trusted")
    assert (found and found.fact) == (why and f"{tmp_path}: {why}")


async def test_a_file_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "film.mkv").touch()
    found = facts(await look(tmp_path / "film.mkv"))
    assert found == {"root-not-a-directory": f"{tmp_path}/film.mkv: it is not a directory"}


async def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """By no file system: its name is too long."""
    path = tmp_path / ("x" * 300)
    assert facts(await look(path)) == {
        "root-unreadable": f"{path}: it cannot be read: permission denied, or the disk or share is in trouble"
    }


def test_who_asks_is_told_with_all_groups() -> None:
    assert whoami().startswith(f"user {pwd.getpwuid(os.geteuid()).pw_name}, groups ")
    assert grp.getgrgid(os.getegid()).gr_name in whoami()


async def test_a_root_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    with hung(tmp_path):
        found = facts(await look(tmp_path, deadline=0.05))
    assert found == {
        "root-timed-out": f"{tmp_path}: it does not answer in time, as a share does whose server is gone"
    }


async def test_a_root_that_may_not_be_written_is_only_warned_of(tmp_path: Path) -> None:
    (tmp_path / "Heat").mkdir()
    with read_only(tmp_path):
        found = await look(tmp_path)
    assert list(facts(found)) == ["root-not-writable"]
    assert "root-ok" in found


async def test_a_server_without_root_folders_is_warned_of(doctor: Doctor) -> None:
    doctor.household.movies.library.roots.clear()
    assert facts(await doctor()) == {"roots-none": "Radarr has no root folder"}


async def test_too_few_items_prove_nothing(doctor: Doctor) -> None:
    """Folders of two new films may simply not be made yet."""
    movies = doctor.household.movies
    movies.library.delete(1)
    for arr_id in (2, 3):
        movies.place(arr_id).rename(movies.folder / f"elsewhere {arr_id}")
    found = await doctor()
    assert facts(found) == {}
    assert found["folders-none"].fact == f"/movies → {movies.folder}: 0 of 2 items' folders are there"


async def test_a_mapping_that_fits_nothing_is_warned_of(doctor: Doctor) -> None:
    doctor.edit("path_mappings: [", 'path_mappings: [{remote: /Movies, local: "/mnt/x"}, ', 1)
    assert facts(await doctor()) == {"mapping-unused": "/Movies is mapped to /mnt/x"}


async def test_a_mapping_that_is_hidden_by_a_longer_one_is_warned_of(doctor: Doctor) -> None:
    doctor.edit("path_mappings: [", 'path_mappings: [{remote: "/", local: "/mnt/x"}, ', 1)
    said = {"mapping-hidden": "/ is mapped to /mnt/x, but /movies comes first"}
    assert facts(await doctor()) == said
    doctor.household.movies.library.roots.append("/elsewhere")
    assert "mapping-hidden" not in await doctor()


async def test_a_mapping_of_a_folder_within_a_root_folder_hides_nothing(doctor: Doctor) -> None:
    doctor.edit("path_mappings: [", 'path_mappings: [{remote: "/movies/kids", local: "/mnt/x"}, ', 1)
    assert facts(await doctor()) == {}


async def test_offline_no_server_is_asked_and_the_mappings_are_looked_at(doctor: Doctor) -> None:
    remap(doctor, doctor.household.home / "wrong")
    found = facts(await doctor(offline=True))
    assert list(found) == ["root-missing"]
    assert doctor.household.movies.server.requests == []


async def test_a_folder_that_is_closed_to_this_user_is_told_with_its_owner_and_with_who_asks(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "Heat").mkdir()
    with another_user(tmp_path) as name:
        fact = facts(await look(closed))["root-unreadable"]
    assert fact.startswith(f"{closed}: it cannot be read: root:root, mode 0700; user {name}, groups ")


async def test_in_quiet_hours_the_disks_are_left_alone(doctor: Doctor) -> None:
    remap(doctor, doctor.household.home / "wrong")
    found = await doctor(quiet=True)
    assert facts(found) == {}
    assert found["root-quiet"].fact == "1 root folders are not looked at now"


def test_what_the_last_refresh_saw_of_the_items_own_files_is_told() -> None:
    """Many of a root folder with the mapping that fits, few as a warning, none not at all."""
    wrong = PathMapping(RemotePath("/movies"), LocalPath("/mnt"))
    fits = PathMapping(RemotePath("/movies"), LocalPath("/mnt/films"))
    root = RootObservation(path=LocalPath("/mnt"), state=RootState.OK, with_file=96)
    roots = [
        replace(root, contradicted=35, fits=fits),
        replace(root, contradicted=35),
        replace(root, contradicted=3),
    ]
    many, unknown, few = files_elsewhere("movies", [*roots, root], [wrong])
    fact = "/mnt, at the last refresh: 35 of 96 items' folders do not show the files that the server has"
    told = (
        "the folders are not where the path mapping says; this one fits: {remote: /movies, local: /mnt/films}"
    )
    assert (many.code, many.fact) == ("files-elsewhere", f"{fact}: {told}")
    assert many.paste == "    path_mappings:\n      - {remote: /movies, local: /mnt/films}"
    assert (unknown.fact, unknown.paste) == (f"{fact}: is a disk away, or is the path mapping wrong?", None)
    assert (few.code, few.fact) == ("files-missing", "/mnt, at the last refresh: 3 of 96 items' folders")
