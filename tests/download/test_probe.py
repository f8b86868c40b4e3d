"""Whether a video is a trailer: real files, as ffprobe and ffmpeg see them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from trailarrd.domain.failure import Failure
from trailarrd.domain.video import Limits, Video, is_other_than_told, judge
from trailarrd.download.probe import ProbeError, probe

FINE = Video(duration=90, last_picture=89.9, width=1920, height=1080, last_sound=89, mean_volume=-20)
LONGEST = Limits().longest


async def test_what_goes_on_beyond_what_is_allowed_is_not_read_to_its_end(clips: Path) -> None:
    seen = await probe(clips / "good.mp4", timedelta(seconds=-58))
    assert (seen.duration, seen.last_sound and seen.last_sound < 3) == (4, True)


async def test_a_playlist_does_not_lead_to_other_places(tmp_path: Path, clips: Path) -> None:
    playlist = tmp_path / "video.mp4"
    playlist.write_text(f"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:9/{clips}/good.mp4\n#EXT-X-ENDLIST\n")
    with pytest.raises(ProbeError):
        await probe(playlist, LONGEST)


async def test_tools_that_are_not_there_are_the_users_to_install(
    clips: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProbeError, match="ffprobe cannot be run") as caught:
        await probe(clips / "good.mp4", LONGEST)
    assert caught.value.failure is Failure.TOOLS


async def test_a_tool_that_hangs_is_killed_with_all_that_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "ffprobe"
    tool.write_text(f"#!/bin/sh\n/bin/sleep 60 & echo $! >{tmp_path}/child; wait\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProbeError) as caught:
        await probe(tmp_path / "video.mp4", LONGEST, patience=0.3)
    assert caught.value.failure is Failure.TOO_SLOW
    child = int((tmp_path / "child").read_text())
    async with asyncio.timeout(2):  # the system may be busy
        while not is_over(child):
            await asyncio.sleep(0.01)


def is_over(process: int) -> bool:
    """Whether it has ended, also if nobody has taken note of it yet."""
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.parametrize(
    ("video", "failure"),
    [
        (FINE, None),
        (Video(duration=90, last_picture=90, has_picture=False), Failure.NO_PICTURE),
        (Video(duration=5, last_picture=5, width=2, height=1), Failure.TOO_SHORT),
        (Video(duration=29, last_picture=29, width=2, height=1), Failure.TOO_SHORT),
        (Video(duration=301, last_picture=301, width=2, height=1), Failure.TOO_LONG),
        (Video(duration=0, last_picture=0, width=2, height=1), Failure.TOO_SHORT),
        (Video(duration=90, last_picture=87.4, width=2, height=1), None),
        (Video(duration=90, last_picture=87.2, width=2, height=1), Failure.NOT_WHOLE),
        (Video(duration=90, last_picture=90, width=1, height=1), None),
        (Video(duration=90, last_picture=90, last_sound=73, width=2, height=1), None),
        (Video(duration=90, last_picture=90, last_sound=71, width=2, height=1), Failure.NOT_WHOLE),
    ],
)
def test_the_bounds(video: Video, failure: Failure | None) -> None:
    defect = judge(video, Limits())
    assert (defect and defect.failure) is failure


@pytest.mark.parametrize(
    ("told", "is_other"), [(None, False), (0, False), (90, False), (65, False), (64, True), (151, True)]
)
def test_another_length_than_the_site_told_is_noticed(told: float | None, is_other: bool) -> None:
    assert is_other_than_told(FINE, told) is is_other
