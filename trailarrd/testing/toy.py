"""A downloader that does what its contract says, or what the address asks of it, and its plugin."""

import asyncio
import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from trailarrd.plugin import (
    Barrier,
    Brought,
    Candidate,
    Downloader,
    DownloaderSettings,
    Progress,
    Quality,
    TransferGoneError,
    TransferRefusedError,
    TransferRejectedError,
    TransferResponseError,
    TransferUnavailableError,
    hookimpl,
)

_PIECE: Final = 1 << 16
_LIE: Final = 240.0
"""Seconds, of a video that is said to be longer than it is."""


@dataclass(frozen=True, slots=True)
class Toy:
    """Plain HTTP: what is at the address is the video, as a `SimulatedSite` serves it.

    `?toy=…` at the end of an address makes it misbehave once the video has come: `hang`, `crash`, `lie`
    (about the length), `two` (files), `link`, `folder`, `empty`, `none` (no file), `elsewhere` (a name that
    leads out of the folder), `nowhere` (the folder is gone), `full` (the disk, as the system tells it),
    `reject` (it wants a key), `exit` (of the process), `odd` (a title that is none). With `hang` nothing is
    told any more; with `crash` it raises what no contract allows.
    """

    session: ClientSession
    settings: DownloaderSettings

    async def download(
        self, candidate: Candidate, folder: Path, quality: Quality, tell: Callable[[Progress], None]
    ) -> Brought:
        tell(Progress(step="looking"))
        url, file = candidate.url, folder / "video.mp4"
        patience = ClientTimeout(total=None, sock_connect=20, sock_read=60)
        try:
            async with self.session.get(url, timeout=patience) as response:
                _refuse(response, quality)
                await _pour(response, file, quality, tell)
        except (ClientError, TimeoutError) as error:
            raise TransferUnavailableError(f"the connection broke off: {type(error).__name__}") from None
        trick = _trick(url)
        if trick == "hang":
            await asyncio.Event().wait()
        _fail(trick)
        _spoil(trick, file)
        name = "../video.mp4" if trick == "elsewhere" else file.name
        title: Any = 17 if trick == "odd" else None
        return Brought(file=name, url=url, title=title, duration=_LIE if trick == "lie" else None)


def _refuse(response: ClientResponse, quality: Quality) -> None:
    """Raise what an answer means that brings no video, or one that is too large."""
    host, wait = response.url.host, response.headers.get("Retry-After", "")
    retry_after = float(wait) if wait.isdigit() else None
    match response.status:
        case 404 | 410:
            raise TransferGoneError(f"{host} has no such video")
        case 429:
            raise TransferUnavailableError(
                f"{host} wants to be left alone", retry_after=retry_after, site_wide=True
            )
        case status if status >= 400:
            raise TransferUnavailableError(f"{host} answered {status}", retry_after=retry_after)
    if response.content_type.startswith("text/"):
        raise TransferResponseError(f"{host} sent a page instead of a video")
    if (response.content_length or 0) > quality.max_bytes:
        raise _too_large(quality)


async def _pour(
    response: ClientResponse, file: Path, quality: Quality, tell: Callable[[Progress], None]
) -> None:
    done = 0
    with await asyncio.to_thread(file.open, "xb") as target:
        async for piece in response.content.iter_chunked(_PIECE):
            done += len(piece)
            if done > quality.max_bytes:
                raise _too_large(quality)
            target.write(piece)
            tell(Progress(step="downloading", done=done, total=response.content_length))


def _too_large(quality: Quality) -> TransferRefusedError:
    return TransferRefusedError(f"it is larger than {quality.max_bytes} bytes", because=Barrier.SIZE)


def _trick(url: str) -> str:
    """What the address asks for; an empty text: to do as it should."""
    return "".join(parse_qs(urlsplit(url).query).get("toy", []))


def _fail(trick: str) -> None:
    match trick:
        case "crash":
            raise RuntimeError("the toy is broken")
        case "exit":
            raise SystemExit(1)
        case "reject":
            raise TransferRejectedError("the toy wants a key")
        case "full":
            raise OSError(errno.ENOSPC, "no space left on device")


def _spoil(trick: str, file: Path) -> None:
    match trick:
        case "nowhere":
            file.unlink()
            file.parent.rmdir()
        case "two":
            file.with_name("second.mp4").write_bytes(b"a second one")
        case "link":
            file.symlink_to(file.rename(file.with_name("first.mp4")).name)
        case "folder":
            file.with_name("more").mkdir()
        case "empty":
            file.write_bytes(b"")
        case "none":
            file.unlink()


def _fits(url: str) -> int:
    return 100 if url.startswith("http://127.0.0.1:") else 0


def _site(url: str) -> str:
    """Its host and port, however odd the address."""
    return url.removeprefix("http://").partition("/")[0][:100] or "nowhere"


TOY: Final = Downloader(name="toy", build=Toy, fits=_fits, site=_site)


@hookimpl
def trailarrd_downloaders() -> Iterable[Downloader]:
    """For tests that install it: `[trailarrd]` with `toy = trailarrd.testing.toy` in `entry_points.txt`."""
    yield TOY
