"""Brings one video by yt-dlp itself into a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trailarrd.plugin import Brought, Candidate, DownloaderSettings, Progress, Quality, Secret
from trailarrd.plugin.outside import open_outside
from trailarrd_ytdlp.download import YtdlpDownload
from trailarrd_ytdlp.options import Upkeep, YtdlpOptions

if TYPE_CHECKING:
    from pathlib import Path

    from trailarrd_ytdlp.process import Clocks


@dataclass
class Bringer:
    """Brings one video into a folder of its own."""

    at: Path
    told: list[Progress] = field(default_factory=list)

    async def __call__(
        self,
        url: str,
        *,
        clocks: Clocks | None = None,
        quality: Quality | None = None,
        public_only: bool = False,
        proxy: str = "",
        **options: Any,
    ) -> Brought:
        self.at.mkdir()
        quality = quality or Quality(height=1080, max_bytes=50 << 20)
        asked = YtdlpOptions(**{"engine": Upkeep.OFF, **options})
        settings = DownloaderSettings(
            state=self.at.parent / "state", options=asked, proxy=Secret(proxy) if proxy else None
        )
        async with open_outside(public_only=public_only) as session:
            download = YtdlpDownload(session, settings, clocks)
            candidate = Candidate(url=url, public_only=public_only)
            return await download.download(candidate, self.at, quality, self.told.append)
