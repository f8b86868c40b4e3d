"""What cannot or must not come is told otherwise than it should be."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import ClientSession

from tests.testing.contract.download.mistakes.mistake import Tell, caught_by
from trailarrd.plugin import (
    Barrier,
    Brought,
    Candidate,
    Progress,
    Quality,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferUnavailableError,
)
from trailarrd.testing.toy import Toy


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
