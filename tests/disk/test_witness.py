"""What shows that a folder holds the item's own file: its name in every spelling, or what is nothing else."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.disk.items import make_item
from tests.disk.visitor import Visitor
from trailarrd.disk.folder import LookRequest
from trailarrd.disk.roots import Roots
from trailarrd.disk.scanner import Scanner
from trailarrd.disk.trust import RootTrust
from trailarrd.domain.paths import LocalPath
from trailarrd.domain.trailers import STANDARD, TrailerRules

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from tests.disk.conftest import Disk
    from trailarrd.domain.plan import Observation

Form: TypeAlias = "Literal['NFC', 'NFD']"

MUSIC = TrailerRules(
    stems=frozenset(),
    suffixes=(),
    folders=(("trailers",), ("music videos",)),
    own_extensions=frozenset({"flac", "mp3"}),
)


def asked(folder: Path, main_file: str | None = None, *, has_file: bool = True) -> LookRequest:
    root = LocalPath(str(folder.parent))
    return LookRequest(LocalPath(str(folder)), main_file, root, has_file=has_file)


async def look(request: LookRequest, rules: TrailerRules = STANDARD) -> Observation:
    (seen,) = await Scanner(RootTrust(Roots(deadline=30)), rules=rules).look([request])
    assert seen is not None
    return seen


async def test_a_file_of_the_reported_name_is_seen(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv")
    assert (await look(asked(folder, "Heat.mkv"))).own_file is True


@pytest.mark.parametrize("there", ["Heat.mp4", "heat 2.mkv", "Heat-trailer.mkv", "Heat.mkv.part"])
async def test_a_file_of_another_name_is_not(tmp_path: Path, there: str) -> None:
    folder = make_item(tmp_path / "Heat", there)
    assert (await look(asked(folder, "Heat.mkv"))).own_file is False


@pytest.mark.parametrize("disk_form", ["NFC", "NFD"])
@pytest.mark.parametrize("server_form", ["NFC", "NFD"])
async def test_whichever_way_its_accents_are_spelled(
    tmp_path: Path, disk_form: Form, server_form: Form
) -> None:
    folder = make_item(tmp_path / "Amélie", unicodedata.normalize(disk_form, "Amélie.mkv"))
    assert (await look(asked(folder, unicodedata.normalize(server_form, "Amélie.mkv")))).own_file is True


async def test_a_link_that_leads_nowhere_just_now_is_there(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat")
    (folder / "Heat.mkv").symlink_to(tmp_path / "pool" / "offline.mkv")
    assert (await look(asked(folder, "Heat.mkv"))).own_file is True


@pytest.mark.parametrize("main_file", ["sub/Heat.mkv", "BDMV/index.bdmv", "Heat/VIDEO_TS/VIDEO_TS.IFO"])
async def test_a_file_in_a_folder_within_is_seen_there_and_nowhere_else(
    tmp_path: Path, main_file: str
) -> None:
    folder = make_item(tmp_path / "Heat", main_file)
    assert (await look(asked(folder, main_file))).own_file is True
    elsewhere = make_item(tmp_path / "Alien", main_file.rpartition("/")[2])
    assert (await look(asked(elsewhere, main_file))).own_file is False


async def test_a_folder_that_is_not_there_shows_nothing(tmp_path: Path) -> None:
    make_item(tmp_path / "another")
    seen = await look(asked(tmp_path / "Heat", "Heat.mkv"))
    assert (seen.trailer, seen.own_file) == ("absent", False)


async def test_what_the_server_does_not_claim_to_have_is_not_asked_for(tmp_path: Path) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv")
    assert (await look(asked(folder, "Heat.mkv", has_file=False))).own_file is None


async def test_a_folder_that_cannot_be_listed_tells_nothing(tmp_path: Path, disk: Disk) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv")
    disk.fail(folder, 13)
    trust = RootTrust(Roots(deadline=30, scandir=disk.scandir))
    (seen,) = await Scanner(trust).look([asked(folder, "Heat.mkv")])
    assert seen is not None
    assert (seen.trailer, seen.own_file) == ("unknown", None)


@pytest.mark.parametrize(
    "there",
    [
        *("Show S01E01.mkv", "Show.strm", "S01E01-trailer 2.mkv"),
        *("Season 01/Show S01E01.mkv", "Specials/x", "Staffel 2/x"),
    ],
)
async def test_where_no_name_is_told_any_video_or_folder_of_its_own_will_do(
    tmp_path: Path, there: str
) -> None:
    folder = make_item(tmp_path / "Show", there)
    assert (await look(asked(folder))).own_file is True


@pytest.mark.parametrize(
    "there",
    [
        *("poster.jpg", "tvshow.nfo", "Show-trailer.mkv", "trailer.mp4", "sample.mkv", ".Show.mkv"),
        *("Trailers/Official.mkv", "Extras/x.mkv", "Featurettes/x.mkv", "Subs/en.srt", "extrafanart/1.jpg"),
        *(".actors/A.jpg", "@eaDir/x.mkv", "Show.temp.mkv", "Show.mkv.part"),
    ],
)
async def test_what_lies_there_without_the_items_own_files_too_shows_nothing(
    tmp_path: Path, there: str
) -> None:
    folder = make_item(tmp_path / "Show", there)
    assert (await look(asked(folder))).own_file is False


async def test_of_music_it_is_sound(tmp_path: Path) -> None:
    flat = make_item(tmp_path / "The Slow Tides", "01 Low Water.flac")
    albums = make_item(tmp_path / "Harbour", "First/01.mp3")
    videos = make_item(tmp_path / "Lamp", "Music Videos/Song.mkv", "interview.mkv")
    seen = [(await look(asked(folder), MUSIC)).own_file for folder in (flat, albums, videos)]
    assert seen == [True, True, False]


class Owner(Visitor):
    """One who asks for the item's own file, too."""

    has_file = True

    def __init__(self, folder: Path, disk: Disk, main_file: str) -> None:
        super().__init__(folder, disk)
        self.main_file = main_file


async def test_a_folder_that_is_as_it_was_is_asked_once_and_its_own_file_with_it(
    tmp_path: Path, disk: Disk
) -> None:
    folder = make_item(tmp_path / "Heat", "Heat.mkv")
    owner = Owner(folder, disk, "Heat.mkv")
    await owner.look()
    assert await owner.look() is None
    assert disk.asked[str(folder)] == 1


async def test_the_own_file_of_a_disc_that_no_signature_stands_for_is_asked_for(
    tmp_path: Path, disk: Disk
) -> None:
    folder = make_item(tmp_path / "Heat", "BDMV/index.bdmv")
    owner = Owner(folder, disk, "BDMV/index.bdmv")
    await owner.look()
    assert await owner.look() is None
    (folder / "BDMV" / "index.bdmv").unlink()
    seen = await owner.look()
    assert seen is not None
    assert seen.own_file is False


async def test_a_folder_without_the_own_file_is_listed_each_time(tmp_path: Path, disk: Disk) -> None:
    owner = Owner(make_item(tmp_path / "Heat", "another.mkv"), disk, "Heat.mkv")
    for _ in range(2):
        seen = await owner.look()
        assert seen is not None
        assert (seen.own_file, seen.signature) == (False, b"")
