"""Small videos of our own, and a library that they come into."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.download.household import Household, household
from tests.once import once
from tests.postgres import DatabaseServer, on_both_engines
from trailarrd.domain.paths import LocalPath
from trailarrd.download.spot import Spot
from trailarrd.testing.site import SimulatedSite

pytest_generate_tests = on_both_engines

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=8:d=4")
_TALL = ("-f", "lavfi", "-i", "testsrc2=s=90x160:r=8:d=4")
_SOUND = ("-f", "lavfi", "-i", "sine=440:d=4")
_NO_SOUND = ("-f", "lavfi", "-i", "anullsrc", "-t", "4")
_CODECS = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "8", "-c:a", "aac")
_CLIPS = {
    "good.mp4": (*_PICTURE, *_SOUND, *_CODECS, "-shortest", "-movflags", "+faststart"),
    "portrait.mp4": (*_TALL, *_SOUND, *_CODECS, "-shortest"),
    "silent.mp4": (*_PICTURE, *_NO_SOUND, *_CODECS),
    "no-sound.mkv": (*_PICTURE, *_CODECS),
}
"""Four seconds each."""


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one of each, made once; a second of one core."""
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        pytest.skip("ffmpeg is not installed")
    return Path(once(tmp_path_factory, "clips", make_clips))


def make_clips(folder: Path) -> str:
    for name, how in _CLIPS.items():
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *how, str(folder / name)]
        subprocess.run(command, check=True, timeout=60)
    whole = (folder / "good.mp4").read_bytes()
    (folder / "truncated.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    (folder / "page.mp4").write_text("<html>Sign in</html>")
    return str(folder)


@pytest.fixture
def server(engine_name: str, request: pytest.FixtureRequest) -> DatabaseServer | None:
    """None: the database is a file."""
    if engine_name == "sqlite":
        return None
    server: DatabaseServer = request.getfixturevalue("postgres")
    server.empty()
    return server


@pytest.fixture
def site(clips: Path) -> Iterator[SimulatedSite]:
    with SimulatedSite(clips) as site:
        yield site


@pytest.fixture
async def home(tmp_path: Path, server: DatabaseServer | None) -> AsyncIterator[Household]:
    """With a film that is wanted, and whose turn has come."""
    async with household(tmp_path, server=server) as home:
        await home.refresh()
        home.now += timedelta(minutes=11)
        yield home


@dataclass(frozen=True)
class Shelf:
    """A root folder with the folder of one movie."""

    root: Path
    folder: Path

    def spot(self, stem: str = "Film (2020)-trailer", inside: str = "") -> Spot:
        return Spot(
            root=LocalPath(str(self.root)), folder=LocalPath(str(self.folder)), inside=inside, stem=stem
        )

    @property
    def seen(self) -> list[str]:
        """What everybody sees there."""
        return [name for name in self.everything if not name.startswith(".")]

    @property
    def everything(self) -> list[str]:
        return sorted(one.name for one in self.folder.iterdir())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    root = tmp_path / "movies"
    folder = root / "Film & $HOME ~ 100% «é» (2020)"
    folder.mkdir(parents=True)
    (folder / "Film (2020).mkv").write_bytes(b"film")
    return Shelf(root, folder)
