"""No video comes, for whatever reason: which error says so decides who waits for what."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final, TypeVar

from trailarrd.plugin import (
    Barrier,
    Quality,
    TransferError,
    TransferGoneError,
    TransferRefusedError,
    TransferResponseError,
    TransferUnavailableError,
)
from trailarrd.testing.contract.download.trial import NAME, VIDEO
from trailarrd.testing.contract.verdict import fail, require

if TYPE_CHECKING:
    from trailarrd.plugin import Progress
    from trailarrd.testing.contract.download.trial import DownloadTrial, Ended

ErrorT = TypeVar("ErrorT", bound=TransferError)

_SMALL: Final = Quality(height=1080, max_bytes=len(VIDEO) // 3)
_SLACK: Final = 1 << 16
_HUSH: Final = "5f3c0ffee5eed0fa"
_STILL: Final = 0.4
_WAITS: Final = (None, 60)


class RefusingChecks:
    """Refusing: each reason for which no video comes has its error, and nothing looks like a video then."""

    def test_what_is_not_there_is_gone(self, trial: DownloadTrial) -> None:
        """404 raises `TransferGoneError`."""
        _must_raise(
            trial.run(trial.at(f"404/{NAME}")),
            TransferGoneError,
            when="the site answers 404",
            why="such an address is asked for again and again otherwise",
        )

    def test_too_many_requests_are_the_sites_word(self, trial: DownloadTrial) -> None:
        """429 raises `TransferUnavailableError` with `site_wide`; `retry_after` is the site's, if any."""
        error = _must_raise(
            trial.run(trial.at(f"429/{NAME}")),
            TransferUnavailableError,
            when="the site answers 429",
            why="item after item would be tried against a wall, and be given up",
        )
        require(
            error.site_wide and error.retry_after in _WAITS,
            f"the error of a 429 with `Retry-After: 60` has site_wide={error.site_wide},"
            f" retry_after={error.retry_after}",
            do="raise TransferUnavailableError(…, site_wide=True, retry_after=60)",
            why="then the site is left alone, and no item's attempt is counted",
        )

    def test_a_server_in_trouble_is_tried_later(self, trial: DownloadTrial) -> None:
        """503, and nobody who answers at all, raise `TransferUnavailableError` without `site_wide`."""
        for url, when in (
            (trial.at(f"503/{NAME}"), "the site answers 503"),
            (f"http://127.0.0.1:{_closed_port()}/{NAME}", "nobody listens there"),
        ):
            error = _must_raise(trial.run(url), TransferUnavailableError, when=when, why="it heals by itself")
            require(
                not error.site_wide,
                f"site_wide is set, when {when}",
                do="leave site_wide for what the site says of all that we ask, as by 429",
                why="one broken address would stop all of a site",
            )

    def test_a_refusal_is_an_error_of_the_contract(self, trial: DownloadTrial) -> None:
        """401, 403, 410 and 500 raise an error of the contract."""
        for status in (401, 403, 410, 500):
            _must_raise(
                trial.run(trial.at(f"{status}/{NAME}")),
                TransferError,
                when=f"the site answers {status}",
                why="anything else is told to the user as the plugin's mistake",
            )

    def test_a_page_is_no_video(self, trial: DownloadTrial) -> None:
        """A page of HTML where the video should be raises an error of the contract."""
        _must_raise(
            trial.run(trial.at("page.html")),
            TransferError,
            when="a page comes instead of a video",
            why="login pages and notices come with status 200",
        )

    def test_half_a_video_is_none(self, trial: DownloadTrial) -> None:
        """A connection that ends early raises `TransferUnavailableError` or `TransferResponseError`."""
        _must_raise(
            trial.run(trial.at(f"cut/{NAME}")),
            TransferUnavailableError,
            TransferResponseError,
            when="the connection ends in the middle",
            why="half a trailer would be shown as a whole one",
        )

    def test_a_video_without_a_length_comes(self, trial: DownloadTrial) -> None:
        """A site that does not say how long its answer is is no trouble."""
        ended = trial.run(trial.at(f"nolen/{NAME}"))
        require(
            ended.brought and (ended.folder / ended.brought.file).read_bytes() == VIDEO,
            f"download {ended}, when the site does not say how long its answer is",
            do="read until the end, and count",
            why="many sites answer so",
        )

    def test_what_is_too_large_is_refused(self, trial: DownloadTrial) -> None:
        """More than `Quality.max_bytes`, told or without an end, raises `TransferRefusedError` by `SIZE`."""
        for path in (NAME, f"nolen/{NAME}", f"endless/{NAME}"):
            ended = trial.run(trial.at(path), quality=_SMALL)
            when = f"/{path} has more than the {_SMALL.max_bytes} bytes of max_bytes"
            error = _must_raise(
                ended, TransferRefusedError, when=when, why="a stream without end fills a disk"
            )
            require(
                error.because is Barrier.SIZE,
                f"because is {error.because}, when {when}",
                do="raise TransferRefusedError(…, because=Barrier.SIZE)",
                why="what is too large is asked for again when the setting is another",
            )
            size = sum(file.stat().st_size for file in ended.folder.iterdir())
            require(
                size <= _SMALL.max_bytes + _SLACK,
                f"{size} bytes were written, when {when}",
                do="count while it comes, and stop",
                why="the core keeps room for no more",
            )

    def test_what_does_not_move_is_not_told_of(self, trial: DownloadTrial) -> None:
        """While nothing comes, nothing is told and nothing is returned: then the core's clock ends it."""

        async def watch() -> tuple[int, bool]:
            heard: list[Progress] = []
            comes = asyncio.Event()

            def note(one: Progress) -> None:
                heard.append(one)
                if one.done:
                    comes.set()

            task = asyncio.ensure_future(trial.bring(trial.at(f"stall/{NAME}"), tell=note))
            begun = asyncio.ensure_future(comes.wait())
            await asyncio.wait([task, begun], return_when=asyncio.FIRST_COMPLETED)
            begun.cancel()
            await asyncio.sleep(_STILL)
            before = len(heard)
            await asyncio.sleep(_STILL)
            brought = task.done() and task.result().brought is not None
            task.cancel()
            await asyncio.wait([task], timeout=10)
            return len(heard) - before, brought

        told, brought = trial.within(watch())
        require(
            not told and not brought,
            f"while nothing came, tell was called {told} times, and download"
            f" {'returned' if brought else 'went on'}",
            do="call tell when something has moved, and by no clock",
            why="a download that hangs would never be ended",
        )

    def test_private_addresses_are_left_alone(self, trial: DownloadTrial) -> None:
        """With `public_only` a host that is not public raises `TransferRefusedError`, and is not asked."""
        ended = trial.run(trial.at(NAME), public_only=True)
        error = _must_raise(
            ended,
            TransferRefusedError,
            when="the address is 127.0.0.1 and public_only is set",
            why="who may only use the API could read what is in the user's own network",
        )
        require(
            error.because is Barrier.PRIVATE_ADDRESS and not trial.site.asked,
            f"because is {error.because}, and the host was asked {len(trial.site.asked)} times",
            do="use the session that you are given, or look at each host before you connect to it",
            why="asking alone does harm: many devices obey a GET",
        )

    def test_the_proxy_is_used(self, trial: DownloadTrial) -> None:
        """Everything is asked through `DownloaderSettings.proxy`, and nothing around it."""
        trial.at(NAME)
        url = f"http://one.example/{NAME}"
        ended = trial.run(url, proxy=trial.site.url)
        require(
            ended.brought and all(one.startswith("http://one.example/") for one in trial.site.asked),
            f"download {ended}, and asked the proxy for {trial.site.asked[:3]}",
            do="use the session that you are given, or hand settings.proxy to what asks",
            why="a proxy is there so that the site does not see the user's own address",
        )

    def test_no_error_tells_a_secret(self, trial: DownloadTrial) -> None:
        """No error has the proxy's password in its text, its repr or its cause."""
        trial.at(NAME)
        for proxy in (
            f"http://user:{_HUSH}@127.0.0.1:{_closed_port()}",
            trial.site.url.replace("//", f"//user:{_HUSH}@"),
        ):
            ended = trial.run(f"http://one.example/404/{NAME}", proxy=proxy)
            said = f"{ended.error} {ended.error!r} {getattr(ended.error, '__cause__', '')!r}"
            require(
                isinstance(ended.error, TransferError) and _HUSH not in said,
                f"with a proxy that does not work, download {str(ended).replace(_HUSH, 'THE PASSWORD')}",
                do="say in your own words what happened, and `raise … from None`",
                why="errors are shown on web pages, sent as notifications and pasted into forums",
            )


def _must_raise(ended: Ended, *allowed: type[ErrorT], when: str, why: str) -> ErrorT:
    if not isinstance(ended.error, allowed):
        names = " or ".join(error.__name__ for error in allowed)
        fail(f"download {ended}, when {when}", do=f"raise {names}", why=why)
    return ended.error


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
