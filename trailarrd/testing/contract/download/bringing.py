"""A video comes: one file, whole, and nothing else anywhere."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from trailarrd.plugin import Barrier, Brought, TransferRefusedError
from trailarrd.testing.contract.measure import longest_turn_of
from trailarrd.testing.contract.verdict import fail, require

if TYPE_CHECKING:
    from trailarrd.plugin import Progress
    from trailarrd.testing.contract.download.trial import DownloadTrial, Ended

_SUFFIXES: Final = ("m4v", "mkv", "mov", "mp4", "webm")
_ODD_FOLDER: Final = "$HOME ~ 100% %(id)s \u00ab\u00e9\u00bb\n{x}"
_TURN_AT_MOST: Final = 0.05
_ATTEMPTS: Final = 3
_AFTERWARDS: Final = 0.2
_LONGEST_STEP: Final = 40


class BringingChecks:
    """Bringing: one file comes, whole, and is told of while it does."""

    def test_one_file_comes_whole(self, trial: DownloadTrial) -> None:
        """`download` leaves one plain file, the one that it names, with all the bytes of the video."""
        _require_whole(trial, trial.run(), "nothing is wrong with the site")

    def test_its_name_is_plain_and_a_videos(self, trial: DownloadTrial) -> None:
        """`Brought.file` is a plain name that ends in mp4, m4v, mkv, mov or webm."""
        name = _brought(trial.run()).file
        require(
            os.sep not in name and name.rpartition(".")[2] in _SUFFIXES,
            f"Brought.file is {name!r}",
            do="call the file by a name of your own, as video.mp4, whatever the site calls it",
            why="a name of the site may lead anywhere, and other suffixes are no videos",
        )

    def test_progress_is_told(self, trial: DownloadTrial) -> None:
        """`tell` hears of each step in a word, and of bytes that grow within it, but never beyond all."""
        progress = trial.run().progress
        require(
            progress,
            "nothing was told while the video came",
            do="call tell(Progress(step=…)) at the beginning and whenever something has come",
            why="who tells nothing for 60 seconds is taken for dead",
        )
        done = 0
        for before, one in zip([None, *progress], progress, strict=False):
            done = done if before and before.step == one.step else 0
            _require_sensible(one, done)
            done = one.done or done

    def test_nothing_is_told_afterwards(self, trial: DownloadTrial) -> None:
        """When `download` has returned, `tell` is not called any more, and no task of it goes on."""

        async def then_waited() -> tuple[int, int]:
            ended = await trial.bring()
            heard = len(ended.progress)
            await asyncio.sleep(_AFTERWARDS)
            return len(ended.progress) - heard, len(asyncio.all_tasks()) - 1

        late, tasks = trial.within(then_waited())
        require(
            not late and not tasks,
            f"after it had returned, tell was called {late} times, and {tasks} tasks go on",
            do="await whatever you begin before you return",
            why="the item is done, and its folder is thrown away",
        )

    def test_what_tell_raises_gets_through(self, trial: DownloadTrial) -> None:
        """What `tell` raises ends the download, and comes out as it is."""
        refusal = TransferRefusedError("it is too long", because=Barrier.LENGTH)

        def refuse(_: Progress) -> None:
            raise refusal

        ended = trial.run(tell=refuse)
        require(
            ended.error is refusal,
            f"tell raised TransferRefusedError, and download {ended}",
            do="call tell outside of every `except Exception`",
            why="the core ends a download so whose video is too long, too large or a portrait",
        )

    def test_nothing_is_written_elsewhere(self, trial: DownloadTrial) -> None:
        """Nothing is left but in the folder and in `settings.state`: no cache, no temporary file."""
        with trial.elsewhere() as found:
            trial.run()
        require(
            not found,
            f"it left {', '.join(str(file.relative_to(trial.home)) for file in found[:3])}",
            do="write into `folder`, and keep what shall stay below `settings.state`",
            why="nobody else ever removes it",
        )

    def test_a_folder_may_be_called_anything(self, trial: DownloadTrial) -> None:
        """The folder's name is taken as it is, with `$`, `~`, `%`, braces, quotes and a line break in it."""
        with trial.elsewhere() as found:
            ended = trial.run(into=trial.new_folder(_ODD_FOLDER))
        _require_whole(trial, ended, f"the folder is called {_ODD_FOLDER!r}")
        require(
            not found,
            f"it wrote to {found[:1]}, as the folder is called {_ODD_FOLDER!r}",
            do="let nothing expand the folder's path; better still, work in it by relative names",
            why="the work folder may be anywhere",
        )

    def test_two_at_once_do_not_mix(self, trial: DownloadTrial) -> None:
        """Two downloads at the same time bring what each was asked for."""

        async def both() -> list[Ended]:
            return list(await asyncio.gather(trial.bring(), trial.bring(trial.other)))

        first, second = trial.within(both())
        _require_whole(trial, first, "another download is under way")
        require(
            second.brought and second.files == [second.brought.file],
            f"while another download was under way, one {second}, and left {second.files}",
            do="keep what one download needs in its own variables",
            why="sites are asked side by side",
        )

    def test_the_event_loop_is_never_blocked(self, trial: DownloadTrial) -> None:
        """No download keeps others from their turn for 50 ms."""
        seconds = 1.0
        for _ in range(_ATTEMPTS):  # a machine may be busy for a moment; what blocks always blocks
            seconds = min(seconds, trial.within(longest_turn_of(trial.bring()))[1])
            if seconds < _TURN_AT_MOST:
                return
        fail(
            f"nothing else could run for {seconds * 1000:.0f} ms",
            do="await the session, and do what blocks in a thread or in a process of its own",
            why="all of trailarrd shares one event loop",
        )

    def test_it_needs_no_home_and_no_path(self, trial: DownloadTrial) -> None:
        """A video comes without HOME, without PATH and without any other variable, as under a service."""
        with patch.dict(os.environ, {"LANG": "C.UTF-8"}, clear=True):
            ended = trial.run()
        _require_whole(trial, ended, "the environment is empty")


