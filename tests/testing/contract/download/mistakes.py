"""Downloaders that are the toy but for one thing, each with the checks that must catch it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession

from trailarrd.plugin import (
    Barrier,
    Brought,
    Candidate,
    Downloader,
    DownloaderSettings,
    Equipment,
    Lack,
    Progress,
    Quality,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferUnavailableError,
)
from trailarrd.testing.toy import TOY, Toy

Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A downloader with one thing wrong."""

    name: str
    downloader: Downloader
    checks: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


MISTAKES: Final[list[Mistake]] = []


def caught_by(*checks: str) -> Callable[[type[Toy]], type[Toy]]:
    """Marks what is built in the toy's place."""

    def keep(build: type[Toy]) -> type[Toy]:
        MISTAKES.append(Mistake(build.__name__, replace(TOY, build=build), checks))
        return build

    return keep


def _saying(name: str, check: str, **fields: Any) -> None:
    MISTAKES.append(Mistake(name, replace(TOY, **fields), (check,)))


_counter = iter(range(10**9))
_saying("fits_nothing", "test_it_fits_what_it_brings", fits=lambda url: 0)
_saying("fits_beyond_all", "test_it_fits_what_it_brings", fits=lambda url: 1000)
_saying("fits_is_true", "test_fits_and_site_take_every_text", fits=lambda url: True)
_saying(
    "fits_raises", "test_fits_and_site_take_every_text", fits=lambda url: 1 + 0 * int(url.split(":")[2][:5])
)
_saying("site_is_empty", "test_fits_and_site_take_every_text", site=lambda url: url.partition("//")[2][:50])
_saying("site_is_long", "test_fits_and_site_take_every_text", site=lambda url: f"x{url}")
_saying("site_is_another_each_time", "test_fits_and_site_are_pure", site=lambda url: str(next(_counter)))


@caught_by("test_building_asks_nothing")
class BeginsWhenBuilt(Toy):
    def __init__(self, session: ClientSession, settings: DownloaderSettings) -> None:
        super().__init__(session, settings)
        asyncio.ensure_future(asyncio.sleep(0.1))  # noqa: RUF006  # the mistake


@caught_by("test_building_asks_nothing")
class WritesWhenBuilt(Toy):
    def __init__(self, session: ClientSession, settings: DownloaderSettings) -> None:
        super().__init__(session, settings)
        settings.state.mkdir()


class Spoiling(Toy):
    """Does something with a video that has come."""

    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        brought = await super().download(candidate, folder, quality, tell)
        return await self.spoilt(brought, folder, tell)

    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        raise NotImplementedError


