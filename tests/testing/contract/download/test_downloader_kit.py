"""The kit for downloaders catches what it is for, and one with which nothing is wrong passes every check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.testing.contract.download.mistakes import MISTAKES, Mistake
from trailarrd.plugin import Downloader
from trailarrd.testing import SimulatedSite
from trailarrd.testing.contract import DownloaderContract
from trailarrd.testing.contract.download import stopping
from trailarrd.testing.contract.download.trial import NAME, VIDEO, DownloadTrial
from trailarrd.testing.toy import TOY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CAUGHT_BY = [(mistake, check) for mistake in MISTAKES for check in mistake.checks]
CHECKS = {name for name in dir(DownloaderContract) if name.startswith("test_")}


class TestToy(DownloaderContract):
    @pytest.fixture
    def downloader(self) -> Downloader:
        return TOY


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedSite]:
    folder = tmp_path_factory.mktemp("site")
    (folder / NAME).write_bytes(VIDEO)
    (folder / "other.mp4").write_bytes(VIDEO[:-1000])
    (folder / "page.html").write_text("<html></html>")
    with SimulatedSite(folder) as site:
        yield site


@pytest.mark.usefixtures("left_tidy")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("mistake", "check"), CAUGHT_BY, ids=str)
def test_a_mistake_is_caught_by_the_check_that_is_meant_for_it(
    mistake: Mistake, check: str, site: SimulatedSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "_KILLED_WITHIN", 0.2)  # what was killed is gone by then
    site.asked.clear()
    trial = DownloadTrial(
        downloader=mistake.downloader,
        options=None,
        site=site,
        good=f"{site.url}/{NAME}",
        other=f"{site.url}/other.mp4",
        content=VIDEO,
        home=tmp_path,
    )
    with pytest.raises(pytest.fail.Exception) as caught:
        getattr(DownloaderContract(), check)(trial)
    happened, do, why = str(caught.value).strip().split("\n  ")
    assert happened.strip()
    assert do.startswith("what to do:  ")
    assert why.startswith("why:         ")


def test_every_check_catches_a_mistake() -> None:
    assert {check for _, check in CAUGHT_BY} == CHECKS
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)
