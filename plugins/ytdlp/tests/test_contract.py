"""What every downloader must do, shown of yt-dlp itself, on a site on 127.0.0.1."""

from __future__ import annotations

import pytest

from tests.depth import IS_DEEP
from trailarrd.plugin import Downloader
from trailarrd.testing.contract import DownloaderContract
from trailarrd.testing.contract.download.descriptor import DescriptorChecks
from trailarrd_ytdlp import trailarrd_downloaders
from trailarrd_ytdlp.options import Upkeep, YtdlpOptions

pytest.importorskip("yt_dlp", reason="yt-dlp is not installed: .ci/run installs it")

ALWAYS = {*vars(DescriptorChecks), "test_nothing_outlives_trailarrd"}
"""The others begin a process of half a second each, and the toy shows the same."""


@pytest.mark.deep
class TestYtdlp(DownloaderContract):
    @pytest.fixture(autouse=True)
    def only_some(self, request: pytest.FixtureRequest) -> None:
        if not IS_DEEP and request.function.__name__ not in ALWAYS:
            pytest.skip("only in ./dev deep")

    @pytest.fixture
    def downloader(self) -> Downloader:
        (ytdlp,) = trailarrd_downloaders()
        return ytdlp

    @pytest.fixture
    def options(self) -> YtdlpOptions:
        return YtdlpOptions(engine=Upkeep.OFF)
