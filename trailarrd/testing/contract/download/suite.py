"""The contract of downloaders as one class, of which an author derives his tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trailarrd.plugin import Downloader
from trailarrd.testing.contract.download.bringing import BringingChecks
from trailarrd.testing.contract.download.descriptor import DescriptorChecks
from trailarrd.testing.contract.download.equipment import EquipmentChecks
from trailarrd.testing.contract.download.refusing import RefusingChecks
from trailarrd.testing.contract.download.stopping import StoppingChecks
from trailarrd.testing.contract.download.trial import NAME, VIDEO, DownloadTrial
from trailarrd.testing.contract.verdict import fail
from trailarrd.testing.site import SimulatedSite


# Most important last: pytest begins with the checks of the last class.
class DownloaderContract(StoppingChecks, EquipmentChecks, RefusingChecks, BringingChecks, DescriptorChecks):
    """All checks of a downloader. Give it a fixture, `downloader`::

    class TestArchive(DownloaderContract):
        @pytest.fixture
        def downloader(self) -> Downloader:
            return next(iter(trailarrd_downloaders()))

    One that brings nothing by plain HTTP says with `good` and `other` what it brings instead.
    """

    @pytest.fixture
    def downloader(self) -> Downloader:
        """The downloader that is checked."""
        fail(
            "there is no downloader to check",
            do="define a fixture `downloader` in your class that returns what your hook yields",
            why="all checks are about it",
        )

    @pytest.fixture
    def options(self, downloader: Downloader) -> Any:
        """An instance of the downloader's options; by default one in which nothing is set."""
        try:
            return downloader.options() if downloader.options else None
        except ValueError as error:
            fail(
                f"the downloader has options that must be given: {error}",
                do="define a fixture `options` in your class that returns an instance of Downloader.options",
                why="the downloader is built with them",
            )

    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[SimulatedSite]:
        """A site on 127.0.0.1 with the kit's video, another one and a page."""
        folder = tmp_path / "site"
        folder.mkdir()
        (folder / NAME).write_bytes(VIDEO)
        (folder / "other.mp4").write_bytes(VIDEO[:-1000])
        (folder / "page.html").write_text("<html><title>Log in</title></html>", encoding="utf-8")
        with SimulatedSite(folder) as site:
            yield site

    @pytest.fixture
    def good(self, site: SimulatedSite) -> str:
        """An address that the downloader brings; by default of the kit's video on its site."""
        return f"{site.url}/{NAME}"

    @pytest.fixture
    def other(self, site: SimulatedSite) -> str:
        """Another address that it brings."""
        return f"{site.url}/other.mp4"

    @pytest.fixture
    def content(self) -> bytes | None:
        """What comes from `good`, byte by byte; None where that is not known."""
        return VIDEO

    @pytest.fixture
    def trial(
        self,
        downloader: Downloader,
        options: Any,
        site: SimulatedSite,
        good: str,
        other: str,
        content: bytes | None,
        tmp_path: Path,
    ) -> DownloadTrial:
        """What the checks work with."""
        home = tmp_path / "trial"
        home.mkdir()
        return DownloadTrial(
            downloader=downloader,
            options=options,
            site=site,
            good=good,
            other=other,
            content=content,
            home=home,
        )