def _require_sensible(one: Progress, done: int) -> None:
    require(
        one.step and len(one.step) <= _LONGEST_STEP and "\n" not in one.step,
        f"a step is called {one.step[:80]!r}",
        do="say in a word what is done: looking, downloading, merging",
        why="people read it",
    )
    require(
        one.done is None or (one.done >= done and (one.total is None or one.done <= one.total)),
        f"{one} was told, after {done} bytes of that step",
        do="tell bytes in all, and no total where that is but a guess that was too low",
        why="a bar that goes back, or beyond its end, tells nothing",
    )


def _brought(ended: Ended) -> Brought:
    if not isinstance(ended.brought, Brought):
        fail(
            f"download {ended}, although nothing is wrong with the site",
            do="return Brought(file=…, url=…) when the video has come",
            why="no trailer would ever come",
        )
    return ended.brought


def _require_whole(trial: DownloadTrial, ended: Ended, when: str) -> None:
    """One plain file, the one that is named, with the right bytes."""
    require(
        isinstance(ended.brought, Brought),
        f"download {ended}, when {when}",
        do="return Brought(file=…, url=…) when the video has come",
        why="no trailer would come",
    )
    name = _brought(ended).file
    require(
        ended.files == [name] and not (ended.folder / name).is_symlink() and (ended.folder / name).is_file(),
        f"the folder holds {ended.files}, and Brought.file is {name!r}, when {when}",
        do="leave one plain file in the folder, no link and nothing beside it, and name it",
        why="the core takes one plain file, and nothing where there is doubt",
    )
    size, whole = (ended.folder / name).stat().st_size, trial.content
    require(
        size and (whole is None or (ended.folder / name).read_bytes() == whole),
        f"the file has {size} bytes and is not the video that the site has, when {when}",
        do="write all that comes, in its order, and close the file before you return",
        why="half a trailer is none",
    )
