"""What downloads need is looked at where they are configured, and nowhere else."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.download.household import ARCHIVE
from trailarrd.config import load
from trailarrd.config.download import DownloadSettings
from trailarrd.doctor.downloads import of_downloads
from trailarrd.doctor.roots import RootCase, RootExamination
from trailarrd.documents.codes import Code
from trailarrd.domain.paths import LocalPath
from trailarrd.plugin import Downloader, Equipment, Lack
from trailarrd.testing.toy import TOY


class _NoOptions:
    options: type[BaseModel] | None = None


async def found(
    folder: Path, installed: dict[str, Downloader], download: str = "{}"
) -> list[tuple[Code, str, str | None]]:
    """What is found of downloads, with that section; an empty one leaves it out."""
    path = folder / "trailarrd.yaml"
    path.write_text(
        f"database: {{url: 'sqlite+aiosqlite:///{folder}/trailarrd.db'}}\n"
        + (f"download: {download}\n" if download else "")
        + "connections: [{name: movies, provider: radarr, url: 'http://h', api_key: k}]\n"
    )
    settings = load(path, providers={"radarr": _NoOptions()}, environ={}, downloaders=installed)
    findings = of_downloads(settings, installed, folder)
    return [(one.code, one.fact, one.advice) async for one in findings]


class Equipped:
    """A downloader that says what it has."""

    def __init__(self, *lacks: Lack, fails: bool = False) -> None:
        self._equipment = Equipment(version="2.1", lacks=lacks)
        self._fails = fails

    async def examine(self) -> Equipment:
        if self._fails:
            raise RuntimeError("no idea")
        return self._equipment

    async def download(self, *_: Any) -> Any:
        raise NotImplementedError


def equipped(*lacks: Lack, fails: bool = False) -> dict[str, Downloader]:
    return {"toy": replace(TOY, build=lambda *_: Equipped(*lacks, fails=fails))}


async def test_without_downloads_nothing_of_them_is_looked_at(tmp_path: Path) -> None:
    assert await found(tmp_path, {"toy": TOY}, "") == []
    assert not (tmp_path / "downloads").exists()


async def test_all_is_well_where_there_is_a_downloader_and_its_tools(tmp_path: Path) -> None:
    codes = [code for code, *_ in await found(tmp_path, {"toy": TOY})]
    assert codes == [Code.DOWNLOADER_OK]


async def test_tools_downloaders_and_a_work_folder_that_are_not_there_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "file").touch()
    told = await found(tmp_path, {}, f"{{work: {tmp_path}/file/work}}")
    assert [code for code, *_ in told] == [Code.DOWNLOAD_TOOLS, Code.DOWNLOAD_WORK, Code.DOWNLOADER_NONE]
    assert told[0][1] == "not found: ffprobe, ffmpeg"


async def test_what_a_downloader_lacks_is_told_with_its_own_advice(tmp_path: Path) -> None:
    old = Lack(fact="it is 90 days old", advice="update it", blocking=False)
    none = Lack(fact="no JavaScript runtime is there", advice="install deno", blocking=True)
    assert await found(tmp_path, equipped(old, none)) == [
        (Code.DOWNLOADER_ADVICE, "toy: it is 90 days old", "update it"),
        (Code.DOWNLOADER_LACKS, "toy: no JavaScript runtime is there", "install deno"),
    ]
    assert await found(tmp_path, equipped(old)) == [
        (Code.DOWNLOADER_OK, "toy: it can be used, with version 2.1", None),
        (Code.DOWNLOADER_ADVICE, "toy: it is 90 days old", "update it"),
    ]
    ((code, fact, _),) = await found(tmp_path, equipped(fails=True))
    assert (code, "no idea" in fact) == (Code.DOWNLOADER_LACKS, True)


async def test_options_that_a_downloader_needs_are_asked_for(tmp_path: Path) -> None:
    ((code, fact, _),) = await found(tmp_path, {"archive": ARCHIVE})
    assert (code, fact) == (
        Code.DOWNLOADER_LACKS,
        "archive: downloader archive needs options: write download.options.archive",
    )
    ((code, *_),) = await found(tmp_path, {"archive": ARCHIVE}, "{options: {archive: {folder: /x}}}")
    assert code is Code.DOWNLOADER_OK


@pytest.mark.parametrize(
    ("mode", "places", "preview", "code"),
    [
        (0o755, True, False, Code.PLACE_OK),
        (0o755, True, True, Code.PLACE_OK),
        (0o755, False, False, None),
        (0o555, True, False, Code.PLACE_FAILED),
        (0o555, True, True, Code.DOWNLOAD_NOT_READY),
    ],
)
async def test_a_file_is_put_into_an_items_folder_and_taken_away(
    tmp_path: Path, mode: int, places: bool, preview: bool, code: Code | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "movies" / "Film"
    folder.mkdir(parents=True)
    if mode == 0o555:  # root may write anywhere

        def refuse(path: str, *_: object, **__: object) -> int:
            raise PermissionError(13, "Permission denied", path)

        monkeypatch.setattr(os, "open", refuse)
    case = RootCase(LocalPath(str(folder.parent)), folders=[LocalPath(str(folder))])
    download = DownloadSettings(preview=preview) if places else None
    examination = RootExamination("movies", [case], (), deadline=5, starts=(), download=download)
    codes = {one.code async for one in examination.findings()}
    monkeypatch.undo()
    assert codes & {Code.PLACE_OK, Code.PLACE_FAILED, Code.DOWNLOAD_NOT_READY} == ({code} if code else set())
    assert list(folder.iterdir()) == []
