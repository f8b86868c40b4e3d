"""A disk that hangs holds nobody up, and what comes of it then is seen by nobody."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from tests.download.conftest import Shelf
from trailarrd.domain.failure import Failure
from trailarrd.download.patience import Patience
from trailarrd.download.placing import Guards, PlacingError, hidden_copy


@pytest.mark.parametrize("ends", ["by itself", "by a stop"])
async def test_what_was_left_to_itself_makes_nothing_visible(
    tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    video, hangs, poured = tmp_path / "video.mp4", Event(), Event()
    video.write_bytes(b"video")
    patience = Patience(0.1 if ends == "by itself" else 60)
    guards = Guards(min_free=0, given_up=patience.given_up)

    def pour(_source: Path, copy: int, guards: Guards) -> None:
        poured.set()
        hangs.wait(10)
        guards.check()

    monkeypatch.setattr("trailarrd.download.placing._pour", pour)

    async def place() -> None:
        async with patience.within(hidden_copy(video, shelf.spot(), guards)) as hidden:
            hidden.reveal()

    task = asyncio.ensure_future(place())
    if ends == "by a stop":
        await asyncio.to_thread(poured.wait, 10)
        task.cancel()
        asyncio.get_running_loop().call_later(0.1, hangs.set)
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        with pytest.raises(PlacingError, match="does not answer") as caught:
            await task
        assert caught.value.failure is Failure.DISK
    hangs.set()
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            while shelf.everything != ["Film (2020).mkv"]:
                await asyncio.sleep(0.01)
    assert shelf.everything == ["Film (2020).mkv"]