@caught_by("test_one_file_comes_whole")
class LeavesTwo(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        (folder / "video.info.json").write_text("{}")
        return brought


@caught_by("test_one_file_comes_whole")
class LeavesALink(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        (folder / brought.file).rename(folder.parent / "kept.mp4")
        (folder / brought.file).symlink_to(folder.parent / "kept.mp4")
        return brought


@caught_by("test_one_file_comes_whole")
class LosesTheEnd(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        os.truncate(folder / brought.file, 100_000)
        return brought


@caught_by("test_one_file_comes_whole")
class NamesAnother(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        return Brought(file="trailer.mp4", url=brought.url)


@caught_by("test_one_file_comes_whole", "test_its_name_is_plain_and_a_videos")
class ReturnsNothing(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        return None  # type: ignore[return-value]  # the mistake


@caught_by("test_its_name_is_plain_and_a_videos")
class NamesItAsTheSite(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        (folder / brought.file).rename(folder / "video.php")
        return Brought(file="video.php", url=brought.url)


@caught_by("test_its_name_is_plain_and_a_videos")
class LeadsOut(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        return Brought(file=f"../{folder.name}/{brought.file}", url=brought.url)


@caught_by("test_progress_is_told")
class TellsNothing(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        return await super().download(candidate, folder, quality, lambda _: None)


@caught_by("test_progress_is_told")
class TellsMoreThanAll(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        def beyond(one: Progress) -> None:
            tell(Progress(step=one.step, done=2 * one.total if one.total else None, total=one.total))

        return await super().download(candidate, folder, quality, beyond)


@caught_by("test_progress_is_told")
class TellsPieces(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        last = 0

        def pieces(one: Progress) -> None:
            nonlocal last
            done = one.done or 0
            tell(Progress(step=one.step, done=max(1, 200_000 - done)))
            last = done

        return await super().download(candidate, folder, quality, pieces)


@caught_by("test_progress_is_told")
class TellsStories(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        tell(Progress(step="now it is going to begin, as soon as everything is ready"))
        return await super().download(candidate, folder, quality, tell)


@caught_by("test_nothing_is_told_afterwards")
class GoesOn(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        asyncio.get_running_loop().call_later(0.05, tell, Progress(step="cleaning"))
        return brought


@caught_by("test_nothing_is_told_afterwards")
class LeavesATask(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        asyncio.ensure_future(asyncio.sleep(5))  # noqa: RUF006  # the mistake
        return brought


@caught_by("test_what_tell_raises_gets_through")
class IgnoresWhatTellRaises(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        def calm(one: Progress) -> None:
            with suppress(Exception):
                tell(one)

        return await super().download(candidate, folder, quality, calm)


@caught_by("test_what_tell_raises_gets_through")
class WrapsWhatTellRaises(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        try:
            return await super().download(candidate, folder, quality, tell)
        except TransferError as error:
            raise TransferUnavailableError(str(error)) from None


@caught_by("test_nothing_is_written_elsewhere")
class KeepsACache(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        (Path.home() / ".cache").mkdir()
        return brought


@caught_by("test_nothing_is_written_elsewhere")
class ForgetsATemporaryFile(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        os.close(os.open(f"{os.environ['TMPDIR']}/fragment", os.O_CREAT))
        return brought


@caught_by("test_a_folder_may_be_called_anything")
class ExpandsTheFolder(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        expanded = Path(os.path.expandvars(folder))
        os.makedirs(expanded, exist_ok=True)  # noqa: PTH103  # the mistake is another
        return await super().download(candidate, expanded, quality, tell)


@caught_by("test_two_at_once_do_not_mix")
class SharesAVariable(Toy):
    latest: Path

    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        SharesAVariable.latest = folder
        await asyncio.sleep(0.05)
        return await super().download(candidate, SharesAVariable.latest, quality, tell)


@caught_by("test_the_event_loop_is_never_blocked")
class Blocks(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        time.sleep(0.08)  # noqa: ASYNC251  # the mistake
        return brought


@caught_by("test_it_needs_no_home_and_no_path")
class NeedsHome(Spoiling):
    async def spoilt(self, brought: Brought, folder: Path, tell: Tell) -> Brought:
        assert os.environ["HOME"]
        return brought


class Mistaking(Toy):
    """Raises something else than it should."""

    def instead(self, error: TransferError) -> Exception | None:
        raise NotImplementedError

    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        try:
            return await super().download(candidate, folder, quality, tell)
        except TransferError as error:
            if other := self.instead(error):
                raise other from None
            (folder / "video.mp4").touch()
            return Brought(file="video.mp4", url=candidate.url)


@caught_by("test_what_is_not_there_is_gone", "test_too_many_requests_are_the_sites_word")
class AllIsUnavailable(Mistaking):
    def instead(self, error: TransferError) -> Exception:
        return TransferUnavailableError(str(error))


@caught_by("test_a_server_in_trouble_is_tried_later")
class AllIsGone(Mistaking):
    def instead(self, error: TransferError) -> Exception:
        return TransferGoneError(str(error))


@caught_by("test_a_server_in_trouble_is_tried_later")
class AllIsTheSites(Mistaking):
    def instead(self, error: TransferError) -> Exception:
        return TransferUnavailableError(str(error), site_wide=True)


@caught_by("test_a_refusal_is_an_error_of_the_contract")
class RaisesItsOwn(Mistaking):
    def instead(self, error: TransferError) -> Exception:
        return RuntimeError(str(error))


@caught_by("test_a_page_is_no_video", "test_half_a_video_is_none", "test_private_addresses_are_left_alone")
class ReturnsWhatCame(Mistaking):
    def instead(self, error: TransferError) -> Exception | None:
        return None


@caught_by("test_what_is_too_large_is_refused")
class RefusesByFormat(Mistaking):
    def instead(self, error: TransferError) -> Exception:
        return TransferRefusedError(str(error), because=Barrier.FORMAT)


@caught_by("test_what_is_too_large_is_refused")
class LooksAtTheSizeAtTheEnd(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        patient = Quality(height=quality.height, max_bytes=8 * quality.max_bytes)
        brought = await super().download(candidate, folder, patient, tell)
        if (folder / brought.file).stat().st_size > quality.max_bytes:
            raise TransferRefusedError("it is too large", because=Barrier.SIZE)
        return brought


@caught_by("test_a_video_without_a_length_comes")
class WantsALength(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        def demand(one: Progress) -> None:
            if one.done and one.total is None:
                raise TransferUnavailableError("it has no length")
            tell(one)

        return await super().download(candidate, folder, quality, demand)


@caught_by("test_what_does_not_move_is_not_told_of")
class TellsByTheClock(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        async def tick() -> None:
            while True:
                await asyncio.sleep(0.1)
                tell(Progress(step="downloading"))

        clock = asyncio.ensure_future(tick())
        try:
            return await super().download(candidate, folder, quality, tell)
        finally:
            clock.cancel()


class OfItsOwn(Toy):
    """Opens a session of its own."""

    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        async with ClientSession() as session:
            return await Toy(session, self.settings).download(candidate, folder, quality, tell)


caught_by("test_private_addresses_are_left_alone", "test_the_proxy_is_used")(OfItsOwn)


@caught_by("test_no_error_tells_a_secret")
class TellsTheProxy(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        try:
            return await super().download(candidate, folder, quality, tell)
        except TransferError as error:
            proxy = self.settings.proxy.reveal() if self.settings.proxy else ""
            raise TransferUnavailableError(f"{error}, by way of {proxy}") from None


@caught_by("test_cancelling_ends_it")
class CannotBeCancelled(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        try:
            return await super().download(candidate, folder, quality, tell)
        except asyncio.CancelledError:
            return Brought(file="video.mp4", url=candidate.url)


@caught_by("test_cancelling_leaves_nothing")
class LeavesAFileOpen(Toy):
    kept: list[Any] = []  # noqa: RUF012  # the mistake

    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        self.kept.append((folder / "log").open("w"))  # the mistake
        return await super().download(candidate, folder, quality, tell)


@caught_by("test_cancelling_leaves_nothing", "test_nothing_outlives_trailarrd")
class LeavesAProcess(Toy):
    async def download(self, candidate: Candidate, folder: Path, quality: Quality, tell: Tell) -> Brought:
        command = (sys.executable, "-c", "import time; time.sleep(4)")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: ASYNC220  # the mistake
            process.wait = lambda timeout=None: 0  # type: ignore[method-assign]  # nobody waits for it
            return await super().download(candidate, folder, quality, tell)


class Telling(Toy):
    """Tells of itself, wrongly."""

    found: object

    async def examine(self) -> Equipment:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found  # type: ignore[return-value]  # the mistake


@caught_by("test_examining_asks_nobody")
class RaisesWhenExamined(Telling):
    found = OSError("no such program")


@caught_by("test_examining_asks_nobody")
class ExaminesToWords(Telling):
    found = ("deno is missing",)


@caught_by("test_every_lack_is_told_with_advice")
class ShoutsOfALack(Telling):
    found = Equipment(lacks=(Lack(fact="DENO IS MISSING!", advice="install it", blocking=True),))


@caught_by("test_there_is_nothing_to_go_back_to_at_first")
class GoesBackToNothing(Toy):
    async def update(self) -> str:
        return "2"

    async def rollback(self) -> str:
        return "1"
