"""Every file of an item with its verdict: it and the look of a refresh never disagree."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from trailarrd.disk.inspection import Survey, survey
from trailarrd.disk.roots import Roots
from trailarrd.disk.view import DiskView
from trailarrd.domain.media import Media
from trailarrd.domain.paths import LocalPath, RemotePath
from trailarrd.domain.plan import Item, Match
from trailarrd.domain.trailers import TrailerRules

FOLDERS = st.sampled_from(["", "Trailers/", "trailers/", "Extras/Trailers/", "Extras/", "Season 01/", ".x/"])
NAMES = st.sampled_from(
    [
        *("Heat.mkv", "Heat-trailer.mkv", "trailer.mp4", "Teaser.webm", "b-TRAILER2.mkv", "trailer.jpg"),
        *("Heat trailer.mkv.part", "._a-trailer.mkv", "Trailer Park.mkv", "a_trailer.avi"),
    ]
)
FILES = st.dictionaries(st.tuples(FOLDERS, NAMES).map("".join), st.sampled_from([b"", b"x"]), max_size=8)


def furnish(root: str, files: dict[str, bytes]) -> LocalPath:
    """An item's folder with these files."""
    folder = Path(root, "Heat")
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return LocalPath(str(folder))


@given(files=FILES, main_file=st.none() | NAMES)
async def test_the_first_that_counts_is_the_one_that_a_refresh_reports(
    files: dict[str, bytes], main_file: str | None
) -> None:
    with tempfile.TemporaryDirectory() as root:
        local, rules = furnish(root, files), TrailerRules()
        view = DiskView(Roots(), trailers=rules)
        path = RemotePath("/movies/Heat")
        media = Media(arr_id=1, title="Heat", path=path, monitored_remotely=True, main_file=main_file)
        (seen,) = await view.look([Match(Item(media, local), b"")])
        told = survey(local, LocalPath(root), rules, main_file)
    assert seen
    assert (told.counting[0].path if told.counting else None) == seen.file
    assert not {one.path for one in told.counting} & {one.path for one in told.near}


def test_what_nearly_counts_is_told_with_its_reason(tmp_path: Path) -> None:
    for name in ("Trailer/Teaser.mkv", "x-trailer.nfo", "Heat.mkv", "Trailers/old/deep.mkv"):
        (tmp_path / "Heat" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "Heat" / name).write_bytes(b"x")
    (tmp_path / "Heat" / "lost-trailer.mkv").symlink_to("nowhere")
    told = survey(LocalPath(f"{tmp_path}/Heat"), LocalPath(str(tmp_path)), TrailerRules(), None)
    assert told.counting == ()
    assert [(one.path, one.verdict.value) for one in told.near] == [
        ("Trailer/Teaser.mkv", "other-folder"),
        ("Trailers/old/deep.mkv", "other-folder"),
        ("lost-trailer.mkv", "not-a-file"),
        ("x-trailer.nfo", "not-a-video"),
    ]


def test_several_get_a_name_each_and_none_that_is_taken(tmp_path: Path) -> None:
    for name in ("Heat.mkv", "HEAT-TRAILER.MKV", "Trailer/Teaser.mkv", "official trailer.mkv"):
        (tmp_path / "Heat" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "Heat" / name).write_bytes(b"x")
    told = survey(LocalPath(f"{tmp_path}/Heat"), LocalPath(str(tmp_path)), TrailerRules(), "Heat.mkv")
    assert [(one.path, one.better_name) for one in told.near] == [
        ("Trailer/Teaser.mkv", "Heat-trailer2.mkv"),
        ("official trailer.mkv", "Heat-trailer3.mkv"),
    ]
    assert told.hiding == ("official trailer.mkv",)


def test_a_folder_that_is_not_there_has_nothing_to_tell(tmp_path: Path) -> None:
    told = survey(LocalPath(f"{tmp_path}/none"), LocalPath(str(tmp_path)), TrailerRules(), None)
    assert told == Survey()
