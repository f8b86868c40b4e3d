"""What a site answers, through yt-dlp itself: every class of trouble, and that nothing is left of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from plugins.ytdlp.tests.recorded import LINES, Line
from tests.depth import IS_DEEP
from trailarrd.plugin import (
    Barrier,
    TransferError,
    TransferRefusedError,
    TransferRejectedError,
    TransferUnavailableError,
)
from trailarrd_ytdlp import equipment

if TYPE_CHECKING:
    from plugins.ytdlp.tests.bringer import Bringer
    from trailarrd.testing import SimulatedSite

yt_dlp = pytest.importorskip("yt_dlp", reason="yt-dlp is not installed: .ci/run installs it")
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not IS_DEEP, reason="only in ./dev deep: recorded lines show the same"),
]
SAID = {name: line for name, line in LINES.items() if line.cause == "ExtractorError" and "ffmpeg" not in name}
IMAGE = {
    "url": "http://127.0.0.1/x.jpg",
    "format_id": "sb0",
    "ext": "mhtml",
    "vcodec": "none",
    "acodec": "none",
}


def answers(bring: Bringer, recorded: dict[str, Any]) -> None:
    """Give yt-dlp a site with these answers, as an engine of its own."""
    engine = bring.at.parent / "state" / "engine"
    plugin = engine / "2099.1.1" / "yt_dlp_plugins" / "extractor"
    plugin.mkdir(parents=True)
    (engine / "current").symlink_to("2099.1.1")
    (engine / "2099.1.1" / "yt_dlp").symlink_to(Path(yt_dlp.__file__).parent)
    shutil.copy(Path(__file__).with_name("extractor.py"), plugin / "recorded.py")
    (plugin / "answers.json").write_text(json.dumps(recorded))


@pytest.mark.parametrize("line", SAID.values(), ids=SAID)
async def test_what_a_site_says_comes_out_as_its_class(line: Line, bring: Bringer) -> None:
    answers(bring, {"x": {"says": line.error.partition(": ")[2] or line.error}})
    with pytest.raises(TransferError) as raised:
        await bring("http://recorded.example/x")
    assert type(raised.value) is line.means
    assert getattr(raised.value, "because", None) is line.because
    assert getattr(raised.value, "site_wide", False) is line.site_wide


async def test_a_region_is_known_by_its_class(bring: Bringer) -> None:
    answers(bring, {"x": {"geo": "not here"}})
    with pytest.raises(TransferRefusedError) as refused:
        await bring("http://recorded.example/x")
    assert refused.value.because is Barrier.REGION


@pytest.mark.parametrize("status", ["is_live", "is_upcoming", "post_live"])
async def test_what_is_not_over_is_refused_by_its_status(bring: Bringer, status: str) -> None:
    info = {"live_status": status, "formats": [{"url": "http://127.0.0.1:9/x.mp4", "format_id": "a"}]}
    answers(bring, {"x": {"info": info}})
    with pytest.raises(TransferRefusedError) as refused:
        await bring("http://recorded.example/x")
    assert refused.value.because is Barrier.LIVE


@pytest.mark.parametrize(
    ("has_deno", "means"), [(True, TransferRefusedError), (False, TransferRejectedError)]
)
async def test_no_format_is_the_videos_trouble_only_where_deno_runs(
    bring: Bringer, has_deno: bool, means: type[TransferError], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_deno:
        monkeypatch.setattr(equipment, "find_deno", lambda: None)
    answers(bring, {"x": {"info": {"formats": [IMAGE]}}})
    with pytest.raises(means):
        await bring("http://recorded.example/x")


async def test_data_that_is_forbidden_twice_is_the_sites_word(site: SimulatedSite, bring: Bringer) -> None:
    forbidden = {"url": f"{site.url}/403/good.mp4", "format_id": "a", "ext": "mp4"}
    answers(bring, {"x": {"info": {"formats": [forbidden]}}})
    with pytest.raises(TransferUnavailableError) as raised:
        await bring("http://recorded.example/x")
    assert raised.value.site_wide
    assert len(site.asked) >= 2


async def test_it_prefers_what_plays_everywhere_within_the_height(
    site: SimulatedSite, bring: Bringer
) -> None:
    def one(name: str, height: int, codec: str) -> dict[str, Any]:
        url = f"{site.url}/{'good.mp4' if name == 'right' else '404/x.mp4'}"
        sound = "mp4a.40.2" if codec.startswith("avc1") else "opus"
        return {
            "format_id": name,
            "url": url,
            "ext": "mp4",
            "height": height,
            "vcodec": codec,
            "acodec": sound,
        }

    formats = [
        one("hdr", 2160, "vp9"),
        one("vp9", 1080, "vp9"),
        one("right", 1080, "avc1"),
        one("sd", 480, "avc1"),
    ]
    answers(bring, {"x": {"info": {"formats": formats, "duration": 4}}})
    brought = await bring("http://recorded.example/x")
    assert (brought.title, brought.duration) == ("A film", 4)
    assert {one.duration for one in bring.told} >= {4}
