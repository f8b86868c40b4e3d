"""A video comes otherwise than it should."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

from tests.testing.contract.download.mistakes.mistake import Tell, caught_by
from trailarrd.plugin import Brought, Candidate, Progress, Quality, TransferError, TransferUnavailableError
from trailarrd.testing.toy import Toy


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
