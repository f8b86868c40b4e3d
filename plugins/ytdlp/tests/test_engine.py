"""How yt-dlp is kept current: beside what is there, tried before it counts, with one step back."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from tests.depth import IS_DEEP
from trailarrd.plugin import TransferRejectedError, TransferUnavailableError
from trailarrd_ytdlp.engine import Engines
from trailarrd_ytdlp.options import Upkeep

ONLY_DEEP = pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: pip takes seconds")
GOOD = """
class YoutubeDL:
    def __init__(self, asked): ...
    def process_ie_result(self, info, download): return {"format_id": "sd"}
from yt_dlp import version
"""


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    return Engines(tmp_path / "state", None)


def installed(engines: Engines, version: str) -> str:
    """As after pip: a folder with that version in it, which then counts."""
    new = engines._folder / ".new"
    (new / "yt_dlp").mkdir(parents=True)
    return engines._adopt(new, version)


def folders(engines: Engines) -> list[str]:
    return sorted(path.name for path in engines._folder.iterdir())


def test_the_newest_counts_with_the_day_on_which_it_came_out(engines: Engines) -> None:
    assert installed(engines, "2099.2.3") == "2099.2.3"
    best = engines.best()
    assert best
    assert (best.version, best.released) == ("2099.2.3", date(2099, 2, 3))
    assert best.folder == engines._folder / "2099.2.3"


def test_what_an_image_brings_counts_if_it_is_newer_than_what_was_installed_since(engines: Engines) -> None:
    before = engines.best()
    installed(engines, "2001.1.1")
    if before is None:
        assert engines.best() is not None
    else:
        assert engines.best() == before


def test_one_step_back_is_kept_and_no_more(engines: Engines) -> None:
    for version in ("2099.1.1", "2099.2.2", "2099.3.3"):
        installed(engines, version)
    assert folders(engines) == ["2099.2.2", "2099.3.3", "current", "previous"]
    assert engines.rollback() == "2099.2.2"
    assert folders(engines) == ["2099.2.2", "current"]
    if of_environment := engines._installed():
        assert engines.rollback() == of_environment.version
        assert folders(engines) == []
    with pytest.raises(TransferRejectedError, match="nothing to go back to"):
        engines.rollback()


def test_the_same_version_again_changes_nothing(engines: Engines) -> None:
    installed(engines, "2099.1.1")
    (engines._folder / ".new" / "yt_dlp").mkdir(parents=True)
    assert engines._adopt(engines._folder / ".new", "2099.1.1") == "2099.1.1"
    assert "previous" not in folders(engines)


def test_a_link_that_leads_elsewhere_is_no_engine(engines: Engines, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "yt_dlp").mkdir(parents=True)
    engines._folder.mkdir(parents=True)
    (engines._folder / "current").symlink_to(tmp_path / "elsewhere")
    assert engines._linked("current") is None


async def test_off_asks_nobody(engines: Engines) -> None:
    moved: list[bool] = []
    await engines.keep(Upkeep.OFF, lambda: moved.append(True))
    assert not moved
    assert not engines._notes.exists()


def wheel(folder: Path, version: str, source: str = GOOD) -> None:
    """A yt-dlp of our own, as an index would have it."""
    name = f"yt_dlp-{version}"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as file:
        file.writestr("yt_dlp/__init__.py", source)
        file.writestr("yt_dlp/version.py", f"__version__ = {version!r}\n")
        metadata = f"Metadata-Version: 2.1\nName: yt-dlp\nVersion: {version}\nProvides-Extra: default\n"
        file.writestr(f"{name}.dist-info/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        file.writestr(f"{name}.dist-info/WHEEL", tags)
        file.writestr(f"{name}.dist-info/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip looks, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.mark.deep
@ONLY_DEEP
async def test_pip_brings_a_newer_one_that_is_tried_before_it_counts(engines: Engines, index: Path) -> None:
    wheel(index, "2099.1.1")
    assert await engines.update() == "2099.1.1"
    wheel(index, "2099.2.2", source="raise ImportError('half a release')")
    with pytest.raises(TransferUnavailableError, match="half a release"):
        await engines.update()
    best = engines.best()
    assert best
    assert best.version == "2099.1.1"
    assert folders(engines) == ["2099.1.1", "current"]


@pytest.mark.deep
@ONLY_DEEP
async def test_once_a_week_it_asks_or_updates_as_the_user_wants(engines: Engines, index: Path) -> None:
    wheel(index, "2099.1.1")
    await engines.keep(Upkeep.CHECK, lambda: None)
    assert engines.newest_known == "2099.1.1"
    assert not engines._folder.exists()
    wheel(index, "2099.2.2")
    await engines.keep(Upkeep.WEEKLY, lambda: None)
    assert engines.newest_known == "2099.1.1", "it was asked just now"
    engines._notes.unlink()
    await engines.keep(Upkeep.WEEKLY, lambda: None)
    best = engines.best()
    assert best
    assert best.version == "2099.2.2"
