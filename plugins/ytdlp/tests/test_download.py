"""yt-dlp itself, with ffmpeg, on a site on 127.0.0.1: what comes, and what does not."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugins.ytdlp.tests.bringer import Bringer
from tests.depth import IS_DEEP
from trailarrd.plugin import (
    Barrier,
    Quality,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferRejectedError,
    TransferResponseError,
    TransferUnavailableError,
)
from trailarrd.testing.contract.download.stopping import descendants
from trailarrd_ytdlp.process import Clocks

if TYPE_CHECKING:
    from trailarrd.testing import SimulatedSite

pytest.importorskip("yt_dlp", reason="yt-dlp is not installed: .ci/run installs it")
ONLY_DEEP = pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: recorded lines show the same")


def codecs_of(file: Path) -> list[str]:
    shown = ("ffprobe", "-v", "error", "-of", "json", "-show_streams", str(file))
    streams = json.loads(subprocess.run(shown, capture_output=True, check=True).stdout)["streams"]
    return sorted(stream["codec_name"] for stream in streams)


async def test_picture_and_sound_that_come_apart_are_put_together_and_not_converted(
    site: SimulatedSite, bring: Bringer
) -> None:
    brought = await bring(f"{site.url}/hls/master.m3u8")
    assert [file.name for file in bring.at.iterdir()] == [brought.file] == ["video.mp4"]
    assert codecs_of(bring.at / brought.file) == ["aac", "h264"]
    steps = [one.step for one in bring.told]
    assert {"looking", "downloading", "downloading sound", "merging"} <= set(steps)


async def test_a_stream_that_has_no_end_is_refused_before_it_is_read(
    site: SimulatedSite, bring: Bringer
) -> None:
    with pytest.raises(TransferRefusedError, match="live") as refused:
        await bring(f"{site.url}/live/master.m3u8")
    assert refused.value.because is Barrier.LIVE
    assert not [path for path in site.asked if path.endswith(".ts")]


async def test_what_stands_still_is_given_up_by_its_own_clock(site: SimulatedSite, bring: Bringer) -> None:
    begun = time.monotonic()
    with pytest.raises(TransferUnavailableError, match=r"nothing has moved for 1 s"):
        await bring(f"{site.url}/stall/good.mp4", clocks=Clocks(stall=1))
    assert time.monotonic() - begun < 15


async def test_a_private_host_is_not_even_asked(site: SimulatedSite, bring: Bringer) -> None:
    with pytest.raises(TransferRefusedError) as refused:
        await bring(f"{site.url}/good.mp4", public_only=True)
    assert refused.value.because is Barrier.PRIVATE_ADDRESS
    assert site.asked == []


async def test_cookies_of_another_shape_are_told_with_what_to_do(site: SimulatedSite, bring: Bringer) -> None:
    with pytest.raises(TransferRejectedError, match="export the cookies anew"):
        await bring(f"{site.url}/good.mp4", cookies='[{"name": "SID", "value": "hush"}]')


async def test_a_missing_video_is_gone_and_its_address_is_said_without_secrets(
    site: SimulatedSite, bring: Bringer
) -> None:
    proxy = site.url.replace("//", "//user:hush@")
    with pytest.raises(TransferGoneError) as gone:
        await bring("http://one.example/404/good.mp4", proxy=proxy)
    assert "hush" not in f"{gone.value}{gone.value.__cause__!r}"


REAL = [
    ("page.html", TransferResponseError, False),
    pytest.param("cut/good.mp4", TransferUnavailableError, False, marks=[pytest.mark.deep, ONLY_DEEP]),
    pytest.param("503/good.mp4", TransferUnavailableError, False, marks=[pytest.mark.deep, ONLY_DEEP]),
    pytest.param("429/good.mp4", TransferUnavailableError, True, marks=[pytest.mark.deep, ONLY_DEEP]),
]


@pytest.mark.parametrize(("path", "means", "site_wide"), REAL, ids=["page", "cut", "503", "429"])
async def test_what_a_site_does_comes_out_as_its_class_and_leaves_no_video(
    site: SimulatedSite, bring: Bringer, path: str, means: type[TransferError], site_wide: bool
) -> None:
    with pytest.raises(means) as raised:
        await bring(f"{site.url}/{path}")
    assert getattr(raised.value, "site_wide", False) is site_wide
    assert str(raised.value).startswith("yt-dlp says: ")


@pytest.mark.deep
@ONLY_DEEP
async def test_a_video_without_a_length_comes_whole_or_is_too_large(
    site: SimulatedSite, bring: Bringer, videos: Path, tmp_path: Path
) -> None:
    brought = await bring(f"{site.url}/nolen/good.mp4")
    assert (bring.at / brought.file).read_bytes() == (videos / "good.mp4").read_bytes()
    with pytest.raises(TransferRefusedError) as refused:
        await Bringer(tmp_path / "other")(
            f"{site.url}/endless/good.mp4", quality=Quality(height=1080, max_bytes=1 << 20)
        )
    assert refused.value.because is Barrier.SIZE


@pytest.mark.deep
@ONLY_DEEP
async def test_it_takes_too_long_in_all(site: SimulatedSite, bring: Bringer) -> None:
    with pytest.raises(TransferUnavailableError, match="not done in 2 s"):
        await bring(f"{site.url}/slow/good.mp4", clocks=Clocks(limit=2))


async def test_a_stop_has_ended_the_process_within_a_tenth_of_a_second(
    site: SimulatedSite, bring: Bringer
) -> None:
    before = descendants(os.getpid())
    task = asyncio.ensure_future(bring(f"{site.url}/stall/good.mp4"))
    while not any(told.done for told in bring.told):  # noqa: ASYNC110  # as soon as it is
        await asyncio.sleep(0.01)
    children = descendants(os.getpid()) - before
    begun = time.monotonic()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert children
    assert not children & descendants(os.getpid())
    assert time.monotonic() - begun < (0.1 if IS_DEEP else 1)


def test_cancelling_at_once_leaves_no_child(site: SimulatedSite, bring: Bringer) -> None:
    """Before the child is even there."""

    async def cancelled() -> None:
        task = asyncio.ensure_future(bring(f"{site.url}/good.mp4"))
        while not os.path.exists(bring.at / ".home"):  # noqa: ASYNC110, ASYNC240, PTH110  # as soon as it is
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert site.asked == []
