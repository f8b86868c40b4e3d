"""Videos of our own, made by ffmpeg in half a second, and yt-dlp with recorded answers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugins.ytdlp.tests.bringer import Bringer
from trailarrd.testing import SimulatedSite

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=12:d=4")
SOUND = ("-f", "lavfi", "-i", "sine=440:d=4")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "12", "-c:a", "aac")
APART = ("-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-master_pl_name", "master.m3u8")


def ffmpeg(*words: str, at: Path) -> None:
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *words]
    subprocess.run(command, cwd=at, check=True)


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`good.mp4`; `hls/` with picture and sound apart; `live/`, which has no end."""
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is not installed: .ci/run installs it")
    folder = tmp_path_factory.mktemp("videos")
    (folder / "hls").mkdir()
    ffmpeg(*PICTURE, *SOUND, *H264, "-shortest", "-movflags", "+faststart", "good.mp4", at=folder)
    streams = ("-map", "0:v", "-map", "1:a", "-var_stream_map", "v:0,agroup:a a:0,agroup:a")
    ffmpeg(*PICTURE, *SOUND, *streams, *H264, *APART, "hls/s%v.m3u8", at=folder)
    shutil.copytree(folder / "hls", folder / "live")
    for playlist in (folder / "live").glob("s?.m3u8"):
        text = playlist.read_text().replace("#EXT-X-ENDLIST\n", "").replace("#EXT-X-PLAYLIST-TYPE:VOD\n", "")
        playlist.write_text(text)
    (folder / "page.html").write_text("<html><title>Log in</title></html>")
    return folder


@pytest.fixture
def site(videos: Path) -> Iterator[SimulatedSite]:
    with SimulatedSite(videos) as site:
        yield site


@pytest.fixture
def bring(tmp_path: Path) -> Bringer:
    return Bringer(tmp_path / "job")
